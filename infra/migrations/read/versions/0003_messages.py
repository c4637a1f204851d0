"""Campaigns, messages, and what is counted of them."""

import sqlalchemy as sa
from alembic import op

from infra.migrations.kinds import MYSQL, big, instant, key, link, long_text, number, text

revision = "0003"
down_revision = "0002"

TABLES = (
    "campaigns",
    "campaign_failures",
    "campaign_suppressions",
    "messages",
    "daily_analytics",
    "daily_contacts",
    "workspace_dashboard",
)


def upgrade() -> None:
    _campaigns()
    _campaign_failures()
    _campaign_suppressions()
    _messages()
    _daily_analytics()
    _daily_contacts()
    _workspace_dashboard()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _campaigns() -> None:
    op.create_table(
        "campaigns",
        key("workspace_id"),
        key("campaign_id"),
        text("name"),
        text("status", 16),
        link("account_id"),
        link("template_id"),
        long_text("plan"),
        instant("due_at"),
        instant("launched_at"),
        instant("completed_at"),
        long_text("reason"),
        number("audience_done"),
        number("recipients"),
        number("queued_count"),
        number("pending_count"),
        number("accepted_count"),
        number("sent_count"),
        number("delivered_count"),
        number("read_count"),
        number("played_count"),
        number("failed_count"),
        number("unknown_count"),
        number("suppressed_count"),
        number("cancelled_count"),
        number("expired_count"),
        big("delivery_ms_total"),
        instant("created_at"),
        number("version"),
        **MYSQL,
    )
    op.create_index("ix_campaigns_status", "campaigns", ["workspace_id", "status", "campaign_id"])


def _campaign_failures() -> None:
    op.create_table(
        "campaign_failures",
        key("workspace_id"),
        key("campaign_id"),
        key("code", sa.Integer()),
        long_text("reason"),
        number("messages"),
        **MYSQL,
    )


def _campaign_suppressions() -> None:
    op.create_table(
        "campaign_suppressions",
        key("workspace_id"),
        key("campaign_id"),
        key("reason", sa.String(100)),
        number("messages"),
        **MYSQL,
    )


def _messages() -> None:
    op.create_table(
        "messages",
        key("workspace_id"),
        key("message_id"),
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


def _daily_analytics() -> None:
    op.create_table(
        "daily_analytics",
        key("workspace_id"),
        key("day", sa.Date()),
        number("messages_queued"),
        number("messages_accepted"),
        number("messages_sent"),
        number("messages_delivered"),
        number("messages_read"),
        number("messages_played"),
        number("messages_failed"),
        number("messages_unknown"),
        number("messages_suppressed"),
        number("messages_cancelled"),
        number("messages_expired"),
        number("campaigns_created"),
        number("campaigns_completed"),
        number("new_contacts"),
        number("opt_outs"),
        **MYSQL,
    )


def _daily_contacts() -> None:
    op.create_table(
        "daily_contacts",
        key("workspace_id"),
        key("day", sa.Date()),
        key("contact_id"),
        number("messages"),
        **MYSQL,
    )


def _workspace_dashboard() -> None:
    op.create_table(
        "workspace_dashboard",
        key("workspace_id"),
        number("contacts"),
        number("opted_out"),
        number("blocked"),
        number("contact_groups"),
        number("templates_approved"),
        number("campaigns_draft"),
        number("campaigns_scheduled"),
        number("campaigns_running"),
        number("campaigns_paused"),
        number("campaigns_completed"),
        number("campaigns_cancelled"),
        number("campaigns_failed"),
        number("messages_queued"),
        number("messages_pending"),
        number("messages_accepted"),
        number("messages_sent"),
        number("messages_delivered"),
        number("messages_read"),
        number("messages_played"),
        number("messages_failed"),
        number("messages_unknown"),
        number("messages_suppressed"),
        number("messages_cancelled"),
        number("messages_expired"),
        **MYSQL,
    )
