"""GET /v1/stream and the tickets for it: how a stream begins, goes on, and ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final
from urllib.parse import parse_qs

import orjson
from prometheus_client import Counter, Gauge
from sqlalchemy.ext.asyncio import AsyncEngine
from sse_starlette import EventSourceResponse
from sse_starlette.sse import SendTimeoutError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from domain.access import Principal, Problem
from read_api.live.backlog import Backlog
from read_api.live.deliveries import Deliveries
from read_api.live.described import PATH, STREAM, TICKET, endpoint_of
from read_api.live.follower import Follower
from read_api.live.marks import Mark, mark_of
from read_api.live.room import Listener, Room
from read_api.live.standing import Standing
from read_api.live.tickets import PREFIX, Tickets
from read_api.live.topics import topics_of
from read_api.lookout import Ear
from read_api.parameters import known_only
from read_api.source import Source

MOST: Final = 2000
"""Streams of one process. A browser has one for each window."""
AHEAD_S: Final = 10.0
"""So long the read models may take to come to the position at which a stream shall begin."""
SEND_S: Final = 60.0
"""A connection that takes nothing for so long is given up."""
RETRY: Final = b"retry: 1000\r\n\r\n"


_open = Gauge("blazz_streams_open", "Streams to screens that are open now.")
_pushed = Counter("blazz_stream_pushes_total", "Pieces of news sent to streams; pings count too.")
_cut = Counter("blazz_streams_cut_total", "Streams that ended, by why.", ["reason"])


class _Streaming(EventSourceResponse):
    """One task that sends and one that waits for the client to go: the task group that would hold
    four of them takes as much memory as all else that a stream needs.
    """

    def __init__(self, listener: Listener, told: AsyncIterator[bytes]) -> None:
        super().__init__(told, ping=0, send_timeout=SEND_S)
        self._listener = listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            await super().__call__(scope, receive, send)
            return
        going = asyncio.create_task(self._going(receive))
        try:
            # Who takes nothing any more has gone without a word, which is no error.
            with suppress(SendTimeoutError):
                await self._stream_response(send)
        finally:
            going.cancel()

    async def _going(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._listener.cut("gone")


class Live:
    """The streams of one process over one database of read models."""

    def __init__(
        self, engine: AsyncEngine, source: Source, partitions: int, ear: Ear | None = None
    ) -> None:
        self._standing, self._tickets = Standing(source), Tickets(engine)
        self._backlog, self._deliveries = Backlog(source), Deliveries(engine, source)
        self._follower = Follower(source, partitions, self._standing.recheck, ear)
        self._open = 0

    def routes(self) -> list[Route]:
        """The stream itself, and tickets for those who cannot send a header with a GET."""
        return [
            Route(PATH, endpoint_of(self._stream, STREAM, self.admit), methods=["GET"]),
            Route(f"{PATH}/tickets", endpoint_of(self._ticket, TICKET), methods=["POST"]),
        ]

    async def admit(self, scope: Scope) -> Principal | None:
        """Whoever comes with a ticket instead of a key. It is used up by that."""
        given = parse_qs(scope["query_string"].decode("latin-1")).get("ticket", [""])[0]
        return await self._tickets.redeem(given) if given.startswith(PREFIX) else None

    async def _ticket(self, request: Request) -> Response:
        known_only(request.query_params, ())
        shown, until = await self._tickets.issue(request.state.principal)
        body = orjson.dumps({"ticket": shown, "expires_at": until}, option=orjson.OPT_UTC_Z)
        return Response(body, 201, media_type="application/json")

    async def _stream(self, request: Request) -> Response:
        given, principal = request.query_params, request.state.principal
        known_only(given, ("topics", "last_event_id", "ticket"))
        topics = topics_of(given.get("topics", ""), principal)
        asked = request.headers.get("last-event-id") or given.get("last_event_id", "")
        mark = mark_of(asked) if asked else None
        if self._open >= MOST:
            detail = f"{MOST} streams are open here, and that is as many as there may be"
            raise Problem(503, "busy", detail, headers={"Retry-After": "5"})
        view = await self._standing.view(principal, topics)
        if view is None:
            detail = "what this was asked with is not valid any more"
            challenge = {"WWW-Authenticate": 'Bearer realm="blazz", error="invalid_token"'}
            raise Problem(401, "unauthorised", detail, headers=challenge)
        listener = Listener(view, self._deliveries.claim)
        return _Streaming(listener, self._told(listener, mark))

    async def _told(self, listener: Listener, mark: Mark | None) -> AsyncIterator[bytes]:
        """Everything that is sent, until it is over or the client has gone."""
        workspace_id = listener.view.principal.workspace_id
        room = self._follower.join(workspace_id, listener)
        self._open += 1
        _open.inc()
        ahead = None
        try:
            yield RETRY
            await room.open.wait()
            if mark and mark.items > (room.through or 0):
                looked = asyncio.get_running_loop().call_later
                ahead = looked(AHEAD_S, _still_ahead, room, listener, mark)
            # A change of their rights between the first look and now has not been heard of here.
            await self._standing.recheck([listener])
            if not listener.over:
                async for piece in self._begun(room, listener, mark):
                    yield piece
            while (news := await listener.taken()) is not None:
                yield news
                _pushed.inc()
            yield listener.control("cut", reason=listener.over)
        finally:
            self._open -= 1
            _open.dec()
            _cut.labels(listener.over or "gone").inc()
            if ahead is not None:
                ahead.cancel()
            self._follower.leave(room, listener)

    async def _begun(
        self, room: Room, listener: Listener, mark: Mark | None
    ) -> AsyncIterator[bytes]:
        """What comes before the news: what was missed, or what waits for those who were away."""
        workspace_id, through = room.workspace_id, room.through or 0
        kept = await self._backlog.kept_from(workspace_id) if mark else 0
        if mark and mark.items >= kept:
            listener.mark = mark
            async for piece in self._backlog.missed(workspace_id, listener, through):
                yield piece
            # What was cut off while it was read may have been missed.
            kept = await self._backlog.kept_from(workspace_id)
            if mark.items >= kept:
                return
        listener.mark = Mark(through, through).beyond(listener.mark.items)
        if "notifications" in listener.view.topics.whole:
            who = listener.view.principal
            for event in await self._deliveries.waiting(who, through):
                yield event
        if mark:
            yield listener.control("reset", asked=mark.items, kept_from=kept)
        else:
            yield listener.control("open", position=through)


def _still_ahead(room: Room, listener: Listener, asked: Mark) -> None:
    """A stream that shall begin where nothing has happened: another installation's, or one whose
    history was restored. What it is waiting for may never come.
    """
    through = room.through or 0
    if asked.items > through:
        listener.begin_anew(Mark(through, through), asked=asked.items, kept_from=through)
