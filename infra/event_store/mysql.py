"""Several batches in one MySQL transaction, sent in as few round trips as their size allows.

The counter row is locked from drawing the positions to the end of the commit, so positions become
visible in their order and a rollback gives them back. The first statement begins the transaction,
as the connection is not in autocommit: BEGIN would be a statement more. Statements are bytes put
together here: the driver's own filling-in takes longer than all the rest of an append.
"""

import sys
from binascii import hexlify
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from infra.event_store.answers import ids
from infra.event_store.batch import Batch, Key, TrackingConflict
from infra.event_store.faults import ERRORS, Fault, fault
from infra.event_store.literals import bytes_literal, key_literal, receipt_literal, row_literal

PARAMETER: Final = "%s"
PACKET_BYTES: Final = 4 * 1024 * 1024
PACKET_ROWS: Final = 1000
ASKED: Final = 1000
"""Streams in one statement."""

_HEADS: Final = (
    b"SELECT stream_id, MAX(version) FROM events FORCE INDEX (one_fact_per_version)"
    b" WHERE stream_id IN (%b) GROUP BY stream_id"
)
_SPENT: Final = (
    b"SELECT workspace_id, route, key_ FROM receipts WHERE (workspace_id, route, key_) IN (%b)"
)
_DRAW: Final = b"UPDATE positions SET head = LAST_INSERT_ID(head + %d) WHERE id = 1"
_EVENTS: Final = (
    b"INSERT INTO events"
    b" (stream_id, version, workspace_id, type, recorded_at, metadata, data, position) VALUES "
)
_RECEIPTS: Final = (
    b"INSERT INTO receipts (workspace_id, route, key_, fingerprint, status, target, created_at,"
    b" version, position) VALUES "
)

Prepared = tuple[Batch, Sequence[bytes]]


def prepare(batch: Batch) -> list[bytes]:
    """Each row as it stands in the statement, up to its position."""
    prepared, metadata, around = [], b"", b"''"
    for row in batch.rows:
        if row.metadata is not metadata:
            metadata, around = row.metadata, bytes_literal(row.metadata)
        prepared.append(row_literal(row, around))
    return prepared


def look(
    connection: Any, streams: Sequence[bytes], keys: Sequence[Key]
) -> tuple[dict[bytes, int], set[Key]]:
    """The versions at which streams stand, and which keys are spent: in one round trip.

    Each look is of its own moment. The keys come last, or an equal request that is stored between
    the two would seem to be a conflict.
    """
    keyed = [b"0x" + hexlify(stream) for stream in streams]
    statements = [
        _HEADS % b",".join(keyed[start : start + ASKED]) for start in range(0, len(keyed), ASKED)
    ]
    if keys:
        statements.append(_SPENT % b",".join([key_literal(key) for key in keys]))
    if not statements:
        return {}, set()
    found = _looked(connection, statements)
    spent = set(found.pop()) if keys else set()
    return {stream: version for rows in found for stream, version in rows}, spent


def write(connection: Any, prepared: Sequence[Prepared]) -> int:
    """Store the batches; the position of the first row. Raises the driver's errors."""
    count = sum(len(rows) for _, rows in prepared)
    for batch, _ in prepared:
        if batch.tracked:
            _track(connection, batch)
    started = [_DRAW % count] if count else []
    drawn = 0
    for packet in _packets(prepared, started, count):
        if packet[-1] == b"COMMIT":
            sys.audit("blazz.store.before_commit")
        drawn = max(drawn, *ids(connection, b";".join(packet)))
    sys.audit("blazz.store.after_commit")
    return drawn - count + 1


def _packets(
    prepared: Sequence[Prepared], packet: list[bytes], count: int
) -> Iterator[list[bytes]]:
    for i, portion in enumerate(_portions(row for _, rows in prepared for row in rows)):
        if i:
            yield packet
            packet = []
        packet.append(_EVENTS + b",".join(_placed(portion, count)))
        count -= len(portion)
    receipts = list(_receipts(prepared))
    if receipts:
        packet.append(_RECEIPTS + b",".join(receipts))
    packet.append(b"COMMIT")
    yield packet


def _placed(rows: Sequence[bytes], to_end: int) -> list[bytes]:
    last = to_end - 1
    return [b"%bLAST_INSERT_ID()-%d)" % (row, last - i) for i, row in enumerate(rows)]


def _portions(rows: Iterable[bytes]) -> Iterator[list[bytes]]:
    portion: list[bytes] = []
    size = 0
    for row in rows:
        size += len(row)
        if portion and (size > PACKET_BYTES or len(portion) == PACKET_ROWS):
            yield portion
            portion, size = [], len(row)
        portion.append(row)
    if portion:
        yield portion


def _receipts(prepared: Sequence[Prepared]) -> Iterator[bytes]:
    rest = sum(len(rows) for _, rows in prepared)
    for batch, rows in prepared:
        if batch.receipt:
            yield receipt_literal(batch, rest)
        rest -= len(rows)


def _looked(connection: Any, statements: Sequence[bytes]) -> list[Any]:
    """The rows of each, in one round trip that leaves no transaction open."""
    cursor = connection.cursor()
    cursor.execute(b";".join([*statements, b"COMMIT"]))
    found = [cursor.fetchall()]
    while cursor.nextset():
        found.append(cursor.fetchall())
    return found[:-1]


def _track(connection: Any, batch: Batch) -> None:
    assert batch.tracked is not None
    name, number = batch.tracked
    cursor = connection.cursor()
    advance = (
        "UPDATE tracking SET notification_id = %s WHERE application_name = %s"
        " AND notification_id < %s"
    )
    if cursor.execute(advance, (number, name, number)):
        return
    try:
        cursor.execute("INSERT INTO tracking VALUES (%s, %s)", (name, number))
    except ERRORS as error:
        if fault(error) is not Fault.TAKEN:
            raise
        if not cursor.execute(advance, (number, name, number)):
            raise TrackingConflict(name) from error
