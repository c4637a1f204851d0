"""Messages and timelines by month: a column in the key, and on MySQL a partition for each month.

Rows that are there stay, in month 0, which is where the facts they came from put them; a rebuild
gives those of the timeline the month of their facts. Months ahead are made by `infra.months`.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from infra.migrations.kinds import MYSQL, instant, key, link, long_text, number, text

revision = "0005"
down_revision = "0004"

KEYS = {
    "messages": ("workspace_id", "message_id"),
    "contact_timeline": ("workspace_id", "contact_id", "position"),
}


def upgrade() -> None:
    for table, keys in KEYS.items():
        if op.get_context().dialect.name == "sqlite":
            _remake(table, key("month", sa.Integer()))
        elif not _divided(table):  # each of them commits by itself
            first = datetime.now(UTC).strftime("%Y%m")
            op.execute(
                f"ALTER TABLE {table} ADD COLUMN month INT NOT NULL AFTER {keys[-1]},"
                f" DROP PRIMARY KEY, ADD PRIMARY KEY ({', '.join(keys)}, month)"
                f" PARTITION BY RANGE (month) (PARTITION past VALUES LESS THAN ({first}),"
                " PARTITION later VALUES LESS THAN MAXVALUE)"
            )


def downgrade() -> None:
    for table, keys in KEYS.items():
        if op.get_context().dialect.name == "sqlite":
            _remake(table)
        elif _divided(table):
            op.execute(
                f"ALTER TABLE {table} DROP PRIMARY KEY, DROP COLUMN month,"
                f" ADD PRIMARY KEY ({', '.join(keys)}) REMOVE PARTITIONING"
            )


def _divided(table: str) -> bool:
    return "month" in {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}


def _remake(table: str, *month: sa.Column[int]) -> None:
    """SQLite cannot change a key, so the rows move over into a table made anew."""
    kept = f"{table}_kept"
    for index in ("ix_messages_campaign", "ix_messages_wamid") if table == "messages" else ():
        op.drop_index(index, table)
    op.rename_table(table, kept)
    names = [column["name"] for column in sa.inspect(op.get_bind()).get_columns(kept)]
    same = ", ".join(name for name in names if name != "month")
    if table == "messages":
        _messages(*month)
    else:
        _timeline(*month)
    into, values = (f"{same}, month", f"{same}, 0") if month else (same, same)
    op.execute(f"INSERT INTO {table} ({into}) SELECT {values} FROM {kept}")
    op.drop_table(kept)


def _messages(*month: sa.Column[int]) -> None:
    op.create_table(
        "messages",
        key("workspace_id"),
        key("message_id"),
        *month,
        link("campaign_id"),
        link("contact_id"),
        link("account_id"),
        text("to_phone", 32),
        text("kind", 16),
        long_text("body"),
        text("status", 16),
        number("attempts"),
        text("wamid"),
        text("error_class", 1),
        number("error_code"),
        long_text("reason"),
        instant("queued_at"),
        instant("attempted_at"),
        instant("accepted_at"),
        instant("sent_at"),
        instant("delivered_at"),
        instant("read_at"),
        instant("played_at"),
        instant("failed_at"),
        number("version"),
        **MYSQL,
    )
    op.create_index(
        "ix_messages_campaign", "messages", ["workspace_id", "campaign_id", "status", "message_id"]
    )
    op.create_index("ix_messages_wamid", "messages", ["wamid"])


def _timeline(*month: sa.Column[int]) -> None:
    op.create_table(
        "contact_timeline",
        key("workspace_id"),
        key("contact_id"),
        key("position", sa.BigInteger()),
        *month,
        instant("at"),
        text("kind", 32),
        link("campaign_id"),
        link("message_id"),
        long_text("detail"),
        **MYSQL,
    )
