"""Row operations: what a projection wants done, as plain values."""

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Table

NONE: Mapping[str, Any] = MappingProxyType({})


class Row(NamedTuple):
    """Overwrite `puts`, add `adds`, in one row; `fresh` forgets what was there before.

    Putting and adding are kept apart: an absolute value must never overwrite a stored counter.
    A fresh row with neither is gone, unless it is `kept`: forgotten, then made anew by its key.
    """

    table: Table
    key: tuple[Any, ...]
    puts: Mapping[str, Any] = NONE
    adds: Mapping[str, int] = NONE
    fresh: bool = False
    kept: bool = False

    @property
    def stands(self) -> bool:
        """There is a row afterwards."""
        return bool(self.puts or self.adds or self.kept or not self.fresh)

    def then(self, later: "Row") -> "Row":
        """One operation that does what this one and then `later` do to the same row."""
        if later.fresh:
            return later
        puts, adds = dict(self.puts), dict(self.adds)
        _merge(puts, adds, later)
        return Row(self.table, self.key, puts, adds, self.fresh, self.fresh and not (puts or adds))


@cache
def key_columns(table: Table) -> tuple[str, ...]:
    """The names of the primary key's columns, in its order."""
    return tuple(str(column.name) for column in table.primary_key)


def put(table: Table, **columns: Any) -> Row:
    """Set these columns of the row whose key is among them; make the row if there is none."""
    key = tuple([columns.pop(name) for name in key_columns(table)])
    return Row(table, key, puts=columns)


def add(table: Table, **columns: Any) -> Row:
    """Add to counters of the row whose key is among the columns; a missing row counts from 0."""
    key = tuple([columns.pop(name) for name in key_columns(table)])
    return Row(table, key, adds=columns)


def drop(table: Table, **columns: Any) -> Row:
    """Forget the row."""
    return Row(table, tuple([columns[name] for name in key_columns(table)]), fresh=True)


def squash(rows: Iterable[Row]) -> list[Row]:
    """At most one operation per row, however many events touched it, in order of first touch."""
    out: dict[tuple[Any, ...], _Merged] = {}
    for row in rows:
        # Integers are hashed and compared several times faster than the UUIDs they stand for.
        at = (row.table.name, *[part.int if type(part) is UUID else part for part in row.key])
        merged = out.get(at)
        if merged is None:
            out[at] = _Merged(row)
        else:
            merged.take(row)
    return [merged.row for merged in out.values()]


class _Merged:
    """What was asked of one row so far; copies only once, as a counter takes many additions."""

    __slots__ = ("adds", "puts", "row")

    def __init__(self, row: Row) -> None:
        self.row = row
        self.puts: dict[str, Any] | None = None
        self.adds: dict[str, int] = {}

    def take(self, later: Row) -> None:
        if self.puts is not None and not later.fresh:
            _merge(self.puts, self.adds, later)
            return
        self.row = merged = self.row.then(later)
        # What `then` has just made belongs to nobody else.
        ours = merged is not later and not merged.kept
        self.puts = cast(dict[str, Any], merged.puts) if ours else None
        self.adds = cast(dict[str, int], merged.adds)


def _merge(puts: dict[str, Any], adds: dict[str, int], later: Row) -> None:
    for column, value in later.puts.items():
        puts[column] = value
        adds.pop(column, None)
    for column, n in later.adds.items():
        target = puts if column in puts else adds
        target[column] = target.get(column, 0) + n
