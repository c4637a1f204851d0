"""What the write side asks of an event store."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from domain.kernel import Event, Metadata, Recorded
from domain.wire import LogRecord


class Append(NamedTuple):
    """New facts for one stream, which must stand at `expected_version` (0: not begun)."""

    stream_id: UUID
    expected_version: int
    events: Sequence[Event]
    metadata: Metadata


class Receipt(NamedTuple):
    """What an idempotency key was spent on; kept in the same commit as the facts.

    `fingerprint` stands for the request's body; `target` is the shown id in the answer;
    `stream_id` is the stream whose version and last position the answer gives.
    """

    workspace_id: UUID
    route: str
    key: str
    fingerprint: str
    status: int
    target: str
    stream_id: UUID


class StoredReceipt(NamedTuple):
    """A spent key: enough to answer the same request again with the same words."""

    fingerprint: str
    status: int
    target: str
    version: int
    position: int


class Snapshot(NamedTuple):
    """A stream's state after its fact of that version, which stands at that position.

    `shape` names the state's fields and rules: bytes of another shape say nothing.
    """

    stream_id: UUID
    version: int
    position: int
    shape: str
    state: bytes


class VersionConflict(Exception):
    """Somebody else wrote to the stream first. Nothing of the append was stored."""

    def __init__(self, stream_id: UUID | None = None) -> None:
        super().__init__(
            f"stream {stream_id} has moved on" if stream_id else "a stream has moved on"
        )
        self.stream_id = stream_id


class ReceiptExists(Exception):
    """The idempotency key is spent already. Nothing of the append was stored."""


class StoreUnavailable(Exception):
    """The database is away, read-only or full. Nothing was stored, or its fate is not known."""


class EventStore(Protocol):
    """Append-only, positions gapless from 1 in commit order. Safe to call from any thread."""

    def load(
        self, stream_ids: Sequence[UUID], since: Mapping[UUID, int] | None = None
    ) -> dict[UUID, list[Recorded]]:
        """Every asked stream's facts in version order; an empty list for one not begun.

        Of a stream in `since` only the facts from that version on.
        """

    def append(
        self, appends: Sequence[Append], now: datetime, receipt: Receipt | None = None
    ) -> list[int]:
        """All or nothing: the positions of the facts, in the order given.

        Raises VersionConflict, ReceiptExists, StoreUnavailable.
        """

    def snapshots(self, stream_ids: Sequence[UUID]) -> dict[UUID, Snapshot]:
        """The newest snapshot of each stream that has one."""

    def keep_snapshot(self, snapshot: Snapshot) -> None:
        """In place of older ones. May do nothing: snapshots can always be made anew."""

    def receipt(self, workspace_id: UUID, route: str, key: str) -> StoredReceipt | None:
        """What that key was spent on, if it was."""

    def head(self) -> int:
        """The last position; 0 for an empty store."""

    def read(self, after: int, limit: int) -> list[LogRecord]:
        """Up to `limit` records above position `after`, without a gap."""

    def replies(self, after: int, through: int) -> list[LogRecord]:
        """Of the records above `after` up to `through`: messages queued outside of campaigns."""
