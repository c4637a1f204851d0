"""Read models made anew from the store: their tables are emptied and refilled by the same sink.

A projector that still runs stops by itself with a clear word when it meets the emptied checkpoint;
stop it first. A rebuild that was broken off is simply begun again.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine, delete, text
from sqlalchemy.exc import DBAPIError

from domain.wire import LogRecord
from projections import checkpoints, upserts
from projections.checkpoints import UNBUILT, partition_of
from projections.entries import Log, LogEntry, chained, watermark
from projections.faults import fault_of
from projections.projection import Projection
from projections.rows import put
from projections.sink import Sink
from projections.transaction import transaction

CHUNK: Final = 2000


class ProjectorRuns(Exception):
    """Somebody else works on these projections right now; nothing was changed."""


class Rebuilt(NamedTuple):
    """Records read from the store, records parked, and the position reached."""

    records: int
    parked: int
    position: int


def rebuild(
    log: Log,
    engine: Engine,
    projections: Sequence[Projection],
    partitions: int,
    progress: Callable[[int, int], None] = lambda _position, _head: None,
) -> Rebuilt:
    """Empty and refill the tables of `projections`, up to the log's head as it stands at the end.

    `progress` is told the position reached and the head after each chunk. Kafka's offsets are
    forgotten: a projector begins at the earliest record and drops by position what is here.
    """
    chosen = tuple(projections)
    _empty(engine, chosen, partitions, log.head())
    sink = Sink(engine, chosen, partitions)
    last = dict.fromkeys(range(partitions), 0)
    reached = count = parked = 0
    for records in _chunks(log):
        parked += sink.apply_all(_by_partition(records, last)).parked
        count, reached = count + len(records), records[-1].position
        progress(reached, max(reached, log.head()))
    if reached:
        sink.apply_all({partition: [watermark(reached)] for partition in last})
    return Rebuilt(count, parked, reached)


def _chunks(log: Log) -> Iterator[list[LogRecord]]:
    """The next chunk is read while this one is written."""
    with ThreadPoolExecutor(1, thread_name_prefix="rebuild-reader") as reader:
        coming = reader.submit(log.read, 0, CHUNK)
        while records := coming.result():
            coming = reader.submit(log.read, records[-1].position, CHUNK)
            yield records


def _by_partition(records: Sequence[LogRecord], last: dict[int, int]) -> dict[int, list[LogEntry]]:
    """Chained as the log would carry them; `last` is each partition's position so far."""
    split: dict[int, list[LogRecord]] = {}
    for record in records:
        split.setdefault(partition_of(record.workspace_id, len(last)), []).append(record)
    out = {partition: chained(part, last[partition]) for partition, part in split.items()}
    last.update({partition: part[-1].position for partition, part in split.items()})
    return out


def _empty(engine: Engine, projections: tuple[Projection, ...], partitions: int, head: int) -> None:
    """Whatever point this is broken off at, a projector either finds all or refuses to go on."""
    with transaction(engine) as connection:
        _claim(connection, projections)
        _stand_at(connection, projections, partitions, UNBUILT, head)
    with engine.begin() as connection:
        for table in (table for p in projections for table in p.tables):
            if engine.dialect.name == "mysql":
                connection.execute(text(f"TRUNCATE TABLE {upserts.in_mysql(table.name)}"))
            else:
                connection.execute(delete(table))
    with transaction(engine) as connection:
        _stand_at(connection, projections, partitions, 0, head)


def _claim(connection: Connection, projections: tuple[Projection, ...]) -> None:
    """Locks and removes the checkpoints and parked records, unless a projector holds them."""
    names = [p.name for p in projections]
    c = checkpoints.checkpoints.c
    held = c.projection.in_(names)
    try:
        connection.execute(
            checkpoints.checkpoints.select().where(held).with_for_update(nowait=True)
        )
    except DBAPIError as error:
        if fault_of(error) != "transient":
            raise
        raise ProjectorRuns(
            f"a projector is writing to {', '.join(names)}; stop it, then rebuild"
        ) from error
    connection.execute(delete(checkpoints.checkpoints).where(held))
    connection.execute(delete(checkpoints.parked).where(checkpoints.parked.c.projection.in_(names)))


def _stand_at(
    connection: Connection,
    projections: tuple[Projection, ...],
    partitions: int,
    position: int,
    head: int,
) -> None:
    rows = [
        put(
            checkpoints.checkpoints,
            projection=p.name,
            version=p.version,
            partition=partition,
            position=position,
            complete_from=head,
            applied_at=datetime.now(UTC),
        )
        for p in projections
        for partition in range(partitions)
    ]
    upserts.write(connection, rows)
