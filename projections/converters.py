"""Functions that turn a row operation's values into literals, written for the columns it has.

A projector spends most of its own time here, so the code for a set of columns is put together once,
with the usual kind of value tried first in each place; all else goes to the column's `writer`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, String, Table, Text

from projections import literals
from projections.literals import IDS, Known, Write, writer
from projections.rows import Row
from projections.tables import Id, Instant

Columns = tuple[str, ...]
Taken = tuple[Row, Any, Columns, dict[str, Any]]
"""A row operation, its key, the columns it puts and their values: key and values as literals."""
Converter = Callable[[Row], Taken]

LITERALS: Final[dict[str, Mapping[type, Write]]] = {
    "mysql": literals.MYSQL,
    "sqlite": literals.SQLITE,
}

_USUAL: Final[Mapping[type, type]] = {Integer: int, String: str, Text: str, Instant: datetime}
"""Kinds of columns in which the same values come again and again, and the kind of these values."""


@cache
def converter(table: Table, puts: Columns, dialect: str) -> Converter:
    """For operations on `table` that put these columns. Misfit or Unwritable if a value is none."""
    keys = [str(column.name) for column in table.primary_key]
    names: dict[str, Any] = {"UUID": UUID, "IDS": IDS, "puts": puts}
    usual, each = list[str](), list[str]()
    for number, name in enumerate((*keys, *puts)):
        write = names[f"w{number}"] = writer(table.c[name], LITERALS[dialect])
        each.append(f"w{number}(v{number})")
        usual.append(each[-1])
        if dialect == "mysql":
            kind = table.c[name].type
            if isinstance(kind, Id):
                usual[-1] = f"IDS[v{number}.int] if type(v{number}) is UUID else {each[-1]}"
            elif used := _USUAL.get(type(kind)):
                names[f"k{number}"] = Known(write, used)
                usual[-1] = f"k{number}[v{number}]"
    variables = [f"v{number}" for number in range(len(each))]
    lines = [
        "def convert(row):",
        f"    {', '.join(variables[: len(keys)])}, = row.key",
        *([f"    {', '.join(variables[len(keys) :])}, = row.puts.values()"] if puts else []),
        "    try:",
        f"        return row, {_joined(usual[: len(keys)], dialect)}, puts, {_named(puts, usual)}",
        "    except TypeError:",
        f"        return row, {_joined(each[: len(keys)], dialect)}, puts, {_named(puts, each)}",
    ]
    exec("\n".join(lines), names)  # noqa: S102 - of our own columns' names and kinds
    convert: Converter = names["convert"]
    return convert


def _joined(key: Sequence[str], dialect: str) -> str:
    """A key as MySQL's text has it, or as the values that SQLite takes."""
    each = ",".join([f"{{{expression}}}" for expression in key])
    return f'f"{each}"' if dialect == "mysql" else f"({', '.join(key)},)"


def _named(puts: Columns, expressions: Sequence[str]) -> str:
    """A dict of what is put; the expressions of the key come before the others."""
    values = expressions[len(expressions) - len(puts) :]
    return (
        f"{{{', '.join(f'{name!r}: {value}' for name, value in zip(puts, values, strict=True))}}}"
    )
