"""Words tell of the others of their text, by bits: what has not all words of a search is not looked at.

Contacts and transcript are rebuilt for it; until then, words tell that there may be any other.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
TABLES = ("contact_words", "message_words")


def upgrade() -> None:
    for table in TABLES:
        bits = sa.Column("bits", sa.BigInteger, nullable=False, server_default="-1")
        op.add_column(table, bits)


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "bits")
