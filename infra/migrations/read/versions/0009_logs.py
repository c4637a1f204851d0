"""Checkpoints know the log that their offsets are about; parked records, what they wait behind."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("checkpoints", sa.Column("log_id", sa.String(300), nullable=True))
    op.add_column("parked", sa.Column("behind", sa.BigInteger(), nullable=True))
    op.create_index("parked_lately", "parked", ["projection", "parked_at"])


def downgrade() -> None:
    op.drop_index("parked_lately", "parked")
    op.drop_column("parked", "behind")
    op.drop_column("checkpoints", "log_id")
