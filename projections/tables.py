"""What all read-model tables share: their metadata, and the column types of ids and instants.

Both databases hold the same values: ids as 16 bytes, instants as naive UTC with microseconds,
JSON as text in canonical form.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BINARY, Column, DateTime, Dialect, LargeBinary, MetaData, Text
from sqlalchemy.dialects.mysql import DATETIME, MEDIUMTEXT
from sqlalchemy.types import TypeDecorator, TypeEngine

metadata = MetaData()
ID_BYTES = 16


class Id(TypeDecorator[UUID]):
    """BINARY(16) on MySQL, BLOB on SQLite; a UUID in Python."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(
            BINARY(ID_BYTES) if dialect.name == "mysql" else LargeBinary(ID_BYTES)
        )

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        del dialect
        return value.bytes if isinstance(value, UUID) else value

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        del dialect
        return None if value is None else UUID(bytes=bytes(value))


class Instant(TypeDecorator[datetime]):
    """DATETIME(6): an aware instant goes in as UTC, an aware UTC instant comes out."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(DATETIME(fsp=6) if dialect.name == "mysql" else DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        return value if value is None or value.tzinfo is None else to_naive(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        return None if value is None else value.replace(tzinfo=UTC)


JsonText = Text().with_variant(MEDIUMTEXT(), "mysql")


def to_naive(instant: datetime) -> datetime:
    """The same instant as the databases hold it: UTC, without a zone."""
    return instant.astimezone(UTC).replace(tzinfo=None)


def id_column(name: str, **options: Any) -> Column[UUID]:
    """An id column; nullable only if said."""
    return Column(name, Id, **{"nullable": False, **options})
