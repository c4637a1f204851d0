"""What is still to be done, and how far every projection has got."""

import sqlalchemy as sa
from alembic import op

from infra.migrations.kinds import (
    BYTES,
    INSTANT,
    MYSQL,
    big,
    instant,
    key,
    link,
    long_text,
    number,
    text,
)

revision = "0004"
down_revision = "0003"

TABLES = ("audience_work", "schedule", "lanes", "send_queue", "checkpoints", "parked")


def upgrade() -> None:
    _audience_work()
    _schedule()
    _lanes()
    _send_queue()
    _checkpoints()
    _parked()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _audience_work() -> None:
    op.create_table(
        "audience_work",
        key("workspace_id"),
        key("campaign_id"),
        link("account_id"),
        long_text("plan"),
        big("launched_position"),
        number("next_chunk", 1),
        link("through"),
        number("active"),
        number("done"),
        text("status", 16),
        **MYSQL,
    )
    op.create_index("ix_audience_work_active", "audience_work", ["active", "done"])


def _schedule() -> None:
    op.create_table(
        "schedule",
        key("workspace_id"),
        key("campaign_id"),
        instant("due_at"),
        **MYSQL,
    )
    op.create_index("ix_schedule_due", "schedule", ["due_at"])


def _lanes() -> None:
    op.create_table(
        "lanes",
        key("account_id"),
        key("campaign_id"),
        link("workspace_id"),
        text("state", 16),
        number("pending_count"),
        number("audience_done"),
        **MYSQL,
    )
    op.create_index("ix_lanes_state", "lanes", ["state", "audience_done"])


def _send_queue() -> None:
    op.create_table(
        "send_queue",
        key("account_id"),
        key("campaign_id"),
        key("message_id"),
        link("workspace_id"),
        link("contact_id"),
        text("state", 16),
        text("to_phone", 32),
        long_text("content"),
        number("priority", 5),
        instant("due_at"),
        number("attempt", 1),
        instant("attempted_at"),
        big("queued_position"),
        **MYSQL,
    )
    op.create_index("ix_send_queue_attempted", "send_queue", ["state", "attempted_at"])
    op.create_index(
        "ix_send_queue_due",
        "send_queue",
        ["account_id", "campaign_id", "state", "due_at", "message_id"],
    )


def _checkpoints() -> None:
    op.create_table(
        "checkpoints",
        key("projection", sa.String(64)),
        key("version", sa.Integer()),
        key("partition", sa.Integer()),
        big("position"),
        sa.Column("next_offset", sa.BigInteger()),
        instant("recorded_at"),
        instant("applied_at"),
        big("records"),
        big("complete_from"),
        **MYSQL,
    )


def _parked() -> None:
    op.create_table(
        "parked",
        key("projection", sa.String(64)),
        key("partition", sa.Integer()),
        key("position", sa.BigInteger()),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        link("workspace_id"),
        link("stream_id"),
        sa.Column("stream_version", sa.Integer()),
        text("type", 100),
        instant("recorded_at"),
        sa.Column("metadata", BYTES, nullable=True),
        sa.Column("data", BYTES, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("parked_at", INSTANT, nullable=False),
        **MYSQL,
    )
    op.create_index(
        "parked_streams", "parked", ["partition", "projection", "stream_id", "position"]
    )
