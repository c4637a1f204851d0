"""One path and all that answers there: methods, key, scope and size are settled before work."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from domain.access import Principal, Problem
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
        if not getattr(endpoint, "public", False):
            await self._admit(scope, getattr(endpoint, "scope", "read"))
        limit = getattr(endpoint, "body_limit", BODY_LIMIT)
        # Not through the route's own application: what it would catch is caught further out.
        response = await endpoint(Request(scope, _limited(scope, receive, limit), send))
        await response(scope, receive, send)

    async def _admit(self, scope: Scope, wanted: str) -> None:
        kind, _, token = header(scope, b"authorization").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise _unauthorised("", "this needs a key: Authorization: Bearer blz_…")
        principal = await self._authenticate(token.strip())
        if principal is None:
            raise _unauthorised(
                ', error="invalid_token"', "the key is not known, has expired or was revoked"
            )
        if wanted not in principal.scopes:
            detail = f"this needs a key with scope {wanted!r}; yours has {list(principal.scopes)}"
            raise Problem(403, "scope_missing", detail)
        scope["state"]["principal"] = principal
        structlog.contextvars.bind_contextvars(workspace=str(principal.workspace_id))


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
