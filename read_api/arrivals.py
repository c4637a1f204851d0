"""Read models that somebody waits for: one task looks how far they have come, for all who wait."""

import asyncio
import time
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, select

from projections.checkpoints import checkpoints
from read_api.lookout import Ear, Lookout
from read_api.source import Rows, Source

FIRST_LOOK_S, LAST_LOOK_S = 0.002, 0.025
A_TENTH: Final = 0.1
"""Of what the youngest has waited, unless it is told: its wait ends soon after its end has come, and
one that lasts asks seldom."""

_reached = select(
    checkpoints.c.position, checkpoints.c.recorded_at, checkpoints.c.applied_at
).where(
    checkpoints.c.projection == bindparam("projection"),
    checkpoints.c.version == bindparam("version"),
    checkpoints.c.partition == bindparam("partition"),
)


class Place(NamedTuple):
    """A read model's partition."""

    projection: str
    version: int
    partition: int


class _Waiting(NamedTuple):
    wanted: int
    since: float
    deadline: float
    arrived: "asyncio.Future[int]"


class Arrivals:
    """Works while somebody waits."""

    def __init__(self, source: Source, ear: Ear | None) -> None:
        self._source, self._reached = source, source.prepare(_reached)
        self._lookout = Lookout(ear)
        self._waiting: dict[Place, list[_Waiting]] = {}
        self._seen: dict[Place, int] = {}
        self._work: asyncio.Task[None] | None = None

    def asked(self, place: Place) -> tuple[Any, dict[str, Any]]:
        """How far it has come, as `position_of` reads it."""
        return self._reached, place._asdict()

    async def reach(self, place: Place, wanted: int, within_s: float) -> int:
        """The position that was seen: `wanted` at least, unless the time is over."""
        now, arrived = time.monotonic(), asyncio.get_running_loop().create_future()
        waiting = _Waiting(wanted, now, now + within_s, arrived)
        self._waiting.setdefault(place, []).append(waiting)
        self._lookout.call()
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._follow(), name="arrivals")
        return await arrived

    async def _follow(self) -> None:
        while self._waiting:
            places = list(self._waiting)
            partitions = {place.partition for place in places}
            self._lookout.begin(partitions)
            try:
                found = await self._source.ask(*map(self.asked, places))
            except Exception as error:  # noqa: BLE001 - it belongs to those who wait
                self._fail(places, error)
                continue
            for place, rows in zip(places, found, strict=True):
                self._tell(place, position_of(rows))
            if self._waiting:
                await self._lookout.wait(partitions, self._pause_s(), LAST_LOOK_S)

    def _tell(self, place: Place, position: int) -> None:
        """Those for whom it has come far enough, and those who wait no longer."""
        if self._seen.get(place, position) < position:
            self._lookout.found()
        self._seen[place] = position
        now, staying = time.monotonic(), []
        for one in self._waiting[place]:
            if one.arrived.done():
                continue
            if position >= one.wanted or now >= one.deadline:
                one.arrived.set_result(position)
            else:
                staying.append(one)
        self._keep(place, staying)

    def _fail(self, places: list[Place], error: Exception) -> None:
        for place in places:
            for one in self._waiting[place]:
                if not one.arrived.done():
                    one.arrived.set_exception(error)
            self._keep(place, [])

    def _keep(self, place: Place, staying: list[_Waiting]) -> None:
        if staying:
            self._waiting[place] = staying
        else:
            del self._waiting[place]
            self._seen.pop(place, None)

    def _pause_s(self) -> float:
        youngest = max(one.since for some in self._waiting.values() for one in some)
        return min(max((time.monotonic() - youngest) * A_TENTH, FIRST_LOOK_S), LAST_LOOK_S)


def position_of(found: Rows) -> int:
    """What the checkpoint's row says; without one nothing has been applied."""
    return int(found[0][0]) if found else 0
