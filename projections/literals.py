"""A row's values as the database takes them: SQL literals for MySQL, driver values for SQLite.

Whether a value fits its column is found out on the way, before the database is asked. So it is
refused in both databases alike, and also when a later event of the same batch would have
overwritten it: what is parked does not depend on how batches are cut.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, Column, Integer, String

from projections.faults import Unwritable

Write = Callable[[Any], Any]

LONG: Final = 2**63
_INT: Final = 2**31
_SECOND_DIGITS: Final = 19
_IDS_KEPT: Final = 60_000
_KEPT: Final = 1000
_LONGEST_KEPT: Final = 100
_SPECIAL: Final = dict(zip("\0\n\r\x1a\"'\\", "0nrZ\"'\\", strict=True))
ESCAPES: Final = [f"\\{_SPECIAL[c]}" if (c := chr(code)) in _SPECIAL else c for code in range(128)]
"""What stands for each of the first 128 characters; looked up faster in a list than in a dict."""


class Misfit(ValueError):
    """Names the column, what it takes and what it was given."""


AS_JSON: Final = msgspec.json.Encoder().encode
"""Writes an instant in a tenth of the time that its own methods take."""


def _utc_text(value: datetime) -> str:
    """Naive UTC; microseconds only where there are some."""
    if value.tzinfo is not UTC:
        value = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return AS_JSON(value)[1:-2].decode()


def instant_text(value: datetime) -> str:
    """Naive UTC with microseconds, as SQLite keeps and compares it."""
    text = _utc_text(value).replace("T", " ")
    return f"{text}.000000" if len(text) == _SECOND_DIGITS else text


class Known(dict[Any, Any]):
    """What has been written of late, by value: most columns say the same again and again."""

    def __init__(self, write: Write, usual: type) -> None:
        """Values of other kinds are written anew each time: 1 and True are one key."""
        self._write, self._usual = write, usual

    def __missing__(self, value: Any) -> Any:
        text = self._write(value)
        if type(value) is self._usual and len(text) <= _LONGEST_KEPT:
            if len(self) >= _KEPT:
                self.clear()
            self[value] = text
        return text


class _Ids(dict[int, str]):
    """Ids by their number, as literals. The same ones come up in table after table."""

    def __missing__(self, number: int) -> str:
        if len(self) >= _IDS_KEPT:
            self.clear()
        text = self[number] = "0x%032x" % number  # noqa: UP031 - a third of an f-string's time
        return text


IDS: Final = _Ids()


def _text(value: str) -> str:
    """Half a surrogate pair is no text; better found here than in the statement."""
    if not value.isascii():
        value.encode()
    return value


def _quoted(value: str) -> str:
    """Escaped for a session without NO_BACKSLASH_ESCAPES, which is how ours are set up."""
    return f"'{_text(value).translate(ESCAPES)}'"


def _number_text(value: float) -> str:
    if not isfinite(value):
        raise Unwritable(f"{value} is not a number a column can hold")
    return repr(value)


MYSQL: Final[dict[type, Write]] = {
    UUID: lambda value: IDS[value.int],
    str: _quoted,
    int: str,
    bool: lambda value: "1" if value else "0",
    type(None): lambda _: "NULL",
    datetime: lambda value: f"'{_utc_text(value)}'",
    date: lambda value: f"'{value.isoformat()}'",
    bytes: lambda value: f"0x{value.hex()}" if value else "''",
    float: _number_text,
    Decimal: str,
}
SQLITE: Final[dict[type, Write]] = {
    UUID: lambda value: value.bytes,
    int: int,
    bool: int,
    str: _text,
    type(None): lambda _: None,
    datetime: instant_text,
    date: date.isoformat,
    bytes: bytes,
    float: float,
    Decimal: str,
}


def writer(column: Column[Any], literals: Mapping[type, Write]) -> Write:
    """The function that makes a literal of a value for that column, or says why it cannot."""

    def anything(value: Any) -> Any:
        write = literals.get(type(value))
        if write is None:
            raise Unwritable(f"a value of {type(value)} cannot be stored in a column")
        if value is None and not column.nullable:
            raise Misfit(f"{_name(column)} must not be null")
        return write(value)

    if isinstance(column.type, String) and column.type.length is not None:
        return _bounded(column, column.type.length, literals[str], anything)
    if isinstance(column.type, Integer):
        return _whole(column, literals[int], anything)
    return anything


def _bounded(column: Column[Any], length: int, write: Write, anything: Write) -> Write:
    def bounded(value: Any) -> Any:
        if type(value) is not str:
            return anything(value)
        if len(value) > length:
            raise Misfit(f"{_name(column)} takes {length} characters, not {len(value)}")
        return write(value)

    return bounded


def _whole(column: Column[Any], write: Write, anything: Write) -> Write:
    top = room(column)

    def whole(value: Any) -> Any:
        if type(value) is not int:
            return anything(value)
        if not -top <= value < top:
            raise Misfit(f"{_name(column)} takes whole numbers below {top}, not {value}")
        return write(value)

    return whole


def room(column: Column[Any]) -> int:
    """Below what a column's whole numbers stay."""
    return LONG if isinstance(column.type, BigInteger) else _INT


def _name(column: Column[Any]) -> str:
    return f"{column.table.name}.{column.name}"
