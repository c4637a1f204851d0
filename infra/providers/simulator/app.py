"""The HTTP face. Sends, which come by the thousand, are handled on bare ASGI; everything else is
handed to the Starlette routes of `graph` and `control`.
"""

import asyncio
import logging
import re
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infra.providers.simulator import messages, outcomes
from infra.providers.simulator.errors import GraphError
from infra.providers.simulator.simulator import Simulator

_log = logging.getLogger(__name__)

VERSION = re.compile(r"/v\d+(?:\.\d+)?(?=/)")
SEND = re.compile(r"(?:/v\d+(?:\.\d+)?)?/([\w-]+)/(messages|marketing_messages)/?")
OPEN = ("/_simulator/", "/-/")
LARGEST_SEND = 256 * 1024
JSON = (b"content-type", b"application/json; charset=UTF-8")
SUCCESS = b'{"success":true}'


class SimulatorApp:
    def __init__(self, simulator: Simulator, rest: ASGIApp) -> None:
        self._simulator, self._rest = simulator, rest
        self._held: set[asyncio.Transport] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._rest(scope, receive, send)
            return
        path = scope["path"]
        sending = SEND.fullmatch(path) if scope["method"] == "POST" else None
        try:
            if not path.startswith(OPEN):
                self._authorize(scope)
            if sending is not None:
                await self._send(sending[1], sending[2], receive, send)
                return
        except GraphError as refusal:
            self._simulator.refused[refusal.code] += 1
            await answer(send, refusal.status, refusal.body())
            return
        except Exception:  # noqa: BLE001  # logged whole, and answered in the Graph API's shape
            _log.exception("a send failed inside the simulator")
            failure = GraphError(1, "The simulator failed; its log says why.")
            self._simulator.refused[failure.code] += 1
            await answer(send, failure.status, failure.body())
            return
        version = VERSION.match(path)
        if version is not None:
            scope = {**scope, "root_path": version[0]}
        await self._rest(scope, receive, send)

    def _authorize(self, scope: Scope) -> None:
        header = next((v for k, v in scope["headers"] if k == b"authorization"), b"")
        scheme, _, token = header.decode("latin-1").partition(" ")
        known = self._simulator.options.tokens
        if scheme.lower() != "bearer" or not token or (known and token not in known):
            raise GraphError(190, "Send a valid token as 'Authorization: Bearer <token>'.")

    async def _send(self, number_id: str, edge: str, receive: Receive, send: Send) -> None:
        raw = await body_of(receive)
        payload = messages.object_in(raw)
        messages.check_product(payload)
        number = self._simulator.numbers.use(number_id, self._simulator.options)
        if "status" in payload:
            if not self._simulator.read_marks.take(number, payload):
                await self._hold(receive, send)
                return
            await answer(send, 200, SUCCESS)
            return
        draft = messages.check_message(payload)
        if edge == "marketing_messages" and draft.kind != "template":
            raise GraphError(131055, "Only marketing template messages are supported.")
        wamid = self._simulator.accept(number, draft)
        if draft.to.endswith(outcomes.ANSWER_NEVER_COMES):
            await self._hold(receive, send)
            return
        await answer(send, 200, accepted(draft, wamid))

    async def _hold(self, receive: Receive, send: Send) -> None:
        """Keep the client waiting, then break the connection without a word."""
        # ASGI knows no "close without an answer", so uvicorn's own transport is taken.
        cycle: Any = getattr(send, "__self__", None)
        transport: asyncio.Transport = cycle.transport
        hold_s = self._simulator.options.hold_ms / 1000
        timer = asyncio.get_running_loop().call_later(hold_s, transport.abort)
        self._held.add(transport)
        try:
            await receive()  # until we break it, or the client gives up first
        finally:
            timer.cancel()
            self._held.discard(transport)

    def release(self) -> None:
        """Break the held connections now, so that none delays a stop."""
        for transport in tuple(self._held):
            transport.abort()


def accepted(draft: messages.Draft, wamid: str) -> bytes:
    key = "user_id" if "." in draft.to else "wa_id"
    return orjson.dumps(
        {
            "messaging_product": "whatsapp",
            "contacts": [{"input": draft.recipient_input, key: draft.to}],
            "messages": [{"id": wamid, "message_status": "accepted"}],
        }
    )


async def body_of(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise GraphError(100, "The request body ended early.")
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > LARGEST_SEND:
            raise GraphError(100, f"The request body is larger than {LARGEST_SEND} bytes.")
        if not message.get("more_body", False):
            return b"".join(chunks)


async def answer(send: Send, status: int, body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [JSON, length]})
    await send({"type": "http.response.body", "body": body})
