"""Functions that turn a row operation's values into literals, written for the columns it has.

A projector spends most of its own time here, so the code for a set of columns is put together once,
with the usual kind of value tried first in each place; all else goes to the column's `writer`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Integer, String, Table, Text

from projections import literals
from projections.literals import AS_JSON, IDS, LONG, Known, Write, writer
from projections.rows import Row
from projections.tables import Id, Instant

Columns = tuple[str, ...]
Taken = tuple[Row, Any, Columns, tuple[Any, ...]]
"""A row operation, its key, the columns it puts and their values: key and values as literals."""
Converter = Callable[[Row], Taken]

LITERALS: Final[dict[str, Mapping[type, Write]]] = {
    "mysql": literals.MYSQL,
    "sqlite": literals.SQLITE,
}

_USUAL: Final[Mapping[type, type]] = {Integer: int, String: str, Text: str}
"""Kinds of columns in which the same values come again and again, and the kind of these values."""
_DIRECT: Final[Mapping[type, str]] = {
    Id: "IDS[{0}.int] if type({0}) is UUID else {1}",
    Instant: """f"'{{AS_JSON({0})[1:-2].decode()}}'" """
    "if type({0}) is datetime and {0}.tzinfo is UTC else {1}",
    BigInteger: f"str({{0}}) if type({{0}}) is int and -{LONG} <= {{0}} < {LONG} else {{1}}",
}
"""What makes the literal of a value {0} that is new most of the time; {1} if it is no usual one."""


@cache
def converter(table: Table, puts: Columns, dialect: str) -> Converter:
    """For operations on `table` that put these columns. Misfit or Unwritable if a value is none."""
    keys = [str(column.name) for column in table.primary_key]
    names: dict[str, Any] = {"UUID": UUID, "IDS": IDS, "puts": puts, "comma": ",".join}
    names |= {"AS_JSON": AS_JSON, "UTC": UTC, "datetime": datetime}
    usual, each = list[str](), list[str]()
    for number, name in enumerate((*keys, *puts)):
        write = names[f"w{number}"] = writer(table.c[name], LITERALS[dialect])
        each.append(f"w{number}(v{number})")
        usual.append(each[-1])
        if dialect == "mysql":
            kind = type(table.c[name].type)
            if direct := _DIRECT.get(kind):
                usual[-1] = direct.format(f"v{number}", each[-1])
            elif used := _USUAL.get(kind):
                names[f"k{number}"] = Known(write, used)
                usual[-1] = f"k{number}[v{number}]"
    variables = [f"v{number}" for number in range(len(each))]
    lines = [
        "def convert(row):",
        f"    {', '.join(variables[: len(keys)])}, = row.key",
        *([f"    {', '.join(variables[len(keys) :])}, = row.puts.values()"] if puts else []),
        "    try:",
        f"        return row, {_parts(usual, len(keys), dialect)}",
        "    except TypeError:",
        f"        return row, {_parts(each, len(keys), dialect)}",
    ]
    exec("\n".join(lines), names)  # noqa: S102 - of our own columns' names and kinds
    convert: Converter = names["convert"]
    return convert


def _parts(expressions: Sequence[str], keys: int, dialect: str) -> str:
    """The key, as MySQL's text has it or as the values that SQLite takes; then what is put."""
    key, values = ", ".join(expressions[:keys]), ", ".join(expressions[keys:])
    made = f"comma(({key},))" if dialect == "mysql" else f"({key},)"
    return f"{made}, puts, ({values}{',' if values else ''})"
