"""Message facts gathered by what they change in the counts: a batch has thousands of facts and some
dozens of changes, so each counter is moved once for all that move it alike.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from math import floor
from typing import Any, Final, NamedTuple, get_args

from domain.kernel import Event, Recorded
from domain.message import AboutMessage, MessageEvent
from projections.stages import REPORTS, Counters, changes

COUNTED: Final[frozenset[type[Event]]] = frozenset(get_args(MessageEvent))


class Alike(NamedTuple):
    """Facts of one kind and one campaign that change the same counts within one second."""

    second: int
    """Since 1970: when they happened."""
    time_zone: str
    events: list[Any]

    @property
    def first(self) -> AboutMessage:
        """What it says of counts, workspace and campaign, all of them say."""
        event: AboutMessage = self.events[0]
        return event

    def adds(self, columns: Counters) -> dict[str, int]:
        """Column -> what all of them together add to it."""
        times = len(self.events)
        return {column: times * n for column, n in changes(self.first, columns).items()}


class Tally:
    """Gathered when first asked for, and shared by all that count."""

    def __init__(self, facts: Iterable[Recorded]) -> None:
        self._facts = facts

    def __iter__(self) -> Iterator[Alike]:
        return iter(self._alike)

    @cached_property
    def _alike(self) -> list[Alike]:
        found: dict[tuple[Any, ...], Alike] = {}
        for _, _, _, at, around, event in self._facts:
            kind = type(event)
            if kind not in COUNTED:
                continue
            told: Any = event
            second = floor((told.at if kind in REPORTS else at).timestamp())
            campaign, zone = told.campaign_id, around.time_zone
            # The numbers of ids: an id's own comparison takes three times as long.
            whose = told.workspace_id.int, None if campaign is None else campaign.int
            key = (kind, *whose, told.newly, told.no_longer, second, zone)
            alike = found.get(key)
            if alike is None:
                found[key] = Alike(second, zone, [event])
            else:
                alike.events.append(event)
        return list(found.values())
