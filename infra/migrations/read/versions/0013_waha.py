"""Numbers that are reached through WAHA: their caps, and the sessions that reach them."""

from alembic import op

from infra.migrations.kinds import MYSQL, instant, key, long_text, number, text

revision = "0013"
down_revision = "0012"

ADDED = ("pace_ms", "messages_per_day", "campaigns_allowed", "session_status")


def upgrade() -> None:
    op.add_column("accounts", number("pace_ms"))
    op.add_column("accounts", number("messages_per_day"))
    op.add_column("accounts", number("campaigns_allowed", 1))
    op.add_column("accounts", text("session_status", 16))
    op.create_table(
        "provider_sessions",
        key("workspace_id"),
        key("account_id"),
        text("session", 64),
        number("watched"),
        text("status", 16),
        long_text("reason"),
        text("asked", 16),
        number("ask"),
        instant("changed_at"),
        long_text("qr"),
        instant("qr_expires_at"),
        number("version"),
        **MYSQL,
    )
    op.create_index("ix_provider_sessions_work", "provider_sessions", ["watched", "asked"])


def downgrade() -> None:
    op.drop_table("provider_sessions")
    for name in reversed(ADDED):
        op.drop_column("accounts", name)
