"""Whose turn it is goes by the order of facts; what waits for a team is read by number.

Turns are rebuilt for it.
"""

from alembic import op

from infra.migrations.kinds import big, instant

revision = "0024"
down_revision = "0023"
OF_TEAM = ["workspace_id", "team_id"]


def upgrade() -> None:
    op.add_column("turn_loads", big("given_position"))
    op.drop_column("turn_loads", "given_at")
    op.create_index("ix_turns_account", "turns", [*OF_TEAM, "account_id", "since_position"])
    op.drop_index("ix_turns_since", "turns")


def downgrade() -> None:
    op.create_index("ix_turns_since", "turns", [*OF_TEAM, "since_position"])
    op.drop_index("ix_turns_account", "turns")
    op.add_column("turn_loads", instant("given_at"))
    op.drop_column("turn_loads", "given_position")
