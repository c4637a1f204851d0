"""One projection's tables held still while the others go on, and brought up to them again.

What Kafka has carried meanwhile is past, so the facts missed come from the store, through the same
sink; the last ones while all checkpoints are locked, so that none is lost or counted twice.
"""

from collections.abc import Callable, Sequence
from functools import partial
from threading import Event as Signal
from typing import Final

from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.exc import DBAPIError

from domain.wire import LogRecord
from projections import checkpoints as marks
from projections import upserts
from projections.batch import Preparing
from projections.checkpoints import LIVE, PAUSED, checkpoints, partition_of, rebuilds
from projections.entries import NO_OFFSET, Log, LogEntry, watermark
from projections.faults import fault_of
from projections.projection import Projection
from projections.rows import Row
from projections.sink import Sink
from projections.transaction import repeated, transaction

CHUNK: Final = 2000
ATTEMPTS: Final = 100


class NotPaused(Exception):
    """The projection is not in the state that the command is for; the message says in which."""


def pause(engine: Engine, projection: Projection, partitions: int) -> None:
    """From now on its tables stand still; what is being written is through when this returns.

    NotPaused if it is not live, or new tables for it are being filled.
    """

    def work() -> None:
        with transaction(engine) as connection:
            found = _own(connection, projection, partitions)
            if state := _state_other_than(LIVE, found):
                raise NotPaused(f"{projection.name} is {state}; only a live one can be paused")
            asked = select(rebuilds.c.projection).where(rebuilds.c.projection == projection.name)
            if connection.scalar(asked):
                raise NotPaused(f"{projection.name} is being rebuilt; let that end or cancel it")
            _become(connection, projection, PAUSED, dict.fromkeys(range(partitions)))

    repeated(work, Signal())


def resume(
    log: Log,
    engine: Engine,
    projection: Projection,
    partitions: int,
    told: Callable[[int, int], None] = lambda _position, _head: None,
) -> int:
    """Apply what it has missed and let it go on; how many records that were. NotPaused."""
    with engine.connect() as connection:
        found = marks.read(connection, (projection,), range(partitions))
    if len(found) < partitions or (state := _state_other_than(PAUSED, found)):
        raise NotPaused(
            f"{projection.name} is {state if found else LIVE}; there is nothing to resume"
        )
    sink = Sink(engine, [projection], partitions, PAUSED)
    count, position = 0, min(mark.position for mark in found.values())
    for _ in range(ATTEMPTS):
        while records := log.read(position, CHUNK):
            sink.apply_all(_entries(records, partitions))
            count, position = count + len(records), records[-1].position
            told(position, max(position, log.head()))
        joined = partial(_joined, log, engine, projection, partitions, position)
        try:
            more = repeated(joined, Signal())
        except DBAPIError as error:
            if fault_of(error) != "data":
                raise
            continue  # The sink sets aside what the database refuses.
        if more is not None:
            return count + more
    raise NotPaused(f"{projection.name} cannot catch up with the others; it stays paused")


def _joined(
    log: Log, engine: Engine, projection: Projection, partitions: int, position: int
) -> int | None:
    """With all checkpoints locked: the last records, and live again. None if there are too many."""
    with transaction(engine) as connection:
        c = checkpoints.c
        columns = (c.partition, c.position, c.next_offset, c.state)
        peers = connection.execute(select(*columns).with_for_update()).all()
        records = log.read(position, CHUNK)
        if len(records) == CHUNK:
            return None
        found = marks.read(connection, (projection,), range(partitions), lock=True)
        held = marks.held_streams(connection, range(partitions))
        preparing = Preparing((projection,), engine.dialect.name, PAUSED)
        batches = _entries(records, partitions) if records else {}
        upserts.execute(connection, preparing.prepare(batches, found, held).statements)
        # What was sent before a live projection's offset is below its position, so it is here.
        offsets: dict[int, int | None] = dict.fromkeys(range(partitions))
        for peer in peers:
            if peer.state == LIVE and peer.partition in offsets:
                known = [n for n in (peer.next_offset, offsets[peer.partition]) if n is not None]
                offsets[peer.partition] = max(known, default=None)
        _become(connection, projection, LIVE, offsets)
    return len(records)


def _entries(records: Sequence[LogRecord], partitions: int) -> dict[int, list[LogEntry]]:
    """By partition; each of them is told how far the log was read."""
    out: dict[int, list[LogEntry]] = {partition: [] for partition in range(partitions)}
    for record in records:
        entry = LogEntry(record, NO_OFFSET, record.position, None)
        out[partition_of(record.workspace_id, partitions)].append(entry)
    for entries in out.values():
        if not entries or entries[-1].position < records[-1].position:
            entries.append(watermark(records[-1].position))
    return out


def _own(
    connection: Connection, projection: Projection, partitions: int
) -> dict[marks.Key, marks.Checkpoint]:
    """Its checkpoints, locked; they are made where it has not begun."""
    found = marks.read(connection, (projection,), range(partitions), lock=True)
    state = marks.first_states(connection, (projection,))[projection.name, projection.version]
    keys = [(projection.name, projection.version, partition) for partition in range(partitions)]
    missing = [key for key in keys if key not in found]
    upserts.write(connection, [Row(checkpoints, key, {"state": state}) for key in missing])
    return {key: found.get(key, marks.Checkpoint(*key, state=state)) for key in keys}


def _state_other_than(wanted: str, found: dict[marks.Key, marks.Checkpoint]) -> str:
    return next((mark.state for mark in found.values() if mark.state != wanted), "")


def _become(
    connection: Connection, projection: Projection, state: str, offsets: dict[int, int | None]
) -> None:
    for partition, offset in offsets.items():
        c = checkpoints.c
        of = (c.projection == projection.name, c.version == projection.version)
        changed = update(checkpoints).where(*of, c.partition == partition)
        connection.execute(changed.values(state=state, next_offset=offset))
