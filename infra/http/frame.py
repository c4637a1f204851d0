"""What every answer has, whoever makes it: a request id, guarding headers, no stray error."""

import logging
import re
import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

import pydantic
import structlog
import uuid_utils.compat as uuids
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from commands.store import StoreUnavailable, VersionConflict
from domain.access import Problem
from domain.kernel import Rejected
from infra.http.headers import header
from infra.http.problems import problem_of, respond

log = logging.getLogger("blazz.http")

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._~:-]{1,128}")
_SAFE: Final = {"GET", "HEAD", "OPTIONS"}
_GUARDS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
)
_REFUSALS: Final = (
    Problem,
    Rejected,
    pydantic.ValidationError,
    StoreUnavailable,
    VersionConflict,
    HTTPException,
)


class Frame:
    """Around all paths: sets `request.state.request_id`, and turns whatever is raised into an
    answer: a refusal into what it says, what nobody foresaw into a 500.
    """

    def __init__(self, paths: ASGIApp, otherwise: ASGIApp) -> None:
        self._paths, self._otherwise = paths, otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._otherwise(scope, receive, send)
            return
        given = header(scope, b"request-id")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuids.uuid7().hex
        scope.setdefault("state", {})["request_id"] = request_id
        # Every request is a task of its own, so nothing has to be unbound afterwards.
        structlog.contextvars.bind_contextvars(request_id=request_id)
        answer, began = _Answer(send, request_id), time.perf_counter()
        await self._answered(scope, receive, answer)
        _log(scope, answer, began)

    async def _answered(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            await self._paths(scope, receive, answer)
        except ClientDisconnect:
            log.info("client went away", extra=_about(scope))
        except Exception as error:
            if answer.status or not isinstance(error, _REFUSALS):
                # The traceback goes to the log; the asker gets the id to find it by.
                log.exception("request failed", extra=_about(scope))
            if answer.status:
                raise
            await respond(Request(scope), problem_of(error))(scope, receive, answer)
            error.__traceback__ = None  # it would grow where the same error is raised again


class _Answer:
    """Puts the headers that every answer has, and remembers what a log line says of it."""

    __slots__ = ("_id", "_send", "headers", "status")

    def __init__(self, send: Send, request_id: str) -> None:
        self._send, self._id = send, request_id.encode()
        self.status = 0
        self.headers: Sequence[tuple[bytes, bytes]] = ()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message["headers"], (b"request-id", self._id)]
            names = {name for name, _ in headers}
            headers += [guard for guard in _GUARDS if guard[0] not in names]
            message["headers"] = headers
            self.status, self.headers = message["status"], headers
        await self._send(message)


def _log(scope: Scope, answer: _Answer, began: float) -> None:
    """Commands by one line each; reads and webhooks, which come by the thousand, when asked for."""
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        level = logging.WARNING
    elif scope["method"] in _SAFE or "principal" not in scope["state"]:
        level = logging.DEBUG
    else:
        level = logging.INFO
    if not log.isEnabledFor(level):
        return
    ms = round((time.perf_counter() - began) * 1000, 1)
    fields: dict[str, object] = {**_about(scope), "status": answer.status, "ms": ms}
    position = dict(answer.headers).get(b"blazz-position", b"")
    if position.isdigit():
        fields["position"] = int(position)
    log.log(level, "request", extra=fields)


def _about(scope: Scope) -> dict[str, str]:
    """The route rather than the path, and never the query: they may name people."""
    state = scope["state"]
    about = {name: state.get(name, "") for name in ("request_id", "route")}
    about["method"] = scope["method"]
    if "principal" in state:
        about["workspace"] = str(state["principal"].workspace_id)
    return about
