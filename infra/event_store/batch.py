"""One transaction's worth of facts, as rows, and the refusals of what cannot be stored."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import UUID

from commands.store import Append, Receipt, VersionConflict
from domain.wire import encode, encode_metadata, type_of
from infra.event_store.tables import NAME

MAX_EVENT: Final = 1024 * 1024
"""Bytes of one fact with its metadata. Larger things belong in a file that the fact names."""


INSTANT: Final = 26
"""Characters of an instant up to its microseconds."""

Key = tuple[bytes, str, str]
"""Workspace, route and text of an idempotency key."""


class EventTooLarge(ValueError):
    """A fact above the limit. Nothing of its append was stored."""


class TrackingConflict(Exception):
    """The tracked position is not above the one stored. Nothing of the batch was stored."""


class Row(NamedTuple):
    """A line of `events` that has no position yet."""

    stream_id: bytes
    version: int
    workspace_id: bytes
    type: str
    recorded_at: str
    metadata: bytes
    data: bytes


class Tracked(NamedTuple):
    """How far somebody has come in another log; may only grow."""

    application_name: str
    notification_id: int


class Batch(NamedTuple):
    """What is stored together or not at all.

    `heads` are the versions at which the streams must stand; with `exact` unset a stream may
    also stand lower (the recorders of the `eventsourcing` library number as they like).
    """

    rows: Sequence[Row]
    heads: dict[bytes, int]
    receipt: Receipt | None = None
    tracked: Tracked | None = None
    exact: bool = True
    recorded_at: str = ""


def batch_of(appends: Sequence[Append], now: datetime, receipt: Receipt | None) -> Batch:
    """The rows of these appends. VersionConflict if two of them contradict each other."""
    recorded_at = instant(now)
    heads: dict[bytes, int] = {}
    reached: dict[bytes, int] = {}
    rows: list[Row] = []
    known, around = None, b""
    for stream_id, expected_version, events, metadata in appends:
        stream = stream_id.bytes
        if metadata is not known:
            known, around = metadata, encode_metadata(metadata)
        if reached.setdefault(stream, expected_version) != expected_version:
            raise VersionConflict(stream_id)
        heads.setdefault(stream, expected_version)
        for version, event in enumerate(events, expected_version + 1):
            workspace, data = event.workspace_id.bytes, encode(event)
            rows.append(Row(stream, version, workspace, type_of(event), recorded_at, around, data))
        reached[stream] += len(events)
    check(rows)
    if receipt:
        # Text that is no Unicode must fail here, where it harms nobody else.
        (receipt.route + receipt.key + receipt.fingerprint + receipt.target).encode()
    return Batch(rows, heads, receipt, recorded_at=recorded_at)


def check(rows: Sequence[Row]) -> None:
    """EventTooLarge or ValueError for what the columns cannot hold."""
    for row in rows:
        size = len(row.data) + len(row.metadata)
        if size > MAX_EVENT:
            raise EventTooLarge(
                f"{row.type} for stream {UUID(bytes=row.stream_id)} has {size} bytes;"
                f" at most {MAX_EVENT} can be stored"
            )
        if not 0 < len(row.type) <= NAME:
            raise ValueError(f"an event type has 1 to {NAME} characters, not {len(row.type)}")


def instant(moment: datetime) -> str:
    """An instant as both databases hold it: UTC with microseconds, without a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; facts are recorded in UTC")
    # The zone's "+00:00" at the end costs less to cut off than to take away before.
    there = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return there.isoformat(" ", "microseconds")[:INSTANT]


def key_of(receipt: Receipt) -> Key:
    """What must be there once, as it stands in its row."""
    return receipt.workspace_id.bytes, receipt.route, receipt.key


def receipt_stands_at(batch: Batch) -> int | None:
    """Which row the receipt's version and position are those of; None if there are no rows."""
    if not batch.rows or batch.receipt is None:
        return None
    stream = batch.receipt.stream_id.bytes
    own = [i for i, row in enumerate(batch.rows) if row.stream_id == stream]
    return own[-1] if own else len(batch.rows) - 1
