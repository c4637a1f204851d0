"""Changes as statements: deletes, then one multi-row upsert per set of columns.

Texts are built once per set of columns. Rows are written in key order, so that writers that meet
in a table wait for each other instead of deadlocking.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import mysql, sqlite

from projections.changes import Change, Changes
from projections.converters import Columns
from projections.lines import Group, in_pieces, lines_of
from projections.rows import Row

BYTES_A_STATEMENT: Final = 250_000
"""Enough that the round trips do not count; what the server makes of a larger one no longer fits
its caches, and takes a fifth longer."""
SET_OPTION: Final = 0x1B
"""The protocol's command for it; option 0 is to take several statements at once."""

_mysql: Any = mysql
in_mysql: Final[Callable[[str], str]] = _mysql.dialect().identifier_preparer.quote
_in_sqlite: Final[Callable[[str], str]] = sqlite.dialect().identifier_preparer.quote


class Statement(NamedTuple):
    """`rows` are for a text with placeholders, which SQLite repeats; MySQL's text has them in it."""

    text: str
    rows: list[list[Any]] | None = None


def write(connection: Connection, rows: Iterable[Row]) -> None:
    """Carry out row operations inside the connection's transaction, in their order."""
    changes = Changes(connection.dialect.name)
    changes.take(rows)
    execute(connection, statements(changes))


def execute(connection: Connection, found: Iterable[Statement]) -> list[int]:
    """Carry out statements by the driver's own cursor, inside the connection's transaction; how
    many rows each has changed or found.

    MySQL is sent as many at once as fit, and stops at the first that fails.
    """
    counts = list[int]()
    raw: Any = connection.connection.dbapi_connection
    cursor = raw.cursor()
    if connection.dialect.name == "mysql":
        _take_several(connection)
        for text in _joined(found):
            counts.append(cursor.execute(text))
            while cursor.nextset():
                counts.append(cursor.rowcount)
    else:
        for text, rows in found:
            cursor.executemany(text, rows)
            counts.append(cursor.rowcount)
    return counts


def _take_several(connection: Connection) -> None:
    """Tells the server, once a connection, that a request may hold several statements."""
    if "several" in connection.info:
        return
    raw: Any = connection.connection.dbapi_connection
    raw._execute_command(SET_OPTION, b"\0\0")  # noqa: SLF001 - there is no other way
    raw._read_packet()  # noqa: SLF001
    connection.info["several"] = True


def _joined(found: Iterable[Statement]) -> Iterator[str]:
    """Texts of about the size of one statement at most; a small transaction is one of them."""
    waiting, size = list[str](), 0
    for text, _ in found:
        if waiting and size + len(text) > BYTES_A_STATEMENT:
            yield ";".join(waiting)
            waiting, size = [], 0
        waiting.append(text)
        size += len(text)
    if waiting:
        yield ";".join(waiting)


def statements(changes: Changes, upsert: "Upsert | None" = None) -> list[Any]:
    """What carries the changes out, table by table in the order of their names: statements, or
    what `upsert` makes of rows instead.
    """
    usual, delete = _DIALECTS[changes.dialect]
    upsert, out = upsert or usual, list[Any]()
    for table in sorted(changes.tables, key=lambda table: table.name):
        dropped: list[Any] = []
        kept: dict[Columns, Group] = {}
        adds: Mapping[str, int]
        for key, change in changes.tables[table].items():
            if isinstance(change, Change):
                fresh, stands, adds = change.fresh, True, change.adds
                puts, values = (*change.puts,), (*change.puts.values(),)
            else:
                row, _, puts, values = change
                fresh, stands, adds = row.fresh, not row.fresh or row.stands, row.adds
            if fresh:
                dropped.append(key)
            if stands:
                kept.setdefault(puts, []).append((key, values, adds))
        if dropped:
            out += delete(table, dropped)
        for puts, group in kept.items():
            out += upsert(table, puts, _added(table, group), group)
    return out


Upsert = Callable[[Table, Columns, Columns, Group], Iterable[Any]]
"""Of a table, columns that are put and that are added to, and rows of these."""


def _added(table: Table, group: Group) -> Columns:
    """Every column that one of the rows adds to; the others add nothing to it, which is 0."""
    names = {name for _, _, adds in group for name in adds}
    return tuple([c.name for c in table.columns if c.name in names]) if names else ()


def _upsert_mysql(table: Table, puts: Columns, adds: Columns, group: Group) -> Iterator[Statement]:
    """Values stand in the statement as literals, which the driver would do more slowly."""
    head, tail = mysql_upsert(table, puts, adds)
    for some in in_pieces(lines_of(group, adds), BYTES_A_STATEMENT):
        yield Statement(f"{head}({'),('.join(some)}){tail}")


def _delete_mysql(table: Table, keys: list[Any]) -> Iterator[Statement]:
    names = ", ".join(in_mysql(c.name) for c in table.primary_key)
    head = f"DELETE FROM {in_mysql(table.name)} WHERE ({names}) IN ("
    for some in in_pieces(sorted(keys), BYTES_A_STATEMENT):
        yield Statement(f"{head}({'),('.join(some)}))")


@cache
def mysql_upsert(table: Table, puts: Columns, adds: Columns) -> tuple[str, str]:
    """What stands before and behind the rows."""
    quote = in_mysql
    keys = [c.name for c in table.primary_key]
    name = quote(table.name)
    columns = ", ".join(quote(c) for c in (*keys, *puts, *adds))
    changes = [f"{quote(c)} = new.{quote(c)}" for c in puts]
    changes += [f"{quote(c)} = {name}.{quote(c)} + new.{quote(c)}" for c in adds]
    changes = changes or [f"{quote(keys[0])} = {name}.{quote(keys[0])}"]
    head = f"INSERT INTO {name} ({columns}) VALUES "
    return head, f" AS new ON DUPLICATE KEY UPDATE {', '.join(changes)}"


def _upsert_sqlite(table: Table, puts: Columns, adds: Columns, group: Group) -> list[Statement]:
    """One row a call of a prepared statement: there is no round trip to save."""
    rows = [
        [*key, *values, *[numbers.get(column, 0) for column in adds]]
        for key, values, numbers in group
    ]
    return [Statement(_sqlite_upsert(table, puts, adds), rows)]


def _delete_sqlite(table: Table, keys: list[Any]) -> list[Statement]:
    quote = _in_sqlite
    named = " AND ".join(f"{quote(c.name)} = ?" for c in table.primary_key)
    return [Statement(f"DELETE FROM {quote(table.name)} WHERE {named}", [list(k) for k in keys])]


@cache
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


_DIALECTS: Final[dict[str, tuple[Callable[..., Any], Callable[..., Any]]]] = {
    "mysql": (_upsert_mysql, _delete_mysql),
    "sqlite": (_upsert_sqlite, _delete_sqlite),
}
