"""Where a filled shadow meets the live table: brought to the same place, then put in its stead.

On MySQL one RENAME exchanges the tables of the projections together with `checkpoints` and
`parked`. A sink holds a checkpoint's row until it commits, so none can be under way meanwhile, and
the next one reads the checkpoints that belong to the new tables. On SQLite one transaction does it.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Engine, Select, Table, delete, insert, select, update

from projections.checkpoints import LIVE, REPLACED, checkpoints, parked, rebuilds
from projections.folding import counted
from projections.pieces import Positions
from projections.projection import Projection
from projections.shadow import OLD, SHADOW, drop_tables, index_texts, shadow_of, tables_of
from projections.transaction import transaction
from projections.upserts import in_mysql

LOCK_WAIT_S: Final = 2
"""Readers that come meanwhile wait behind us, so a reading that takes long is not waited for."""


class Standing(NamedTuple):
    """Where the live tables stand: `positions` where all projections agree, else None."""

    positions: Positions | None
    highest: int


def standing(
    connection: Connection,
    projections: Sequence[Projection],
    partitions: int,
    *,
    lock: bool = False,
) -> Standing:
    """`highest` is over all read models: what Kafka brings next follows a position up to there."""
    c = checkpoints.c
    asked = select(c.projection, c.version, c.partition, c.position, c.state)
    found = connection.execute(asked.with_for_update() if lock else asked).all()
    own = {(p.name, p.version) for p in projections}
    rows = [row for row in found if (row.projection, row.version) in own and row.state == LIVE]
    places = {row.partition: row.position for row in rows}
    agreed = all(places[row.partition] == row.position for row in rows)
    complete = len(rows) == len(own) * partitions == len(own) * len(places)
    at = tuple(places[n] for n in sorted(places)) if agreed and complete else None
    return Standing(at, max((row.position for row in found), default=0))


@contextmanager
def standstill(engine: Engine, projections: Sequence[Projection]) -> Iterator[Connection]:
    """No live table of the projections moves and none is read, until the block ends."""
    if engine.dialect.name == "sqlite":
        with transaction(engine) as connection:
            yield connection
        return
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SET SESSION lock_wait_timeout = {LOCK_WAIT_S}")
        shadow = in_mysql(checkpoints.name + SHADOW)
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {shadow}")
        connection.exec_driver_sql(f"CREATE TABLE {shadow} LIKE {in_mysql(checkpoints.name)}")
        tables = [*tables_of(projections), checkpoints, parked]
        names = [table.name + end for table in tables for end in ("", SHADOW)]
        locked = ", ".join(f"{in_mysql(name)} WRITE" for name in [*names, rebuilds.name])
        try:
            connection.exec_driver_sql(f"LOCK TABLES {locked}")
            yield connection
        finally:
            # The server lets go of the locks of a connection that ends, however it ends.
            connection.invalidate()


def swap(connection: Connection, projections: Sequence[Projection], positions: Positions) -> None:
    """The shadows, filled up to `positions`, take the live tables' place with their checkpoints
    and parked records. To be called in a standstill; whatever it is broken off at, all or nothing.
    """
    names = [projection.name for projection in projections]
    if connection.dialect.name == "sqlite":
        _stand(connection, checkpoints, projections, positions)
        connection.execute(delete(parked).where(parked.c.projection.in_(names)))
        _copy(connection, select(shadow_of(parked)), parked)
        _exchange(connection, tables_of(projections))
        connection.exec_driver_sql(f"DROP TABLE {parked.name}{SHADOW}")
        connection.execute(delete(rebuilds))
        sys.audit("blazz.rebuild.before_swap")
        return
    waiting, places = shadow_of(parked), shadow_of(checkpoints)
    # An attempt that was broken off may have left them here.
    connection.execute(delete(waiting).where(waiting.c.projection.not_in(names)))
    _copy(connection, select(parked).where(parked.c.projection.not_in(names)), waiting)
    _copy(connection, select(checkpoints), places)
    _stand(connection, places, projections, positions)
    connection.commit()
    sys.audit("blazz.rebuild.before_swap")
    pairs = []
    for table in [*tables_of(projections), checkpoints, parked]:
        live, shadow, old = (in_mysql(table.name + end) for end in ("", SHADOW, OLD))
        pairs.append(f"{live} TO {old}, {shadow} TO {live}")
    connection.exec_driver_sql(f"RENAME TABLE {', '.join(pairs)}")


def swept(engine: Engine, projections: Sequence[Projection]) -> None:
    """What is left of the tables that were replaced, and the note that they were to be."""
    tables = [*tables_of(projections), checkpoints, parked]
    drop_tables(engine, [table.name + end for table in tables for end in (OLD, SHADOW)])
    with transaction(engine) as connection:
        connection.execute(delete(rebuilds))


def _copy(connection: Connection, rows: Select[Any], target: Table) -> None:
    connection.execute(insert(target).from_select([c.name for c in target.c], rows))


def _exchange(connection: Connection, tables: Sequence[Table]) -> None:
    for table in tables:
        indexes = index_texts(connection, table)
        connection.exec_driver_sql(f'DROP TABLE "{table.name}"')
        connection.exec_driver_sql(f'ALTER TABLE "{table.name}{SHADOW}" RENAME TO "{table.name}"')
        for made in indexes:
            connection.exec_driver_sql(made)


def _stand(
    connection: Connection, at: Table, projections: Sequence[Projection], positions: Positions
) -> None:
    """In `at`, the projections stand at `positions`. A row that says so already stays as it is;
    one that did not keep up forgets its offset: Kafka is read again from the earliest record.
    """
    c, counts = at.c, counted(connection)
    for projection in projections:
        others = (c.projection == projection.name, c.version != projection.version)
        connection.execute(update(at).where(*others).values(state=REPLACED))
        of = (c.projection == projection.name, c.version == projection.version)
        asked = select(c.partition, c.position, c.state).where(*of)
        there = {row.partition: row for row in connection.execute(asked)}
        for partition, (position, count) in enumerate(zip(positions, counts, strict=True)):
            moved: dict[str, Any] = {"position": position, "next_offset": None, "state": LIVE}
            moved["records"] = count
            row = there.get(partition)
            if row is None:
                key = {"projection": projection.name, "version": projection.version}
                now = datetime.now(UTC)
                new = insert(at).values(**key, partition=partition, applied_at=now, **moved)
                connection.execute(new)
            elif (row.position, row.state) != (position, LIVE):
                changed = update(at).where(*of, c.partition == partition)
                connection.execute(changed.values(**moved))
