"""The first tables of the event store, and the triggers that keep facts as they were written."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None

ID = sa.LargeBinary(16).with_variant(mysql.BINARY(16), "mysql")
INSTANT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")
BLOB = sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql")
DIGEST = sa.LargeBinary(32).with_variant(mysql.BINARY(32), "mysql")
ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NAME = sa.String(255)
MYSQL = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_0900_bin",
}


def upgrade() -> None:
    _events()
    _beside()
    _inbox()
    _running()
    for verb in ("UPDATE", "DELETE"):
        _refuse(verb)


def downgrade() -> None:
    for table in (
        "relay_checkpoint",
        "leases",
        "webhook_inbox",
        "snapshots",
        "tracking",
        "receipts",
        "positions",
        "events",
    ):
        op.drop_table(table)


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("position", ROW_ID, primary_key=True, autoincrement=False),
        sa.Column("stream_id", ID, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("type", NAME, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("metadata", BLOB, nullable=False),
        sa.Column("data", BLOB, nullable=False),
        sa.UniqueConstraint("stream_id", "version", name="one_fact_per_version"),
        sa.CheckConstraint("position > 0", name="positions_count_from_one"),
        **MYSQL,
    )
    op.create_table(
        "positions",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("head", sa.BigInteger, nullable=False),
        **MYSQL,
    )
    op.execute("INSERT INTO positions (id, head) VALUES (1, 0)")


def _beside() -> None:
    op.create_table(
        "receipts",
        sa.Column("workspace_id", ID, primary_key=True),
        sa.Column("route", NAME, primary_key=True),
        sa.Column("key_", NAME, primary_key=True),
        sa.Column("fingerprint", NAME, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("target", NAME, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        **MYSQL,
    )
    op.create_table(
        "tracking",
        sa.Column("application_name", NAME, primary_key=True),
        sa.Column("notification_id", sa.BigInteger, nullable=False),
        **MYSQL,
    )
    op.create_table(
        "snapshots",
        sa.Column("stream_id", ID, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("type", NAME, nullable=False),
        sa.Column("data", BLOB, nullable=False),
        **MYSQL,
    )


def _inbox() -> None:
    op.create_table(
        "webhook_inbox",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("dedupe_key", DIGEST, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("signature_ok", sa.Integer, nullable=False),
        sa.Column("body", BLOB, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try_at", INSTANT, nullable=False),
        sa.UniqueConstraint("dedupe_key", name="one_row_per_body"),
        **MYSQL,
    )
    op.create_index("inbox_to_do", "webhook_inbox", ["state", "next_try_at", "id"])


def _running() -> None:
    op.create_table(
        "leases",
        sa.Column("name", NAME, primary_key=True),
        sa.Column("owner", NAME, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        **MYSQL,
    )
    op.create_table(
        "relay_checkpoint",
        sa.Column("name", NAME, primary_key=True),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("partitions", sa.Text, nullable=False),
        sa.Column("topic", NAME, nullable=False),
        **MYSQL,
    )


def _refuse(verb: str) -> None:
    begin = f"CREATE TRIGGER events_no_{verb.lower()} BEFORE {verb} ON events"
    because = f"'events are never changed: {verb} refused'"
    if op.get_bind().dialect.name == "mysql":
        op.execute(f"{begin} FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = {because}")
    else:
        op.execute(f"{begin} BEGIN SELECT RAISE(ABORT, {because}); END")
