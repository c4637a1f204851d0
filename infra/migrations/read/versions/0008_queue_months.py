"""The queue says each message's month, so that its first attempt needs nothing else."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("send_queue", sa.Column("month", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("send_queue", "month")
