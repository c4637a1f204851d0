"""The kinds of columns that the read models' migrations are written in.

Migrations that have run somewhere are never changed, so neither is this: a new kind gets a new
name. It says nothing about what `projections.columns` means by the same names today.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

ID = sa.LargeBinary(16).with_variant(mysql.BINARY(16), "mysql")
INSTANT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")
LONG_TEXT = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql")
BYTES = sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql")
MYSQL: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_0900_bin",
}

Column = sa.Column[Any]


def key(name: str, kind: Any = ID) -> Column:
    return sa.Column(name, kind, primary_key=True, autoincrement=False, nullable=False)


def link(name: str) -> Column:
    return sa.Column(name, ID)


def text(name: str, length: int = 255) -> Column:
    return sa.Column(name, sa.String(length), nullable=False, server_default="")


def long_text(name: str) -> Column:
    return sa.Column(name, LONG_TEXT)


def number(name: str, default: int = 0) -> Column:
    return sa.Column(name, sa.Integer, nullable=False, server_default=str(default))


def big(name: str) -> Column:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")


def instant(name: str) -> Column:
    return sa.Column(name, INSTANT)
