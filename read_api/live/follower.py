"""The one in each process that looks for news: at twelve checkpoints, when it is told of a commit
or else a hundred times a second while anybody listens, and at rows only where a checkpoint has moved.
"""

import asyncio
import logging
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, select

from projections import live
from projections.checkpoints import checkpoints, partition_of
from read_api.live.items import (
    PAGE,
    Item,
    campaigns_of,
    items_of,
    progress_of,
    several,
)
from read_api.live.notices import Worded
from read_api.live.room import Listener, Room
from read_api.lookout import Ear, Lookout
from read_api.source import Rows, Source

LOOK_S: Final = 0.01
TOLD_LOOK_S: Final = 0.1
"""Between two looks at which nobody was told of anything, while whoever commits tells of it."""
AWAY_S: Final = 0.5
PING_S: Final = 15.0
AGAIN_S: Final = 20.0
"""So often each listener's rights are looked at, though nothing has been heard of a change."""

log = logging.getLogger("blazz.live")

_stands: Final = select(checkpoints.c.partition, checkpoints.c.position).where(
    checkpoints.c.projection == bindparam("projection"),
    checkpoints.c.version == bindparam("version"),
)
_OF: Final = {"projection": live.projection.name, "version": live.projection.version}

Recheck = Callable[[Sequence[Listener]], Coroutine[None, None, None]]


def closing() -> bool:
    """Whether the server in this process was told to stop: its handler of signals is a method."""
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return bool(getattr(server, "should_exit", False))


class Follower:
    """Works while there are rooms. `recheck` cuts the listeners who may not listen any more."""

    def __init__(
        self, source: Source, partitions: int, recheck: Recheck, ear: Ear | None = None
    ) -> None:
        self._source, self._partitions, self._recheck = source, partitions, recheck
        self._lookout = Lookout(ear)
        self._stands = source.prepare(_stands)
        self._rooms: dict[int, dict[UUID, Room]] = {}
        """By partition; `_seen` is how far each of them has been read."""
        self._seen: dict[int, int] = {}
        self._new: list[Room] = []
        self._moving: set[Room] = set()
        self._work: asyncio.Task[None] | None = None
        self._checks: set[asyncio.Task[None]] = set()
        self._prepared: dict[tuple[Any, int], Any] = {}
        self._worded = Worded(source)
        self._check_at = self._ping_at = 0.0

    def join(self, workspace_id: UUID, listener: Listener) -> Room:
        """Once the room is open, the listener is offered what comes above its `through`."""
        partition = partition_of(workspace_id, self._partitions)
        inside = self._rooms.setdefault(partition, {})
        room = inside.get(workspace_id)
        if room is None:
            room = inside[workspace_id] = Room(workspace_id, partition)
            self._new.append(room)
        room.listeners.add(listener)
        self._lookout.call()
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._follow(), name="live")
        return room

    def leave(self, room: Room, listener: Listener) -> None:
        """The last one closes the room."""
        room.listeners.discard(listener)
        inside = self._rooms.get(room.partition, {})
        if not room.listeners and inside.get(room.workspace_id) is room:
            self._moving.discard(room)
            del inside[room.workspace_id]
            if not inside:
                del self._rooms[room.partition]
                self._seen.pop(room.partition, None)

    async def _follow(self) -> None:
        away = False
        self._check_at, self._ping_at = time.monotonic() + AGAIN_S, time.monotonic() + PING_S
        while self._rooms:
            try:
                await self._look()
                away = False
            except Exception as error:  # noqa: BLE001 - those who listen must not be forgotten
                if not away:
                    log.warning("streams wait for the read models: %r", error)
                away = True
            if away:
                await asyncio.sleep(AWAY_S)
            else:
                await self._lookout.wait(self._seen, LOOK_S, TOLD_LOOK_S)

    async def _look(self) -> None:
        self._lookout.begin(self._seen)
        (found,) = await self._source.ask((self._stands, _OF))
        stands = {partition: int(position) for partition, position in found}
        now, new = time.monotonic(), self._new
        self._new = []
        for room in new:
            # Not where the others of the partition are: what they are told next it has not missed.
            stand = stands.get(room.partition, 0)
            self._seen.setdefault(room.partition, stand)
            room.begin(stand)
        moved = [p for p, seen in self._seen.items() if stands.get(p, 0) > seen]
        if moved:
            self._lookout.found()
            await self._tell({p: list(self._rooms[p].values()) for p in moved}, stands, now)
        for room in list(self._moving):
            if room.calm(now):
                self._moving.discard(room)
        if closing():
            for listener in self._everybody():
                listener.cut("closing")
        if now >= self._check_at:
            self._check_at = now + AGAIN_S
            self._check(self._everybody())
        if now >= self._ping_at:
            self._ping_at = now + PING_S
            for listener in self._everybody():
                listener.ping()

    def _everybody(self) -> list[Listener]:
        rooms = [room for inside in self._rooms.values() for room in inside.values()]
        return [one for room in rooms for one in room.listeners]

    async def _tell(self, rooms: dict[int, list[Room]], stands: dict[int, int], now: float) -> None:
        """What is new in these partitions; of very much only as far as one page goes."""
        asked = []
        for partition, inside in rooms.items():
            size, binds = several([room.workspace_id for room in inside])
            binds |= {"behind": self._seen[partition], "upto": stands[partition]}
            asked += [(self._made(kind, size), binds) for kind in (items_of, campaigns_of)]
        answers = iter(await self._source.ask(*asked))
        for partition, inside in rooms.items():
            rows, moves = next(answers), next(answers)
            through = rows[-1][1] if len(rows) == PAGE else stands[partition]
            if partition in self._rooms:  # else the last one has left meanwhile
                self._seen[partition] = through
            await self._hand_out(inside, rows, moves, through, now)

    async def _hand_out(
        self, rooms: Sequence[Room], rows: Rows, moves: Rows, through: int, now: float
    ) -> None:
        items, moved = defaultdict[UUID, list[Item]](list), defaultdict[UUID, list[Item]](list)
        for item in await self._worded.items(rows):
            items[item.workspace_id].append(item)
        for row in moves:
            move = progress_of(row)
            if move.position <= through:
                moved[move.workspace_id].append(move)
        for room in rooms:
            new = [item for item in items[room.workspace_id] if item.position > (room.through or 0)]
            if not room.take(new, moved[room.workspace_id], through, now):
                self._moving.add(room)
            if any(item.topic == live.ACCESS for item in new):
                self._check(list(room.listeners))

    def _made(self, kind: Callable[[int], Any], size: int) -> Any:
        made = self._prepared.get((kind, size))
        if made is None:
            made = self._prepared[kind, size] = self._source.prepare(kind(size))
        return made

    def _check(self, listeners: Sequence[Listener]) -> None:
        """Beside what is told, so that nobody waits for it."""
        if listeners:
            task = asyncio.create_task(self._recheck(listeners))
            self._checks.add(task)
            task.add_done_callback(self._checks.discard)
