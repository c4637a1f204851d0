"""Calls of each number, the latest first: who sees some numbers only is shown a page of each."""

from alembic import op

revision = "0023"
down_revision = "0022"
INDEX = "ix_calls_account"


def upgrade() -> None:
    op.create_index(INDEX, "calls", ["workspace_id", "account_id", "place"])


def downgrade() -> None:
    op.drop_index(INDEX, "calls")
