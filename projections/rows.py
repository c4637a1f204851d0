"""Row operations: what a projection wants done, as plain values."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import msgspec
from sqlalchemy import Table

NONE: Mapping[str, Any] = MappingProxyType({})


class Row(msgspec.Struct, frozen=True, gc=False):
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
