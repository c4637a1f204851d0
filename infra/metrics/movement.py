"""Tells what stands still from what is merely behind: only the first is a trouble.

An idle system is not behind, and one that catches up moves; lag alone says neither.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Engine

from infra.metrics.standing import head, projected, relayed
from projections.checkpoints import LIVE
from projections.projection import Projection

STILL_S: Final = 30.0

Checks = Callable[[], Mapping[str, Any]]
"""Each thing looked at: "ok", or what is wrong with it. It may block."""


class Place(NamedTuple):
    """Where something stands, and how far it could be."""

    name: str
    position: int
    head: int


class Movement:
    """Remembers since when each thing has been seen behind at its present position."""

    def __init__(
        self, still_s: float = STILL_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.still_s, self._clock = still_s, clock
        self._since: dict[str, tuple[int, float]] = {}
        self._guard = threading.Lock()

    def still(self, places: Iterable[Place]) -> list[tuple[Place, float]]:
        """Those that are behind and have not moved for too long, with the seconds."""
        now, found = self._clock(), []
        with self._guard:
            for place in places:
                if place.position >= place.head:
                    self._since.pop(place.name, None)
                    continue
                before, since = self._since.get(place.name, (-1, now))
                if before != place.position:
                    since = now
                self._since[place.name] = (place.position, since)
                if now - since >= self.still_s:
                    found.append((place, now - since))
        return found


def relay_places(store: Engine) -> list[Place]:
    """The relay, beside the store."""
    return [Place("relay", relayed(store).position, head(store))]


def projection_places(
    store: Engine, read: Engine, projections: Sequence[Projection], partitions: int
) -> list[Place]:
    """Each projection in each partition, beside what the log has for it: a relay that stands still
    is no fault of theirs. Where there is no relay the store is the log.
    """
    sent: Sequence[int] = relayed(store).sent
    if partitions == 1:
        sent = (head(store),)
    return [
        Place(f"{one.name}, partition {partition}", one.positions.get(partition, 0), last)
        for one in projected(read, projections)
        if one.state == LIVE
        for partition, last in enumerate(sent)
    ]


def moving(places: Callable[[], list[Place]], movement: Movement | None = None) -> Checks:
    """Checks by movement; the answer names what stands still, by what comes before the comma."""
    seen = movement or Movement()

    def check() -> dict[str, str]:
        answers: dict[str, str] = {}
        looked = places()
        for place in looked:
            answers.setdefault(_thing(place), "ok")
        for place, seconds in seen.still(looked):
            answers[_thing(place)] = (
                f"stands at {place.position} of {place.head} and has not moved for {seconds:.0f} s"
            )
        return answers

    return check


def _thing(place: Place) -> str:
    return place.name.partition(",")[0]
