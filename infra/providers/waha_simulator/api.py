"""WAHA's own API: sessions, codes to scan, sending, chats."""

import asyncio
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.providers.waha_simulator import outcomes
from infra.providers.waha_simulator.drafts import SHOWN, chat_of, draft, object_in
from infra.providers.waha_simulator.errors import not_working, refused
from infra.providers.waha_simulator.payloads import message as shown_message
from infra.providers.waha_simulator.sessions import SCAN
from infra.providers.waha_simulator.simulator import WahaSimulator

CREATED, MOST_SHOWN = 201, 100
TRANSPORT = "simulator.transport"
DEEDS = ("start", "stop", "restart", "logout")


def json(content: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")


class Api:
    def __init__(self, simulator: WahaSimulator) -> None:
        self._simulator = simulator
        self._held: set[asyncio.Transport] = set()

    def routes(self) -> list[Route]:
        one = "/api/sessions/{session}"
        return [
            Route("/ping", self.ping, methods=["GET"]),
            Route("/api/sessions", self.create, methods=["POST"]),
            Route("/api/sessions", self.all, methods=["GET"]),
            Route(one, self.shown, methods=["GET"]),
            Route(one, self.configure, methods=["PUT"]),
            *(Route(f"{one}/{deed}", self.deed, methods=["POST"], name=deed) for deed in DEEDS),
            Route("/api/{session}/auth/qr", self.qr, methods=["GET"]),
            Route("/api/{session}/chats/{chat}/messages", self.messages, methods=["GET"]),
            Route("/api/reaction", self.react, methods=["PUT"]),
            Route("/api/files/{session}/{name}", self.file, methods=["GET"]),
            Route("/api/sendSeen", self.seen, methods=["POST"]),
            Route("/api/startTyping", self.seen, methods=["POST"]),
            Route("/api/stopTyping", self.seen, methods=["POST"]),
            *(Route(f"/api/{kind}", self.send, methods=["POST"], name=kind) for kind in SHOWN),
        ]

    async def ping(self, _: Request) -> Response:
        return json({"message": "pong"})

    async def create(self, request: Request) -> Response:
        body = object_in(await request.body())
        session = self._simulator.create(str(body.get("name") or "default"), body.get("config"))
        if body.get("start", True):
            session.start()
        return json(session.shown(), CREATED)

    async def all(self, _: Request) -> Response:
        return json([session.shown() for session in self._simulator.sessions.values()])

    async def shown(self, request: Request) -> Response:
        return json(self._simulator.session(request.path_params["session"]).shown())

    async def configure(self, request: Request) -> Response:
        session = self._simulator.session(request.path_params["session"])
        session.configure(object_in(await request.body()).get("config"))
        return json(session.shown())

    async def deed(self, request: Request) -> Response:
        session = self._simulator.session(request.path_params["session"])
        getattr(session, request.url.path.rsplit("/", 1)[-1])()
        return json(session.shown(), CREATED)

    async def qr(self, request: Request) -> Response:
        session = self._simulator.session(request.path_params["session"])
        if session.status != SCAN:
            raise not_working(session.name, session.status, SCAN)
        if request.query_params.get("format") != "raw":
            raise refused(400, ["the simulator shows codes with format=raw only"])
        return json({"value": session.qr})

    async def messages(self, request: Request) -> Response:
        """The newest first, as WAHA has it."""
        session = self._simulator.working(request.path_params["session"])
        query = request.query_params
        found = list(reversed(session.chats.get(request.path_params["chat"], [])))
        if (mine := query.get("filter.fromMe")) is not None:
            found = [one for one in found if str(one["fromMe"]).lower() == mine]
        since = int(query.get("filter.timestamp.gte", "0"))
        limit = min(int(query.get("limit", "10")), MOST_SHOWN)
        return json([one for one in found if one["timestamp"] >= since][:limit])

    async def send(self, request: Request) -> Response:
        kind = request.url.path.rsplit("/", 1)[-1]
        asked = draft(kind, object_in(await request.body()))
        message = self._simulator.send(asked)
        if outcomes.digits_of(asked.chat) == outcomes.ANSWER_NEVER_COMES:
            await self._hold(request)
        return json(message, CREATED)

    async def react(self, request: Request) -> Response:
        body = object_in(await request.body())
        session = self._simulator.working(str(body.get("session")))
        target, emoji = body.get("messageId"), body.get("reaction")
        if not isinstance(target, str) or not isinstance(emoji, str):
            raise refused(400, ["messageId and reaction must be strings"])
        parts = target.split("_")
        if len(parts) < 3:  # noqa: PLR2004  # true or false, the chat, the key
            raise refused(400, [f"messageId must be like false_CHAT_KEY, got {target[:60]!r}"])
        assert session.me is not None
        self._simulator.reactions.append((session.name, target, emoji))
        shown = shown_message(parts[1], session.me["id"], mine=True, at=0, source="api")
        return json({"key": {"remoteJid": parts[1], "id": shown["id"].rsplit("_", 1)[-1]}})

    async def seen(self, request: Request) -> Response:
        """Read, or typing: told to a person's chat."""
        what, body = request.url.path.rsplit("/", 1)[-1], object_in(await request.body())
        session, chat = self._simulator.working(str(body.get("session"))), chat_of(body)
        named = body.get("messageIds") or []
        if not isinstance(named, list) or not all(isinstance(id_, str) for id_ in named):
            raise refused(400, ["messageIds must be an array of strings"])
        there = {one["id"] for one in session.chats.get(chat, []) if not one["fromMe"]}
        if unknown := [id_ for id_ in named if id_ not in there]:
            raise refused(400, [f"messageIds: nobody wrote {unknown[0][:80]!r} in {chat}"])
        self._simulator.seen.append((what, body))
        return json({"result": True}, CREATED)

    async def file(self, request: Request) -> Response:
        """What a customer sent."""
        found = self._simulator.files.get(request.url.path.removeprefix("/api/files/"))
        if found is None:
            raise refused(404, ["there is no such file"])
        return Response(found[1], media_type=found[0])

    async def _hold(self, request: Request) -> None:
        """Keep the client waiting, then break the connection without a word."""
        transport: asyncio.Transport = request.scope[TRANSPORT]
        hold_s = self._simulator.options.hold_ms / 1000
        timer = asyncio.get_running_loop().call_later(hold_s, transport.abort)
        self._held.add(transport)
        try:
            await request.receive()  # until we break it, or the client gives up first
        finally:
            timer.cancel()
            self._held.discard(transport)

    def release(self) -> None:
        """Break the held connections now, so that none delays a stop."""
        for transport in tuple(self._held):
            transport.abort()
