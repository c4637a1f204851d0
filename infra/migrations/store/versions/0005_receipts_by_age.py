"""Receipts are found by their age, so that old ones can go."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_index("receipts_by_age", "receipts", ["created_at"])


def downgrade() -> None:
    op.drop_index("receipts_by_age", "receipts")
