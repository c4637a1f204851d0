"""Users, the numbers shared with them, their sessions and failed sign-ins."""

from alembic import op

from infra.migrations.kinds import MYSQL, instant, key, link, number, text

revision = "0010"
down_revision = "0009"

TABLES = ("users", "number_shares", "sessions", "failed_sign_ins")


def upgrade() -> None:
    op.create_table(
        "users",
        key("workspace_id"),
        key("user_id"),
        text("email", 254),
        text("name"),
        text("role", 16),
        text("status", 16),
        number("epoch"),
        instant("invited_at"),
        instant("invited_until"),
        instant("joined_at"),
        instant("removed_at"),
        number("version"),
        **MYSQL,
    )
    op.create_table(
        "number_shares",
        key("workspace_id"),
        key("user_id"),
        key("account_id"),
        instant("shared_at"),
        **MYSQL,
    )
    of_account = ["workspace_id", "account_id", "user_id"]
    op.create_index("ix_number_shares_account", "number_shares", of_account)
    _sessions()
    op.create_table(
        "failed_sign_ins",
        key("workspace_id"),
        key("user_id"),
        number("failures"),
        instant("failed_at"),
        instant("forgiven_at"),
        **MYSQL,
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        key("workspace_id"),
        key("session_id"),
        link("user_id"),
        number("epoch"),
        text("address", 64),
        text("agent"),
        instant("signed_in_at"),
        instant("refreshed_at"),
        instant("expires_at"),
        instant("ended_at"),
        text("reason", 16),
        number("version"),
        **MYSQL,
    )
    op.create_index("ix_sessions_user", "sessions", ["workspace_id", "user_id", "session_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
