"""What providers report: as it was told, and a template's quality."""

import sqlalchemy as sa
from alembic import op

from infra.migrations.kinds import MYSQL, instant, key, link, long_text, text

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "reports",
        key("workspace_id"),
        key("about_id"),
        key("position", sa.BigInteger()),
        link("account_id"),
        text("field", 64),
        text("event", 255),
        instant("at"),
        long_text("details"),
        **MYSQL,
    )
    op.add_column("templates", text("quality", 16))


def downgrade() -> None:
    op.drop_column("templates", "quality")
    op.drop_table("reports")
