"""Whether a row's values fit their columns, found out before the database is asked.

So a value that does not fit is refused in both databases alike, and also when a later event of the
same batch would have overwritten it: what is parked does not depend on how batches are cut.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Integer, String, Table

from projections.rows import Row
from projections.tables import Id

_LONG: Final = 2**63
_INT: Final = 2**31


Room = tuple[str, int | None, int, bool]
"""A column's name, how many characters it takes, below what its integers stay, if it may be null."""


class Misfit(ValueError):
    """Names the column, what it takes and what it was given."""


@cache
def _rooms(table: Table, columns: tuple[str, ...]) -> tuple[Room, ...]:
    return tuple(_room(table.c[column]) for column in columns)


def _room(column: Column[Any]) -> Room:
    kind = column.type
    length = kind.length if isinstance(kind, String) else None
    small = isinstance(kind, Integer) and not isinstance(kind, BigInteger)
    return column.name, length, _INT if small else _LONG, bool(column.nullable)


@cache
def _keys(table: Table) -> tuple[Room, ...]:
    """Nothing to look at where all keys are ids."""
    keys = tuple(table.primary_key)
    return () if all(isinstance(c.type, Id) for c in keys) else tuple(_room(c) for c in keys)


def check(rows: Iterable[Row]) -> None:
    """Misfit for the first value that its column cannot take."""
    for row in rows:
        if keys := _keys(row.table):
            _check(row.table, keys, row.key)
        if row.puts:
            _check(row.table, _rooms(row.table, tuple(row.puts)), row.puts.values())


def _check(table: Table, rooms: Iterable[Room], values: Iterable[Any]) -> None:
    for (name, length, top, nullable), value in zip(rooms, values, strict=True):
        if value is None:
            if not nullable:
                raise Misfit(f"{table.name}.{name} must not be null")
        elif length is not None and type(value) is str:
            if len(value) > length:
                raise Misfit(f"{table.name}.{name} takes {length} characters, not {len(value)}")
        elif type(value) is int and not -top <= value < top:
            raise Misfit(f"{table.name}.{name} takes whole numbers below {top}, not {value}")
