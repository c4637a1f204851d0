"""Snapshots of the write side's states: a row a stream, with the position before the state's bytes."""

import logging
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Engine, delete, insert
from sqlalchemy.exc import DBAPIError

from commands.store import Snapshot
from infra.event_store.reader import Reader
from infra.event_store.tables import snapshots

log = logging.getLogger("blazz.store")

POSITION_BYTES: Final = 8


def newest(reader: Reader, stream_ids: Sequence[UUID]) -> dict[UUID, Snapshot]:
    """The snapshot of each stream that has one. Whether it is true is for others to find out."""
    marks = ",".join("?" * len(stream_ids))
    rows = reader.read(
        f"SELECT stream_id, version, type, data FROM snapshots WHERE stream_id IN ({marks})"
        " ORDER BY stream_id, version",
        [stream_id.bytes for stream_id in stream_ids],
    )
    found = [
        Snapshot(
            UUID(bytes=stream),
            version,
            int.from_bytes(data[:POSITION_BYTES]),
            shape,
            data[POSITION_BYTES:],
        )
        for stream, version, shape, data in rows
    ]
    return {snapshot.stream_id: snapshot for snapshot in found}


def keep(engine: Engine, snapshot: Snapshot) -> None:
    """In place of those before. A command that is done does not fail for want of a snapshot."""
    stream_id, version, position, shape, state = snapshot
    row = {
        "stream_id": stream_id.bytes,
        "version": version,
        "type": shape,
        "data": position.to_bytes(POSITION_BYTES) + state,
    }
    try:
        with engine.begin() as connection:
            connection.execute(delete(snapshots).where(snapshots.c.stream_id == stream_id))
            connection.execute(insert(snapshots), row)
    except DBAPIError:
        log.warning("no snapshot of stream %s at version %s", stream_id, version, exc_info=True)
