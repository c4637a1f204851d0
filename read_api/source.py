"""The read models as endpoints ask them: several statements a round trip, rows as they are stored.

Between a prepared statement and its row no object layer stands: it took longer than the database.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, Protocol
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Select
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.asyncio import AsyncEngine

from projections.tables import to_naive
from read_api.binding import insist_within
from read_api.connections import Connections

Rows = Sequence[Sequence[Any]]
Values = Mapping[str, Any]


class Source(Protocol):
    """Ids come out as 16 bytes, instants as UTC, everything else as the database has it."""

    lateral: bool
    """Whether it can read some rows for each row of another table."""

    def prepare(self, statement: Select[Any]) -> Any:
        """The statement, worked out once, to be asked with different values. ValueError for one that
        could cross workspaces.
        """

    async def ask(self, *asked: tuple[Any, Values]) -> list[Rows]:
        """The rows of each statement, read one after the other: later ones are never older."""
        ...


_open: WeakKeyDictionary[Engine, Source] = WeakKeyDictionary()


def source(engine: AsyncEngine) -> Source:
    """The one source over this engine's database."""
    sync = engine.sync_engine
    if sync not in _open:
        _open[sync] = _MySQL(engine) if sync.dialect.name == "mysql" else _SQLite(engine)
    return _open[sync]


_mysql: Any = mysql
_DIALECT: Final = _mysql.dialect(paramstyle="pyformat")
_LIST: Final = re.compile(r"__\[POSTCOMPILE_(\w+)\]")
"""Where a list of values goes, as it is compiled."""
_PLAIN: Final = re.compile(r"[0-9A-Za-z @+._:-]*", re.ASCII)


def _text_literal(value: str) -> str:
    """In quotes only where no mode of a session and no character set could read it otherwise."""
    if _PLAIN.fullmatch(value):
        return f"'{value}'"
    return f"_utf8mb4 0x{value.encode().hex()}"


_LITERALS: Final[dict[type, Any]] = {
    UUID: lambda value: "0x" + value.hex,
    int: str,
    str: _text_literal,
    date: lambda value: f"'{value.isoformat()}'",
    datetime: lambda value: f"'{to_naive(value)}'",
    list: lambda values: ",".join(_LITERALS[type(value)](value) for value in values),
}


class _Text:
    """Values go in as literals, which spares a round trip."""

    __slots__ = ("_fixed", "_names", "_text")

    def __init__(self, statement: Select[Any]) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        own = {name: value for name, value in compiled.params.items() if value is not None}
        self._fixed = _literals(own, own)
        self._names = tuple(name for name in compiled.params if name not in own)
        self._text = _LIST.sub(r"%(\1)s", str(compiled))

    def filled(self, values: Values) -> str:
        """The statement with its values. KeyError for one that is not given."""
        return self._text % {**self._fixed, **_literals(self._names, values)}


def _literals(names: Iterable[str], values: Values) -> dict[str, str]:
    return {name: _LITERALS[type(values[name])](values[name]) for name in names}


class _MySQL:
    lateral = True

    def __init__(self, engine: AsyncEngine) -> None:
        self._connections = Connections(engine)

    def prepare(self, statement: Select[Any]) -> _Text:
        insist_within(statement)
        return _Text(statement)

    async def ask(self, *asked: tuple[_Text, Values]) -> list[Rows]:
        texts = [text.filled(values) for text, values in asked]
        return await self._connections.rows(";".join(texts), len(texts))


class _SQLite:
    """For the demo and for tests: there is no round trip to save."""

    lateral = False

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    def prepare(self, statement: Select[Any]) -> Select[Any]:
        insist_within(statement)
        return statement

    async def ask(self, *asked: tuple[Select[Any], Values]) -> list[Rows]:
        async with self._engine.connect() as connection:
            found = [(await connection.execute(what, values)).all() for what, values in asked]
        return [[_stored(row) for row in rows] for rows in found]


def _stored(row: Sequence[Any]) -> list[Any]:
    return [value.bytes if isinstance(value, UUID) else value for value in row]
