"""Several batches in one SQLite transaction. The file has one writer at a time: `BEGIN IMMEDIATE`.

Waiting writers of one process queue at a lock, because SQLite's own waiting is sleeping.
"""

import sys
import threading
from collections.abc import Sequence
from typing import Any, Final

from infra.event_store.batch import Batch, Key, Row, TrackingConflict, key_of, receipt_stands_at

PARAMETER: Final = "?"
ASKED: Final = 1000
"""Streams in one statement."""

_EVENT: Final = (
    "INSERT INTO events"
    " (position, stream_id, version, workspace_id, type, recorded_at, metadata, data)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_RECEIPT: Final = (
    "INSERT INTO receipts (workspace_id, route, key_, fingerprint, status, target, created_at,"
    " version, position) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_SPENT: Final = "SELECT 1 FROM receipts WHERE workspace_id = ? AND route = ? AND key_ = ?"
_TRACK: Final = (
    "INSERT INTO tracking VALUES (?, ?) ON CONFLICT (application_name) DO UPDATE"
    " SET notification_id = excluded.notification_id"
    " WHERE notification_id < excluded.notification_id"
)
_turn = threading.Lock()

Prepared = tuple[Batch, Sequence[Row]]


def prepare(batch: Batch) -> Sequence[Row]:
    """Rows go in as they are."""
    return batch.rows


def look(
    connection: Any, streams: Sequence[bytes], keys: Sequence[Key]
) -> tuple[dict[bytes, int], set[Key]]:
    """The versions at which streams stand, and which keys are spent. The keys are looked at last,
    or an equal request that is stored between the two would seem to be a conflict.
    """
    heads: dict[bytes, int] = {}
    for start in range(0, len(streams), ASKED):
        some = streams[start : start + ASKED]
        marks = ",".join("?" * len(some))
        found = connection.execute(
            "SELECT stream_id, MAX(version) FROM events"
            f" WHERE stream_id IN ({marks}) GROUP BY stream_id",
            some,
        )
        heads.update(found.fetchall())
    return heads, {key for key in keys if connection.execute(_SPENT, key).fetchone()}


def write(connection: Any, prepared: Sequence[Prepared]) -> int:
    """Store the batches; the position of the first row. Raises the driver's errors."""
    with _turn:
        connection.execute("BEGIN IMMEDIATE")
        for batch, _ in prepared:
            if batch.tracked and not connection.execute(_TRACK, batch.tracked).rowcount:
                raise TrackingConflict(batch.tracked.application_name)
        start = first = _draw(connection, sum(len(rows) for _, rows in prepared))
        for batch, rows in prepared:
            connection.executemany(_EVENT, [(first + i, *row) for i, row in enumerate(rows)])
            if batch.receipt:
                connection.execute(_RECEIPT, _receipt(connection, batch, first))
            first += len(rows)
        sys.audit("blazz.store.before_commit")
        connection.execute("COMMIT")
    sys.audit("blazz.store.after_commit")
    return start


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
        *key_of(receipt),
        receipt.fingerprint,
        receipt.status,
        receipt.target,
        batch.recorded_at,
        *stands,
    )
