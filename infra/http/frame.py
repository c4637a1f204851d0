"""What every answer has, whoever makes it: a request id, guarding headers, no stray error."""

import logging
import re
import time
from http import HTTPStatus
from typing import Final

import structlog
import uuid_utils.compat as uuids
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infra.http.problems import problem_of, respond

log = logging.getLogger("blazz.http")

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._~:-]{1,128}")
_SAFE: Final = {"GET", "HEAD", "OPTIONS"}
_GUARDS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


class Frame:
    """Outermost: sets `request.state.request_id`, and turns what nobody caught into a 500."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuids.uuid7().hex
        scope.setdefault("state", {})["request_id"] = request_id
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._framed(scope, receive, _Answer(send, request_id))

    async def _framed(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        began = time.perf_counter()
        try:
            await self.app(scope, receive, answer)
        except ClientDisconnect:
            log.info("client went away", extra=_about(scope))
        except Exception as error:
            # The traceback goes to the log; the asker gets the id to find it by.
            log.exception("request failed", extra=_about(scope))
            if answer.status:
                raise
            await respond(Request(scope), problem_of(error))(scope, receive, answer)
        _log(scope, answer, round((time.perf_counter() - began) * 1000, 1))


class _Answer:
    """Puts the headers that every answer has, and remembers what a log line says of it."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send, self._request_id = send, request_id
        self.status, self.position = 0, ""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Request-Id"] = self._request_id
            for name, value in _GUARDS.items():
                headers.setdefault(name, value)
            self.status = message["status"]
            self.position = headers.get("blazz-position", "")
        await self._send(message)


def _log(scope: Scope, answer: _Answer, ms: float) -> None:
    """Commands by one line each; reads and webhooks, which come by the thousand, when asked for."""
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        level = logging.WARNING
    elif scope["method"] in _SAFE or "principal" not in scope["state"]:
        level = logging.DEBUG
    else:
        level = logging.INFO
    if not log.isEnabledFor(level):
        return
    fields: dict[str, object] = {**_about(scope), "status": answer.status, "ms": ms}
    if answer.position.isdecimal():
        fields["position"] = int(answer.position)
    log.log(level, "request", extra=fields)


def _about(scope: Scope) -> dict[str, str]:
    """The route rather than the path, and never the query: they may name people."""
    state = scope["state"]
    about = {name: state.get(name, "") for name in ("request_id", "route")}
    about["method"] = scope["method"]
    if "principal" in state:
        about["workspace"] = str(state["principal"].workspace_id)
    return about
