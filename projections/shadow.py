"""Tables that are filled beside the live ones, to take their place under their names.

A shadow has the live table's columns and partitions. Its secondary indexes come when it is filled,
because an index is made several times faster than it is kept up to date row by row.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Engine, MetaData, Table, inspect

from projections.checkpoints import checkpoints, parked
from projections.projection import Projection
from projections.upserts import in_mysql

SHADOW: Final = "__shadow"
OLD: Final = "__old"
INDEX_BUFFER: Final = 64 << 20
_KEY: Final = re.compile(r"^\s+(KEY `((?:[^`]|``)+)` .*?),?$", re.MULTILINE)
_COLUMN: Final = re.compile(r"^\s+(`(?:[^`]|``)+` .*?),?$", re.MULTILINE)


@cache
def shadow_of(table: Table) -> Table:
    """The table under its shadow's name."""
    return table.to_metadata(MetaData(), name=table.name + SHADOW)


def tables_of(projections: Sequence[Projection]) -> list[Table]:
    """Every read-model table of the projections."""
    return [table for projection in projections for table in projection.tables]


class Shadows:
    """The shadows of some projections' tables, and of the parked records beside them."""

    def __init__(self, engine: Engine, projections: Sequence[Projection]) -> None:
        self.engine = engine
        self.tables = tables_of(projections)
        self.mysql = engine.dialect.name == "mysql"

    def exist(self) -> bool:
        """All of them: they do from before a rebuild is written down until it is swapped in."""
        with self.engine.connect() as connection:
            found = set(inspect(connection).get_table_names())
        return {table.name + SHADOW for table in [*self.tables, parked]} <= found

    def create(self) -> None:
        """Empty ones; what an earlier attempt has left goes first."""
        self.drop()
        with self.engine.begin() as connection:
            for table in [*self.tables, parked]:
                if self.mysql:
                    _like(connection, table, indexed=table is parked)
                else:
                    made = _sqlite_text(connection, "table", table.name)[0]
                    connection.exec_driver_sql(_renamed(made, table.name))

    def drop(self) -> None:
        """Shadows, and tables that shadows have taken the place of."""
        names = [table.name for table in [*self.tables, parked, checkpoints]]
        drop_tables(self.engine, [name + end for name in names for end in (SHADOW, OLD)])

    def index(self) -> None:
        """The secondary indexes that the live tables have and these lack. On SQLite an index's
        name is taken as long as the live table stands, so there the swap makes them.
        """
        if not self.mysql:
            return
        with self.engine.connect() as connection:
            connection.exec_driver_sql(f"SET SESSION innodb_ddl_buffer_size = {INDEX_BUFFER}")
            for table in self.tables:
                there = dict(_keys(connection, table.name + SHADOW))
                lacking = [k for name, k in _keys(connection, table.name) if name not in there]
                if lacking:
                    added = ", ".join(f"ADD {key}" for key in lacking)
                    name = in_mysql(table.name + SHADOW)
                    connection.exec_driver_sql(f"ALTER TABLE {name} {_escaped(added)}")
            connection.invalidate()  # the buffer was this session's only

    def differing(self) -> list[str]:
        """Live tables that have got other columns since their shadows were made."""
        with self.engine.connect() as connection:
            return [
                table.name
                for table in [*self.tables, parked]
                if _columns(connection, table.name) != _columns(connection, table.name + SHADOW)
            ]


def drop_tables(engine: Engine, names: Iterable[str]) -> None:
    """Those that exist of them; MySQL takes several in one statement, and is quicker so."""
    quoted = [in_mysql(name) for name in names]
    with engine.begin() as connection:
        for some in [", ".join(quoted)] if engine.dialect.name == "mysql" else quoted:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {some}")


def index_texts(connection: Connection, table: Table) -> list[str]:
    """SQLite: the statements that made the table's indexes."""
    return _sqlite_text(connection, "index", table.name)


def _like(connection: Connection, table: Table, *, indexed: bool) -> None:
    shadow = in_mysql(table.name + SHADOW)
    connection.exec_driver_sql(f"CREATE TABLE {shadow} LIKE {in_mysql(table.name)}")
    keys = [] if indexed else _keys(connection, table.name + SHADOW)
    if keys:
        dropped = ", ".join(f"DROP KEY {in_mysql(name)}" for name, _ in keys)
        connection.exec_driver_sql(f"ALTER TABLE {shadow} {_escaped(dropped)}")


def _keys(connection: Connection, name: str) -> list[tuple[str, str]]:
    """Name and definition of each index that is neither primary nor unique."""
    found = _KEY.findall(_definition(connection, name))
    return [(key.replace("``", "`"), definition) for definition, key in found]


def _columns(connection: Connection, name: str) -> list[Any]:
    if connection.dialect.name == "mysql":
        return sorted(_COLUMN.findall(_definition(connection, name)))
    return list(connection.exec_driver_sql(f"PRAGMA table_info({in_mysql(name)})"))


def _definition(connection: Connection, name: str) -> str:
    found = connection.exec_driver_sql(f"SHOW CREATE TABLE {in_mysql(name)}").one()
    return str(found[1])


def _escaped(text: str) -> str:
    """For a driver that takes a per cent sign for the place of a value."""
    return text.replace("%", "%%")


def _sqlite_text(connection: Connection, kind: str, table: str) -> list[str]:
    found = connection.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE type = ? AND tbl_name = ? AND sql IS NOT NULL",
        (kind, table),
    )
    return list(found.scalars())


def _renamed(made: str, name: str) -> str:
    """`CREATE TABLE name (…)` for the shadow."""
    head, bracket, rest = made.partition("(")
    assert name in head, f"the table {name} was made by {made!r}"
    return f'CREATE TABLE "{name}{SHADOW}" {bracket}{rest}'
