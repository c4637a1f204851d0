"""One fingerprint per table, the same on SQLite and MySQL whenever the rows are the same.

How two databases are shown to hold the same read models; checkpoints and parked records are left
out, because they tell of the way and not of the result.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any, Final

import msgspec
from sqlalchemy import Column, Engine, LargeBinary, String, Table, cast, select

from projections.all import ALL

ROWS_AT_ONCE: Final = 5000


def digest(engine: Engine, tables: Iterable[Table] | None = None) -> dict[str, str]:
    """Table name -> SHA-256 over its rows in key order; every read model unless told which."""
    chosen = read_models() if tables is None else list(tables)
    with engine.connect() as connection:
        streaming = connection.execution_options(yield_per=ROWS_AT_ONCE)
        out = {}
        for table in chosen:
            order = [_bytewise(c, engine.dialect.name) for c in table.primary_key]
            hasher = sha256()
            found = streaming.execute(select(table).order_by(*order))
            for rows in found.partitions():
                hasher.update(_encoder.encode_lines([tuple(row) for row in rows]))
            out["".join(table.name)] = hasher.hexdigest()  # plain text: the name is a subclass
        return out


def read_models() -> list[Table]:
    """Every table that holds results."""
    return sorted((table for p in ALL for table in p.tables), key=lambda table: table.name)


def _bytewise(column: Column[Any], dialect: str) -> Any:
    """Text in byte order, as SQLite compares it, whatever the collation of the table."""
    if dialect == "mysql" and isinstance(column.type, String):
        return cast(column, LargeBinary)
    return column


_encoder = msgspec.json.Encoder()
