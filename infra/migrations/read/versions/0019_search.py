"""Searches go by the words' own order: each thing has its words in one text of its own row, too.

Contacts and transcript are rebuilt for it, so the words of messages begin anew.
"""

import sqlalchemy as sa
from alembic import op

from infra.migrations.kinds import MYSQL, big, key, long_text

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("contacts", long_text("words"))
    op.add_column("transcript", long_text("words"))
    op.add_column("transcript", long_text("edited_words"))
    op.drop_index("ix_contact_words_contact", "contact_words")
    op.drop_table("message_words")
    place = key("place", sa.String(28))
    op.create_table(
        "message_words",
        *(key("workspace_id"), key("word", sa.String(64)), place, key("message_id")),
        big("edition"),
        **MYSQL,
    )


def downgrade() -> None:
    op.drop_table("message_words")
    word = (key("word", sa.String(64)), key("message_id"), key("edition", sa.BigInteger()))
    op.create_table("message_words", key("workspace_id"), *word, **MYSQL)
    about = ["workspace_id", "message_id", "word"]
    op.create_index("ix_message_words_message", "message_words", about)
    about = ["workspace_id", "contact_id", "word"]
    op.create_index("ix_contact_words_contact", "contact_words", about)
    op.drop_column("transcript", "edited_words")
    op.drop_column("transcript", "words")
    op.drop_column("contacts", "words")
