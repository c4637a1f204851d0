"""What customers are to be told was read, and the numbers that tell nobody."""

from alembic import op

from infra.migrations.kinds import MYSQL, instant, key, link, number

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("accounts", number("read_receipts", 1))
    op.create_table(
        "read_receipts",
        key("workspace_id"),
        key("conversation_id"),
        link("account_id"),
        link("message_id"),
        instant("asked_at"),
        **MYSQL,
    )
    op.create_index("ix_read_receipts_asked", "read_receipts", ["asked_at"])


def downgrade() -> None:
    op.drop_table("read_receipts")
    op.drop_column("accounts", "read_receipts")
