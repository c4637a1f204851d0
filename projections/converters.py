"""Functions that turn a row operation's values into literals, written for the columns it has.

A projector spends most of its own time here, so the code for a set of columns is put together once,
with the usual kind of value tried first in each place; all else goes to the column's `writer`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Column, DateTime, Integer, String, Table

from projections import literals
from projections.literals import ESCAPES, Write, instant_text, room, writer
from projections.rows import Row
from projections.tables import Id, Instant

Columns = tuple[str, ...]
Taken = tuple[Row, Any, Columns, list[Any]]
"""A row operation, its key, the columns it puts and their values: key and values as literals."""
Converter = Callable[[Row], Taken]

LITERALS: Final[dict[str, Mapping[type, Write]]] = {
    "mysql": literals.MYSQL,
    "sqlite": literals.SQLITE,
}
_NAMES: Final = {
    "UUID": UUID,
    "datetime": datetime,
    "ESCAPES": ESCAPES,
    "instant_text": instant_text,
}


@cache
def converter(table: Table, puts: Columns, dialect: str) -> Converter:
    """For operations on `table` that put these columns. Misfit or Unwritable if a value is none."""
    keys = [str(column.name) for column in table.primary_key]
    names: dict[str, Any] = {**_NAMES, "puts": puts}
    expressions = []
    for number, name in enumerate((*keys, *puts)):
        names[f"w{number}"] = writer(table.c[name], LITERALS[dialect])
        expression = _usual(table.c[name], f"v{number}") if dialect == "mysql" else ""
        expressions.append(f"{expression}w{number}(v{number})")
    variables = [f"v{number}" for number in range(len(expressions))]
    key = [f"({expression})" for expression in expressions[: len(keys)]]
    joined = " + ',' + ".join(key) if dialect == "mysql" else f"({', '.join(key)},)"
    lines = [
        "def convert(row):",
        f"    {', '.join(variables[: len(keys)])}, = row.key",
        *([f"    {', '.join(variables[len(keys) :])}, = row.puts.values()"] if puts else []),
        f"    return row, {joined}, puts, [{', '.join(expressions[len(keys) :])}]",
    ]
    exec("\n".join(lines), names)  # noqa: S102 - of our own columns' kinds and numbers, no names
    convert: Converter = names["convert"]
    return convert


def _usual(column: Column[Any], value: str) -> str:
    """The start of a conditional expression: how the usual value of that column is written."""
    kind = column.type
    if isinstance(kind, Id):
        return f"f'0x{{{value}.int:032x}}' if type({value}) is UUID else "
    if isinstance(kind, Instant | DateTime):
        return f"f\"'{{instant_text({value})}}'\" if type({value}) is datetime else "
    if isinstance(kind, Integer):
        top = room(column)
        return f"f'{{{value}}}' if type({value}) is int and -{top} <= {value} < {top} else "
    if isinstance(kind, String):
        fits = f" and len({value}) <= {kind.length}" if kind.length is not None else ""
        usual = f"type({value}) is str{fits} and {value}.isascii()"
        # A word has nothing to escape, and to see that takes a tenth of the time.
        written = f"{value} if {value}.isidentifier() else {value}.translate(ESCAPES)"
        return f"f\"'{{{written}}}'\" if {usual} else "
    return ""
