"""One batch in one MySQL transaction, sent in as few round trips as its size allows.

The counter row is locked from drawing the positions to the end of the commit, so positions become
visible in their order and a rollback gives them back.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from infra.event_store.batch import Batch, Row, TrackingConflict, receipt_stands_at
from infra.event_store.faults import ERRORS, Fault, fault

PARAMETER: Final = "%s"
PACKET_BYTES: Final = 4 * 1024 * 1024
PACKET_ROWS: Final = 1000

_DRAW: Final = "UPDATE positions SET head = LAST_INSERT_ID(head + %s) WHERE id = 1"
_EVENTS: Final = (
    "INSERT INTO events"
    " (position, stream_id, version, workspace_id, type, recorded_at, metadata, data) VALUES "
)
_EVENT: Final = "(LAST_INSERT_ID() - %s, %s, %s, %s, %s, %s, %s, %s)"
_RECEIPT: Final = (
    "INSERT INTO receipts (workspace_id, route, key_, fingerprint, status, target, created_at,"
    " version, position) VALUES (%s, %s, %s, %s, %s, %s, %s, "
)

Statement = tuple[str, list[Any]]


def write(connection: Any, batch: Batch) -> int:
    """Store the batch; the position of its first row. Raises the driver's errors."""
    cursor = connection.cursor()
    started: list[Statement] = [("BEGIN", [])]
    if batch.tracked:
        _send(cursor, started)
        _track(cursor, batch)
        started = []
    drawn = 0
    for packet in _packets(batch, started):
        drawn = _send(cursor, packet) or drawn
    return drawn - len(batch.rows) + 1


def _packets(batch: Batch, started: list[Statement]) -> Iterator[list[Statement]]:
    packet, count = started, len(batch.rows)
    if count:
        packet.append((_DRAW, [count]))
    if batch.receipt:
        # Before the facts: of two equal requests the second must learn that it is the second.
        packet.append(_receipt(batch))
    for begin, end in _portions(batch.rows):
        if begin:
            yield packet
            packet = []
        packet.append(_events(batch.rows[begin:end], count - 1 - begin))
    packet.append(("COMMIT", []))
    yield packet


def _portions(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    begin = size = 0
    for i, row in enumerate(rows):
        size += len(row.data) + len(row.metadata)
        if i > begin and (size > PACKET_BYTES or i - begin == PACKET_ROWS):
            yield begin, i
            begin, size = i, len(row.data) + len(row.metadata)
    if rows:
        yield begin, len(rows)


def _events(rows: Sequence[Row], to_last: int) -> Statement:
    values: list[Any] = []
    for i, row in enumerate(rows):
        values.append(to_last - i)
        values.extend(row)
    return _EVENTS + ",".join([_EVENT] * len(rows)), values


def _receipt(batch: Batch) -> Statement:
    receipt, at = batch.receipt, receipt_stands_at(batch)
    assert receipt is not None
    values = [
        receipt.workspace_id.bytes,
        receipt.route,
        receipt.key,
        receipt.fingerprint,
        receipt.status,
        receipt.target,
        batch.recorded_at,
    ]
    if at is not None:
        to_last = len(batch.rows) - 1 - at
        return _RECEIPT + "%s, LAST_INSERT_ID() - %s)", [*values, batch.rows[at].version, to_last]
    stream = receipt.stream_id.bytes
    last = "(SELECT COALESCE(MAX({0}), 0) FROM events WHERE stream_id = %s)"
    subselects = f"{last.format('version')}, {last.format('position')})"
    return _RECEIPT + subselects, [*values, stream, stream]


def _send(cursor: Any, statements: Sequence[Statement]) -> int:
    """All statements in one round trip; what the counter stands at if it was moved."""
    text = ";".join(sql for sql, _ in statements)
    cursor.execute(text, [value for _, values in statements for value in values] or None)
    drawn = 0
    for sql, _ in statements:
        if sql is _DRAW:
            drawn = cursor.lastrowid
        cursor.nextset()
    return drawn


def _track(cursor: Any, batch: Batch) -> None:
    assert batch.tracked is not None
    name, number = batch.tracked
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
