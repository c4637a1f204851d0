"""One path and all that answers there: method, permission and size are settled before work."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from domain.access import PUBLIC, Principal, Problem, holders
from infra.http.headers import header

Authenticate = Callable[[str], Awaitable[Principal | None]]

BODY_LIMIT: Final = 256 * 1024


class Resource:
    """The routes of one path as one ASGI application, so that `Allow` names every method."""

    def __init__(self, routes: Sequence[Route], authenticate: Authenticate) -> None:
        self._authenticate = authenticate
        self._routes = {m: route for route in routes for m in route.methods or {"GET"}}
        self._allow = ", ".join(sorted({*self._routes, "OPTIONS"}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        route = self._routes.get(method)
        if route is None:
            if method != "OPTIONS":
                raise _not_allowed(method, self._allow)
            await Response(status_code=204, headers={"Allow": self._allow})(scope, receive, send)
            return
        endpoint = route.endpoint
        scope["endpoint"] = endpoint
        scope["state"]["route"] = route.path
        if endpoint.permission != PUBLIC:
            await self._admit(scope, endpoint)
        limit = getattr(endpoint, "body_limit", BODY_LIMIT)
        # Not through the route's own application: what it would catch is caught further out.
        response = await endpoint(Request(scope, _limited(scope, receive, limit), send))
        await response(scope, receive, send)

    async def _admit(self, scope: Scope, endpoint: Any) -> None:
        """By the key, or where there is none by what else the endpoint takes (`admit`)."""
        principal, wanted = None, endpoint.permission
        if hasattr(endpoint, "admit") and not header(scope, b"authorization"):
            principal = await endpoint.admit(scope)
        principal = principal or await self._known(scope)
        if wanted not in principal.permissions:
            detail = f"this needs {wanted}, which {holders(wanted)} have; {principal.described}"
            raise Problem(403, "permission_missing", detail)
        scope["state"]["principal"] = principal
        structlog.contextvars.bind_contextvars(workspace=str(principal.workspace_id))

    async def _known(self, scope: Scope) -> Principal:
        kind, _, token = header(scope, b"authorization").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise _unauthorised(
                "", "this needs a key or an access token: Authorization: Bearer blz_…"
            )
        principal = await self._authenticate(token.strip())
        if principal is None:
            raise _unauthorised(
                ', error="invalid_token"',
                "the key or token is not known, has expired or was revoked",
            )
        return principal


def _unauthorised(error: str, detail: str) -> Problem:
    challenge = {"WWW-Authenticate": f'Bearer realm="blazz"{error}'}
    return Problem(401, "unauthorised", detail, headers=challenge)


def _not_allowed(method: str, allow: str) -> Problem:
    detail = f"{method} is not possible here; possible are {allow}"
    return Problem(405, "method_not_allowed", detail, headers={"Allow": allow})


def _limited(scope: Scope, receive: Receive, limit: int) -> Receive:
    """Starlette's own limit answers in plain text; this one raises a problem like all others."""
    announced = header(scope, b"content-length")
    if announced.isdigit() and int(announced) > limit:
        raise _too_large(limit)
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > limit:
                raise _too_large(limit)
        return message

    return counted


def _too_large(limit: int) -> Problem:
    return Problem(413, "body_too_large", f"a body may have {limit} bytes here at most")
