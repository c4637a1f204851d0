"""Whether live tables hold what their shadows do, asked in one snapshot in which both stand at the
same place; the live ones go on meanwhile.
"""

from collections.abc import Iterator, Sequence
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
    mysql = connection.dialect.name == "mysql"
    found = [
        (_sums if mysql else _apart)(connection, table, table.name + SHADOW)
        for table in tables_of(projections)
    ]
    return [line for line in found if line]


def _sums(connection: Connection, table: Table, shadow: str) -> str:
    """By sums that do not depend on the order of rows: the server makes them as it reads."""
    columns = ", ".join(f"COALESCE({in_mysql(c.name)}, '~')" for c in table.columns)
    live, built = (
        connection.exec_driver_sql(
            f"SELECT COUNT(*), COALESCE(SUM(h), 0), COALESCE(BIT_XOR(h), 0)"
            f" FROM (SELECT CRC32(CONCAT_WS('|', {columns})) AS h FROM {in_mysql(name)}) AS hashed"
        ).one()
        for name in (table.name, shadow)
    )
    return "" if live == built else _said(table, live[0], built[0])


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
