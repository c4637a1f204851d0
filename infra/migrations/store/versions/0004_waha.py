"""Webhook bodies say whose they are; numbers with a daily cap, how much of it is gone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    source = sa.Column("source", sa.String(16), nullable=False, server_default="cloud_api")
    op.add_column("webhook_inbox", source)
    op.create_table(
        "number_days",
        sa.Column(
            "account_id",
            sa.LargeBinary(16).with_variant(mysql.BINARY(16), "mysql"),
            primary_key=True,
        ),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("sent", sa.Integer(), nullable=False),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_0900_bin",
    )


def downgrade() -> None:
    op.drop_table("number_days")
    op.drop_column("webhook_inbox", "source")
