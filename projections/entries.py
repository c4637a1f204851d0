"""What a driver hands to the sink: records in their place in a partition's chain, and marks.

Every entry names the position sent to its partition before it, so that a missing one shows.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import NamedTuple, Protocol

from domain.wire import LogRecord, Sifted

NO_OFFSET = -1
"""The offset of an entry that did not come through Kafka."""


class LogEntry(NamedTuple):
    """One entry of a partition.

    `record` is None for a watermark, which says that nothing up to `position` is missing, and for
    a record whose headers could not be read: then `error` says why, and `position` is 0 if even
    that is not known. `previous` None means that the chain is not checked here.
    """

    record: LogRecord | None
    offset: int
    position: int
    previous: int | None
    error: str = ""


class Log(Protocol):
    """The whole history in position order, as the event store keeps it."""

    def head(self) -> int:
        """The last position; 0 for an empty log."""

    def read(self, after: int, limit: int) -> list[LogRecord]:
        """Up to `limit` records above position `after`, without a gap."""

    def sift(self, after: int, limit: int, unwanted: AbstractSet[str]) -> Sifted:
        """Of the same records, those that are of none of these types; the others are counted."""


class GapFound(Exception):
    """A partition's records do not join on to what was applied; nothing was written."""

    def __init__(self, partition: int, projection: str, position: int, previous: int) -> None:
        super().__init__(
            f"partition {partition}: {projection} has got to position {position}, but the next"
            f" record says it follows position {previous}; what is between is missing here, so"
            f" {projection} must be rebuilt from the store"
        )
        self.partition, self.projection = partition, projection


def chained(records: Iterable[LogRecord], previous: int) -> list[LogEntry]:
    """One partition's records as the log would carry them, the first one behind `previous`."""
    entries = []
    for record in records:
        entries.append(LogEntry(record, NO_OFFSET, record.position, previous))
        previous = record.position
    return entries


def gapless(records: Iterable[LogRecord]) -> list[LogEntry]:
    """Records straight from the store, whose positions have no holes."""
    return [LogEntry(r, NO_OFFSET, r.position, r.position - 1) for r in records]


def watermark(position: int) -> LogEntry:
    """Nothing of the log up to `position` is missing."""
    return LogEntry(None, NO_OFFSET, position, None)
