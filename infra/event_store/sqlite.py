"""One batch in one SQLite transaction. The file has a single writer at a time, by `BEGIN IMMEDIATE`.

Waiting writers of one process queue at a lock, because SQLite's own waiting is sleeping.
"""

import threading
from typing import Any, Final

from infra.event_store.batch import Batch, TrackingConflict, receipt_stands_at

PARAMETER: Final = "?"
_EVENT: Final = (
    "INSERT INTO events"
    " (position, stream_id, version, workspace_id, type, recorded_at, metadata, data)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_RECEIPT: Final = (
    "INSERT INTO receipts (workspace_id, route, key_, fingerprint, status, target, created_at,"
    " version, position) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_TRACK: Final = (
    "INSERT INTO tracking VALUES (?, ?) ON CONFLICT (application_name) DO UPDATE"
    " SET notification_id = excluded.notification_id"
    " WHERE notification_id < excluded.notification_id"
)
_turn = threading.Lock()


def write(connection: Any, batch: Batch) -> int:
    """Store the batch; the position of its first row. Raises the driver's errors."""
    with _turn:
        connection.execute("BEGIN IMMEDIATE")
        if batch.tracked and not connection.execute(_TRACK, batch.tracked).rowcount:
            raise TrackingConflict(batch.tracked.application_name)
        first = _draw(connection, len(batch.rows))
        if batch.receipt:
            connection.execute(_RECEIPT, _receipt(connection, batch, first))
        connection.executemany(_EVENT, [(first + i, *row) for i, row in enumerate(batch.rows)])
        connection.execute("COMMIT")
    return first


def _draw(connection: Any, count: int) -> int:
    if not count:
        return 1
    draw = "UPDATE positions SET head = head + ? WHERE id = 1 RETURNING head"
    ((head,),) = connection.execute(draw, (count,)).fetchall()
    return int(head) - count + 1


def _receipt(connection: Any, batch: Batch, first: int) -> tuple[Any, ...]:
    receipt, at = batch.receipt, receipt_stands_at(batch)
    assert receipt is not None
    if at is None:
        stands = connection.execute(
            "SELECT COALESCE(MAX(version), 0), COALESCE(MAX(position), 0) FROM events"
            " WHERE stream_id = ?",
            (receipt.stream_id.bytes,),
        ).fetchone()
    else:
        stands = (batch.rows[at].version, first + at)
    return (
        receipt.workspace_id.bytes,
        receipt.route,
        receipt.key,
        receipt.fingerprint,
        receipt.status,
        receipt.target,
        batch.recorded_at,
        *stands,
    )
