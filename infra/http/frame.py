"""What every answer has, whoever makes it: a request id, guarding headers, no stray error."""

import logging
import re
from typing import Final

import uuid_utils.compat as uuids
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infra.http.problems import problem_of, respond

log = logging.getLogger("blazz.http")

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._~:-]{1,128}")
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
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers["Request-Id"] = request_id
                for name, value in _GUARDS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, receive, guarded)
        except ClientDisconnect:
            log.info("client went away request_id=%s", request_id)
        except Exception as error:
            # The traceback goes to the log; the asker gets the id to find it by.
            log.exception("request failed request_id=%s", request_id)
            if started:
                raise
            await respond(Request(scope), problem_of(error))(scope, receive, guarded)
