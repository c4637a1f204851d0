"""Whether live tables hold what their shadows do, asked in one snapshot in which both stand at the
same place; the live ones go on meanwhile.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Table

from projections.folding import stored
from projections.projection import Projection
from projections.seam import standing
from projections.shadow import SHADOW, tables_of
from projections.upserts import in_mysql


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the database as it is when the block begins."""
    with engine.connect() as connection:
        if engine.dialect.name == "mysql":
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        else:
            connection.exec_driver_sql("BEGIN")
        yield connection
        connection.rollback()


def comparable(connection: Connection, projections: Sequence[Projection], partitions: int) -> bool:
    """Both stand at the same place in this snapshot."""
    return standing(connection, projections, partitions).positions == stored(connection, lock=False)


def differences(connection: Connection, projections: Sequence[Projection]) -> list[str]:
    """One line for each table that is not what its shadow is."""
    tables = [table for table in tables_of(projections) if "passing" not in table.info]
    if connection.dialect.name != "mysql":
        found = [_apart(connection, table, table.name + SHADOW) for table in tables]
        return [line for line in found if line]
    # The shadows stand still while we look, so it need not be in the same snapshot.
    with connection.engine.connect() as aside, ThreadPoolExecutor(1) as pool:
        other = pool.submit(lambda: [_sum(aside, table, SHADOW) for table in tables])
        live = [_sum(connection, table) for table in tables]
        both = zip(tables, live, other.result(), strict=True)
        return [_said(table, a[0], b[0]) for table, a, b in both if a != b]


def _sum(connection: Connection, table: Table, end: str = "") -> tuple[int, ...]:
    """Its rows and a sum that does not depend on their order: the server makes it as it reads."""
    columns = [in_mysql(column.name) for column in table.columns]
    # What is null leaves no trace among the values; a bit for each does.
    nullable = [in_mysql(column.name) for column in table.columns if column.nullable]
    bits = [f"(ISNULL({column}) << {number})" for number, column in enumerate(nullable)]
    row = f"CONCAT_WS('|', {', '.join(columns)}, {' + '.join(bits) or 0})"
    asked = f"SELECT COUNT(*), COALESCE(SUM(CRC32({row})), 0) FROM {in_mysql(table.name + end)}"
    return tuple(connection.exec_driver_sql(asked).one())


def _apart(connection: Connection, table: Table, shadow: str) -> str:
    def count(rows: str) -> Any:
        return connection.exec_driver_sql(f"SELECT COUNT(*) FROM ({rows})").scalar()

    live, built = (f'SELECT * FROM "{name}"' for name in (table.name, shadow))
    if not count(f"{live} EXCEPT {built}") and not count(f"{built} EXCEPT {live}"):
        return ""
    return _said(table, count(live), count(built))


def _said(table: Table, live: int, built: int) -> str:
    if live == built:
        return f"{table.name}: {live} rows as rebuilt, but with other contents"
    return f"{table.name}: {live} rows, rebuilt {built}"
