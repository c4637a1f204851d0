"""The store's tables. What is written in `events` stays: triggers refuse to change or delete it."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.mysql import BINARY, MEDIUMBLOB

from projections.tables import Instant, id_column

metadata = MetaData()

MYSQL: Final[dict[str, Any]] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    # Text is equal only if its bytes are, as on SQLite: "A" and "a" are two idempotency keys.
    "mysql_collate": "utf8mb4_0900_bin",
}
NAME: Final = 255

Blob = LargeBinary().with_variant(MEDIUMBLOB(), "mysql")
Digest = LargeBinary(32).with_variant(BINARY(32), "mysql")
RowId = BigInteger().with_variant(Integer, "sqlite")

events = Table(
    "events",
    metadata,
    Column("position", RowId, primary_key=True, autoincrement=False),
    id_column("stream_id"),
    Column("version", Integer, nullable=False),
    id_column("workspace_id"),
    Column("type", String(NAME), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("metadata", Blob, nullable=False),
    Column("data", Blob, nullable=False),
    UniqueConstraint("stream_id", "version", name="one_fact_per_version"),
    CheckConstraint("position > 0", name="positions_count_from_one"),
    **MYSQL,
)

positions = Table(
    "positions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("head", BigInteger, nullable=False),
    **MYSQL,
)

receipts = Table(
    "receipts",
    metadata,
    id_column("workspace_id", primary_key=True),
    Column("route", String(NAME), primary_key=True),
    Column("key_", String(NAME), primary_key=True),
    Column("fingerprint", String(NAME), nullable=False),
    Column("status", Integer, nullable=False),
    Column("target", String(NAME), nullable=False),
    Column("version", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("receipts_by_age", "created_at"),
    **MYSQL,
)

tracking = Table(
    "tracking",
    metadata,
    Column("application_name", String(NAME), primary_key=True),
    Column("notification_id", BigInteger, nullable=False),
    **MYSQL,
)

snapshots = Table(
    "snapshots",
    metadata,
    id_column("stream_id", primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("type", String(NAME), nullable=False),
    Column("data", Blob, nullable=False),
    **MYSQL,
)

webhook_inbox = Table(
    "webhook_inbox",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("dedupe_key", Digest, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("signature_ok", Integer, nullable=False),
    # Whose signature it had, which says how it is to be read.
    Column("source", String(16), nullable=False, server_default="cloud_api"),
    Column("body", Blob, nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try_at", Instant, nullable=False),
    UniqueConstraint("dedupe_key", name="one_row_per_body"),
    Index("inbox_to_do", "state", "next_try_at", "id"),
    **MYSQL,
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(NAME), primary_key=True),
    Column("owner", String(NAME), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("expires_at", Instant, nullable=False),
    **MYSQL,
)

relay_checkpoint = Table(
    "relay_checkpoint",
    metadata,
    Column("name", String(NAME), primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("partitions", Text, nullable=False),
    Column("topic", String(NAME), nullable=False),
    **MYSQL,
)

pair_debts = Table(
    "pair_debts",
    metadata,
    id_column("account_id", primary_key=True),
    # A digest: whom a number writes to is nobody's business here.
    id_column("recipient", primary_key=True),
    Column("paid_at", Instant, nullable=False),
    **MYSQL,
)

number_days = Table(
    "number_days",
    metadata,
    id_column("account_id", primary_key=True),
    Column("day", Date, primary_key=True),
    # Messages of campaigns that were claimed that day, of UTC.
    Column("sent", Integer, nullable=False),
    **MYSQL,
)
