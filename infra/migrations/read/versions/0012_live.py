"""What streams tell, notifications with what was read of them, and what the streams keep."""

import sqlalchemy as sa
from alembic import op

from infra.migrations.kinds import MYSQL, big, instant, key, link, long_text, number, text

revision = "0012"
down_revision = "0011"

TABLES = (
    "live_items",
    "live_campaigns",
    "notifications",
    "notification_reads",
    "notification_readers",
    "stream_trims",
    "stream_tickets",
    "notification_deliveries",
)


def upgrade() -> None:
    _live()
    _notifications()
    _streams()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _live() -> None:
    op.create_table(
        "live_items",
        key("workspace_id"),
        key("position", sa.BigInteger()),
        text("topic", 16),
        text("kind", 48),
        text("status", 16),
        link("account_id"),
        link("conversation_id"),
        link("contact_id"),
        link("message_id"),
        link("campaign_id"),
        link("import_id"),
        link("user_id"),
        text("notice", 24),
        text("audience", 24),
        instant("at"),
        **MYSQL,
    )
    op.create_index("ix_live_items_at", "live_items", ["at"])
    op.create_table(
        "live_campaigns",
        key("workspace_id"),
        key("campaign_id"),
        link("account_id"),
        big("position"),
        **MYSQL,
    )
    columns = ["workspace_id", "position"]
    op.create_index("ix_live_campaigns_position", "live_campaigns", columns)


def _notifications() -> None:
    op.create_table(
        "notifications",
        key("workspace_id"),
        key("notification_id"),
        text("kind", 24),
        long_text("title"),
        long_text("reason"),
        text("priority", 16),
        text("audience", 24),
        link("user_id"),
        link("account_id"),
        link("campaign_id"),
        link("conversation_id"),
        instant("created_at"),
        instant("expires_at"),
        **MYSQL,
    )
    op.create_index("ix_notifications_expires", "notifications", ["expires_at"])
    op.create_table(
        "notification_reads",
        key("workspace_id"),
        key("reader_id"),
        key("notification_id"),
        instant("read_at"),
        **MYSQL,
    )
    op.create_table(
        "notification_readers",
        key("workspace_id"),
        key("reader_id"),
        link("through"),
        **MYSQL,
    )


def _streams() -> None:
    op.create_table("stream_trims", key("workspace_id"), big("position"), **MYSQL)
    op.create_table(
        "stream_tickets",
        key("ticket_id"),
        long_text("principal"),
        instant("expires_at"),
        **MYSQL,
    )
    op.create_table(
        "notification_deliveries",
        key("workspace_id"),
        key("reader_id"),
        key("notification_id"),
        number("attempts"),
        **MYSQL,
    )
