"""Files of conversations, which message has which, and those to be fetched."""

from alembic import op
from sqlalchemy import BigInteger

from infra.migrations.kinds import MYSQL, big, instant, key, link, long_text, text

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "files",
        key("workspace_id"),
        key("file_id"),
        text("status", 8),
        text("mime_type"),
        big("size"),
        long_text("filename"),
        text("sha256", 64),
        long_text("why"),
        link("user_id"),
        **MYSQL,
    )
    op.create_table(
        "file_uses",
        key("workspace_id"),
        key("message_id"),
        key("edition", BigInteger),
        link("file_id"),
        link("conversation_id"),
        link("account_id"),
        **MYSQL,
    )
    op.create_index("ix_file_uses_file", "file_uses", ["workspace_id", "file_id"])
    op.create_table(
        "files_wanted",
        key("workspace_id"),
        key("file_id"),
        link("message_id"),
        link("conversation_id"),
        link("account_id"),
        long_text("media_id"),
        long_text("url"),
        text("mime_type"),
        long_text("sha256"),
        long_text("filename"),
        instant("at"),
        big("position"),
        **MYSQL,
    )
    op.create_index("ix_files_wanted_position", "files_wanted", ["position"])


def downgrade() -> None:
    for table in ("files_wanted", "file_uses", "files"):
        op.drop_table(table)
