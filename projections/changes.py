"""What a transaction does to the tables: at most one change per row, in the database's terms.

Values become literals when a row operation is taken in, so the key by which operations on one row
are merged is the very text that is written.
"""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Table

from projections.converters import LITERALS, Converter, Taken, converter
from projections.literals import Write
from projections.rows import Row


class Change:
    """What several operations make of one row. Putting and adding are kept apart."""

    __slots__ = ("adds", "fresh", "puts")

    def __init__(self, first: Taken) -> None:
        row, _, columns, values = first
        self.puts: dict[str, Any] = dict(zip(columns, values, strict=True))
        self.adds: dict[str, int] = dict(row.adds)
        self.fresh = row.fresh

    def then(self, later: Taken, number: Write) -> "Change":
        """Do that after what was to be done so far."""
        puts, adds = self.puts, self.adds
        row, _, columns, values = later
        if columns:
            puts.update(zip(columns, values, strict=True))
            if adds:
                for column in columns:
                    adds.pop(column, None)
        for column, n in row.adds.items():
            if column in puts:
                puts[column] = number(int(puts[column]) + n)
            else:
                adds[column] = adds.get(column, 0) + n
        return self


class Changes:
    """The changes of one transaction in the making, for a database of that dialect.

    A row that is touched once, as most are, stays the operation that touched it.
    `into` names the tables that are written to instead of those the rows are meant for.
    """

    def __init__(self, dialect: str, into: Callable[[Table], Table] = lambda table: table) -> None:
        self.dialect, self._into = dialect, into
        self.tables: dict[Table, dict[Any, Change | Taken]] = {}
        self._meant: dict[Table, dict[Any, Change | Taken]] = {}
        self._converters: dict[tuple[Any, ...], Converter] = {}
        self._number = LITERALS[dialect][int]

    def take(self, rows: Iterable[Row]) -> None:
        """All of these operations, or none if a value does not fit: then Misfit or Unwritable."""
        number, converters = self._number, self._converters
        converted = [
            (converters.get((row.table, *row.puts)) or self._converter(row.table, *row.puts))(row)
            for row in rows
        ]
        for taken in converted:
            row, key, _, _ = taken
            changes = self._meant.get(row.table)
            if changes is None:
                changes = self._meant[row.table] = self.tables[self._into(row.table)] = {}
            known = changes.get(key)
            if known is None or row.fresh:
                changes[key] = taken
            elif isinstance(known, Change):
                known.then(taken, number)
            else:
                changes[key] = Change(known).then(taken, number)

    def _converter(self, table: Table, *puts: str) -> Converter:
        found = self._converters[table, *puts] = converter(table, puts, self.dialect)
        return found
