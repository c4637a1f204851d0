"""Row operations: what a projection wants done, as plain values."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Table

NONE: Mapping[str, Any] = MappingProxyType({})


class Row(NamedTuple):
    """Overwrite `puts`, add `adds`, in one row; `fresh` forgets what was there before.

    Putting and adding are kept apart: an absolute value must never overwrite a stored counter.
    """

    table: Table
    key: tuple[Any, ...]
    puts: Mapping[str, Any] = NONE
    adds: Mapping[str, int] = NONE
    fresh: bool = False

    def then(self, later: "Row") -> "Row":
        """One operation that does what this one and then `later` do to the same row."""
        if later.fresh:
            return later
        puts = {**self.puts, **later.puts}
        adds = {column: n for column, n in self.adds.items() if column not in later.puts}
        for column, n in later.adds.items():
            target = puts if column in puts else adds
            target[column] = target.get(column, 0) + n
        return Row(self.table, self.key, puts, adds, self.fresh)


def put(table: Table, **columns: Any) -> Row:
    """Set these columns of the row whose key is among them; make the row if there is none."""
    key = tuple(columns.pop(c.name) for c in table.primary_key)
    return Row(table, key, puts=columns)


def add(table: Table, **columns: Any) -> Row:
    """Add to counters of the row whose key is among the columns; a missing row counts from 0."""
    key = tuple(columns.pop(c.name) for c in table.primary_key)
    return Row(table, key, adds=columns)


def drop(table: Table, **columns: Any) -> Row:
    """Forget the row."""
    return Row(table, tuple(columns[c.name] for c in table.primary_key), fresh=True)


def squash(rows: Iterable[Row]) -> list[Row]:
    """At most one operation per row, however many events touched it, in order of first touch."""
    out: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        at = (row.table.name, *row.key)
        out[at] = out[at].then(row) if at in out else row
    return list(out.values())
