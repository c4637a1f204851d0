"""Row operations as statements: deletes, then one multi-row upsert per set of columns.

Texts are built once per set of columns. Rows are written in key order, so that writers that meet
in a table wait for each other instead of deadlocking.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import mysql, sqlite

from projections.faults import Unwritable
from projections.rows import Row

ROWS_A_STATEMENT: Final = 500
_INSTANT_DIGITS: Final = 26

Columns = tuple[str, ...]
_mysql: Any = mysql
in_mysql: Final[Callable[[str], str]] = _mysql.dialect().identifier_preparer.quote
_in_sqlite: Final[Callable[[str], str]] = sqlite.dialect().identifier_preparer.quote


def instant_text(value: datetime) -> str:
    """Naive UTC with microseconds, as both databases keep it."""
    if value.tzinfo is not None and value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return value.isoformat(" ", "microseconds")[:_INSTANT_DIGITS]


def _float_text(value: float) -> str:
    if not isfinite(value):
        raise Unwritable(f"{value} is not a number a column can hold")
    return repr(value)


Write = Callable[[Any], Any]

_LITERALS: Final[dict[type, Write]] = {
    UUID: lambda value: "0x" + value.hex,
    int: str,
    bool: lambda value: "1" if value else "0",
    type(None): lambda _: "NULL",
    datetime: lambda value: f"'{instant_text(value)}'",
    date: lambda value: f"'{value.isoformat()}'",
    bytes: lambda value: "0x" + value.hex() if value else "''",
    float: _float_text,
    Decimal: str,
}
_SQLITE: Final[dict[type, Write]] = {
    UUID: lambda value: value.bytes,
    int: int,
    bool: int,
    str: str,
    type(None): lambda _: None,
    datetime: instant_text,
    date: date.isoformat,
    bytes: bytes,
    float: float,
    Decimal: str,
}


def write(connection: Connection, rows: Iterable[Row]) -> None:
    """Carry out squashed row operations inside the connection's transaction."""
    raw: Any = connection.connection.dbapi_connection
    writer = _MySQL(raw) if connection.dialect.name == "mysql" else _SQLite(raw)
    dropped: dict[Table, list[Row]] = {}
    put: dict[Table, dict[tuple[Columns, Columns], list[Row]]] = {}
    for row in rows:
        if row.fresh:
            dropped.setdefault(row.table, []).append(row)
        if row.stands:
            columns = (tuple(row.puts), tuple(row.adds))
            put.setdefault(row.table, {}).setdefault(columns, []).append(row)
    for table in sorted(dropped.keys() | put.keys(), key=lambda table: table.name):
        if table in dropped:
            writer.delete(table, dropped[table])
        for (puts, adds), group in put.get(table, {}).items():
            writer.upsert(table, puts, adds, group)


class _MySQL:
    """Values go into the statement as literals, which the driver would do more slowly."""

    texts: Final[dict[tuple[Table, Columns, Columns], tuple[str, str]]] = {}

    def __init__(self, raw: Any) -> None:
        self.cursor = raw.cursor()
        self.literals: dict[type, Write] = {**_LITERALS, str: raw.escape}

    def upsert(self, table: Table, puts: Columns, adds: Columns, rows: list[Row]) -> None:
        at = (table, puts, adds)
        if at not in self.texts:
            self.texts[at] = _mysql_upsert(table, puts, adds)
        head, tail = self.texts[at]
        values = [(*row.key, *row.puts.values(), *row.adds.values()) for row in rows]
        self._execute(head, self._lines(values), tail)

    def delete(self, table: Table, rows: list[Row]) -> None:
        quote = in_mysql
        keys = ", ".join(quote(c.name) for c in table.primary_key)
        head = f"DELETE FROM {quote(table.name)} WHERE ({keys}) IN ("
        self._execute(head, self._lines([row.key for row in rows]), ")")

    def _lines(self, values: Iterable[Sequence[Any]]) -> list[str]:
        literals = self.literals
        try:
            lines = [f"({','.join([literals[type(v)](v) for v in line])})" for line in values]
        except KeyError as error:
            raise Unwritable(f"a value of {error.args[0]} cannot be stored in a column") from error
        return sorted(lines)

    def _execute(self, head: str, lines: list[str], tail: str) -> None:
        for start in range(0, len(lines), ROWS_A_STATEMENT):
            chunk = ",".join(lines[start : start + ROWS_A_STATEMENT])
            self.cursor.execute(f"{head}{chunk}{tail}")


def _mysql_upsert(table: Table, puts: Columns, adds: Columns) -> tuple[str, str]:
    quote = in_mysql
    keys = [c.name for c in table.primary_key]
    name = quote(table.name)
    columns = ", ".join(quote(c) for c in (*keys, *puts, *adds))
    changes = [f"{quote(c)} = new.{quote(c)}" for c in puts]
    changes += [f"{quote(c)} = {name}.{quote(c)} + new.{quote(c)}" for c in adds]
    changes = changes or [f"{quote(keys[0])} = {name}.{quote(keys[0])}"]
    head = f"INSERT INTO {name} ({columns}) VALUES "
    return head, f" AS new ON DUPLICATE KEY UPDATE {', '.join(changes)}"


class _SQLite:
    """One row a call of a prepared statement: there is no round trip to save."""

    texts: Final[dict[tuple[Table, Columns, Columns], str]] = {}

    def __init__(self, raw: Any) -> None:
        self.cursor = raw.cursor()

    def upsert(self, table: Table, puts: Columns, adds: Columns, rows: list[Row]) -> None:
        at = (table, puts, adds)
        if at not in self.texts:
            self.texts[at] = _sqlite_upsert(table, puts, adds)
        values = [(*row.key, *row.puts.values(), *row.adds.values()) for row in rows]
        self.cursor.executemany(self.texts[at], _stored(values))

    def delete(self, table: Table, rows: list[Row]) -> None:
        quote = _in_sqlite
        keys = " AND ".join(f"{quote(c.name)} = ?" for c in table.primary_key)
        text = f"DELETE FROM {quote(table.name)} WHERE {keys}"
        self.cursor.executemany(text, _stored([row.key for row in rows]))


def _stored(lines: Iterable[Sequence[Any]]) -> list[list[Any]]:
    try:
        return [[_SQLITE[type(value)](value) for value in line] for line in lines]
    except KeyError as error:
        raise Unwritable(f"a value of {error.args[0]} cannot be stored in a column") from error


def _sqlite_upsert(table: Table, puts: Columns, adds: Columns) -> str:
    quote = _in_sqlite
    keys = [c.name for c in table.primary_key]
    columns = (*keys, *puts, *adds)
    changes = [f"{quote(c)} = excluded.{quote(c)}" for c in puts]
    name = quote(table.name)
    changes += [f"{quote(c)} = {name}.{quote(c)} + excluded.{quote(c)}" for c in adds]
    action = f"DO UPDATE SET {', '.join(changes)}" if changes else "DO NOTHING"
    return (
        f"INSERT INTO {name} ({', '.join(quote(c) for c in columns)})"
        f" VALUES ({', '.join('?' * len(columns))})"
        f" ON CONFLICT ({', '.join(quote(c) for c in keys)}) {action}"
    )
