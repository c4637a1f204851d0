"""What numbers owe of the pause between messages to one recipient, for who sends from them next."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0003"
down_revision = "0001"


def upgrade() -> None:
    binary = sa.LargeBinary(16).with_variant(mysql.BINARY(16), "mysql")
    op.create_table(
        "pair_debts",
        sa.Column("account_id", binary, primary_key=True),
        sa.Column("recipient", binary, primary_key=True),
        sa.Column(
            "paid_at",
            sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=False,
        ),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_0900_bin",
    )


def downgrade() -> None:
    op.drop_table("pair_debts")
