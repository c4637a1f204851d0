"""The kinds of columns read models are made of, and how their tables are declared.

A row may be made by any of its facts, so whatever is not a key has a default or may be null.
"""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, Column, Index, Integer, String, Table
from sqlalchemy import text as sql_text

from projections.tables import Instant, JsonText, id_column, metadata

# Byte order, as SQLite compares: sorting and uniqueness agree in both databases.
MYSQL: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_0900_bin",
}
_canonical = msgspec.json.Encoder(order="sorted")


def read_model(name: str, *parts: Column[Any] | Index) -> Table:
    """A table of the read database."""
    return Table(name, metadata, *parts, **MYSQL)


def passing(table: Table) -> Table:
    """Rows leave it by their age, which is no fact: a table built anew has more of them."""
    table.info["passing"] = True
    return table


def key(name: str) -> Column[UUID]:
    """An id that is part of the primary key."""
    return id_column(name, primary_key=True)


def key_number(name: str) -> Column[int]:
    """A number that is part of the primary key."""
    return Column(name, Integer, primary_key=True, autoincrement=False)


def month() -> Column[int]:
    """The month as the last part of the key: what MySQL divides a large table by."""
    return key_number("month")


def link(name: str) -> Column[UUID]:
    """An id of something else; null where there is none or it is not known yet."""
    return id_column(name, nullable=True)


def text(name: str, length: int = 255) -> Column[str]:
    """A bounded text, empty unless told.

    The default is spelt as SQL because that is how both databases show it to a comparison.
    """
    return Column(name, String(length), nullable=False, server_default=sql_text("''"))


def long_text(name: str) -> Column[str]:
    """Text of any length, or canonical JSON. MySQL allows it no default, so it may be null."""
    return Column(name, JsonText, nullable=True)


def number(name: str, default: int = 0) -> Column[int]:
    """A whole number or counter that stays small."""
    return Column(name, Integer, nullable=False, server_default=str(default))


def big(name: str) -> Column[int]:
    """A position or a sum: 64 bits."""
    return Column(name, BigInteger, nullable=False, server_default="0")


def flags(name: str) -> Column[int]:
    """Bits, of which a row that nobody has told any has all."""
    return Column(name, BigInteger, nullable=False, server_default="-1")


def instant(name: str) -> Column[Any]:
    """An instant; null until it comes."""
    return Column(name, Instant, nullable=True)


def canonical(value: object) -> str:
    """The one JSON text of a value: keys sorted, no spaces."""
    return _canonical.encode(value).decode()
