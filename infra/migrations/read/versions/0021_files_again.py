"""Files that were given up can be wanted again, unless the provider has them no more.

Files are rebuilt for it: what was given up is kept beside what is wanted.
"""

from alembic import op

from infra.migrations.kinds import number

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("files", number("gone"))


def downgrade() -> None:
    op.drop_column("files", "gone")
