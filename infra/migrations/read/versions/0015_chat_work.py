"""What is to be done with conversations (wake them, give them to somebody); working hours."""

from alembic import op

from infra.migrations.kinds import MYSQL, big, instant, key, link, long_text, number

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("workspaces", long_text("working_hours"))
    op.create_table(
        "wakeups", key("workspace_id"), key("conversation_id"), instant("due_at"), **MYSQL
    )
    op.create_index("ix_wakeups_due", "wakeups", ["due_at"])
    op.create_table(
        "turns",
        key("workspace_id"),
        key("conversation_id"),
        link("account_id"),
        link("team_id"),
        big("since_position"),
        **MYSQL,
    )
    op.create_index("ix_turns_since", "turns", ["workspace_id", "team_id", "since_position"])
    op.create_table(
        "turn_loads",
        key("workspace_id"),
        key("user_id"),
        number("open_count"),
        instant("given_at"),
        **MYSQL,
    )
    op.create_table("turn_teams", key("workspace_id"), key("team_id"), **MYSQL)


def downgrade() -> None:
    for table in ("turn_teams", "turn_loads", "turns", "wakeups"):
        op.drop_table(table)
    op.drop_column("workspaces", "working_hours")
