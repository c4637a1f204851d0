"""Which projections move, and how far the tables that are to take the place of others have come."""

import sqlalchemy as sa
from alembic import op

from infra.migrations.kinds import MYSQL, big, instant, key, long_text

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "rebuilds",
        key("projection", sa.String(64)),
        sa.Column("version", sa.Integer(), nullable=False),
        long_text("positions"),
        big("head"),
        long_text("records"),
        big("worked_ms"),
        instant("started_at"),
        instant("moved_at"),
        **MYSQL,
    )
    state = sa.Column("state", sa.String(16), nullable=False, server_default="live")
    op.add_column("checkpoints", state)
    op.drop_column("checkpoints", "complete_from")


def downgrade() -> None:
    op.add_column("checkpoints", big("complete_from"))
    op.drop_column("checkpoints", "state")
    op.drop_table("rebuilds")
