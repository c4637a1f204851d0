"""What a message's fact changes in counts, and when it happened: said once for all read models."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from domain.kernel import Recorded
from domain.message import (
    AboutMessage,
    MessageDelivered,
    MessageFailed,
    MessagePlayed,
    MessageRead,
    MessageSent,
)

Report = MessageSent | MessageDelivered | MessageRead | MessagePlayed | MessageFailed
"""What the provider reports later; its instant is the provider's."""
REPORTS = frozenset({MessageSent, MessageDelivered, MessageRead, MessagePlayed, MessageFailed})


class Counters(dict[str, str]):
    """Stage -> the column in which a table counts it. What each kind of fact changes is kept."""

    def __init__(self, columns: Mapping[str, str]) -> None:
        super().__init__(columns)
        self.known: dict[tuple[tuple[str, ...], tuple[str, ...]], Mapping[str, int]] = {}


def changes(event: AboutMessage, columns: Counters) -> Mapping[str, int]:
    """Column -> +1 or -1, for the stages that have a column. Many facts change the same."""
    kind = (event.newly, event.no_longer)
    counts = columns.known.get(kind)
    if counts is None:
        found = {columns[stage]: 1 for stage in event.newly if stage in columns}
        found |= {columns[stage]: -1 for stage in event.no_longer if stage in columns}
        counts = columns.known[kind] = MappingProxyType(found)
    return counts


def happened_at(event: AboutMessage, recorded: Recorded) -> datetime:
    """The instant of the fact itself."""
    if type(event) in REPORTS:
        at: datetime = event.at  # type: ignore[attr-defined]
        return at
    return recorded.recorded_at
