"""The routes of signing in and of one's own account, and how they are described."""

from typing import Any, Final

from pydantic import BaseModel
from starlette.routing import Route

from commands.handling import Desk
from commands.joining import Acceptance, PasswordChange, Reception
from commands.operations import described, json_body, longer_receipt, receipt, refusals
from commands.passwords import Passwords
from commands.seals import Seals
from commands.signing_in import Credentials, Door
from commands.staying import Refresh, Renewal
from domain.access import PUBLIC, ROLES, Permission

_TEXT: Final = {"type": "string"}
_TOKENS: Final[dict[str, Any]] = {
    "user_id": _TEXT,
    "role": {"type": "string", "enum": list(ROLES)},
    "token_type": {"const": "Bearer"},
    "access_token": _TEXT,
    "expires_in": {"type": "integer", "description": "Seconds the access token is good for"},
    "refresh_token": {"type": "string", "description": "Good for one use, which gives the next"},
}
_JOINED: Final[dict[str, Any]] = {"workspace_id": _TEXT, "email": _TEXT}


def routes(desk: Desk, seals: Seals) -> list[Route]:
    """Accept, sign in, refresh; change one's password."""
    passwords = Passwords()
    door, reception = Door(desk, seals, passwords), Reception(desk, seals, passwords)
    return [
        _route(
            "/v1/invitations/accept",
            "Become a user: choose a name and a password",
            reception.accept,
            PUBLIC,
            Acceptance,
            _JOINED,
            refusals(404, 409, 429),
        ),
        _route(
            "/v1/sessions",
            "Sign in",
            door.sign_in,
            PUBLIC,
            Credentials,
            _TOKENS,
            refusals(401, 429),
        ),
        _route(
            "/v1/sessions/refresh",
            "Stay signed in: a new access token and a new refresh token",
            Renewal(desk, seals).refresh,
            PUBLIC,
            Refresh,
            _TOKENS,
            refusals(401, 429),
        ),
        _route(
            "/v1/me/password",
            "Change one's own password; signs out everywhere",
            reception.change_password,
            "me.manage",
            PasswordChange,
            {},
            refusals(409, 429),
        ),
    ]


def _route(
    path: str,
    summary: str,
    work: Any,
    permission: Permission,
    body: type[BaseModel],
    more: dict[str, Any],
    refused: dict[str, Any],
) -> Route:
    async def endpoint(request: Any) -> Any:
        return await work(request)

    named = f"{work.__name__}_receipt" if more else "Receipt"
    request_body, schemas = json_body(body, optional=False)
    responses = {
        **refusals(400, 415, 422),
        **refused,
        "200": receipt(200, replayable=False, schema=named),
    }
    schemas |= {named: longer_receipt(more)}
    operation = described(summary, path.split("/")[2], [], responses, schemas)
    endpoint.__name__ = work.__name__
    marked: Any = endpoint
    marked.operation, marked.permission = {**operation, "requestBody": request_body}, permission
    return Route(path, endpoint, methods=["POST"])
