"""Snapshots of the `eventsourcing` library: states by version, kept apart from the facts."""

from collections.abc import Sequence
from typing import Any

from eventsourcing.persistence import IntegrityError, StoredEvent
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError as KeyTaken

from infra.event_store.recorder import SqlAggregateRecorder, stream_bytes
from infra.event_store.tables import snapshots


class SqlSnapshotRecorder(SqlAggregateRecorder):
    """An aggregate recorder without positions: what can be made anew is no part of the log."""

    table = "snapshots"

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        rows = [
            {
                "stream_id": stream_bytes(stored.originator_id),
                "version": stored.originator_version,
                "type": stored.topic,
                "data": stored.state,
            }
            for stored in stored_events
        ]
        try:
            with self.store.engine.begin() as connection:
                if rows:
                    connection.execute(insert(snapshots), rows)
        except KeyTaken as error:
            raise IntegrityError(str(error.orig)) from error
        return None
