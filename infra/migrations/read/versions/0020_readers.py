"""Since when people read: what is unread is counted by eras, from those in which they began.

Conversations are rebuilt for it.
"""

import sqlalchemy as sa
from alembic import op

from infra.migrations.kinds import MYSQL, big, key, number

revision = "0020"
down_revision = "0019"


def era() -> sa.Column[int]:
    return key("era", sa.Integer())


def upgrade() -> None:
    op.add_column("read_markers", number("since"))
    op.create_table(
        "conversation_eras",
        *(key("workspace_id"), key("conversation_id"), era(), number("before")),
        **MYSQL,
    )
    op.create_table(
        "inbox_readers",
        *(key("workspace_id"), key("user_id"), key("account_id"), number("era")),
        **MYSQL,
    )
    _counted([era()], [era()])


def downgrade() -> None:
    _counted([], [])
    op.drop_table("inbox_readers")
    op.drop_table("conversation_eras")
    op.drop_column("read_markers", "since")


def _counted(received: list[sa.Column[int]], seen: list[sa.Column[int]]) -> None:
    """Anew, by these besides."""
    for name in ("inbox_received", "inbox_seen"):
        op.drop_table(name)
    number_ = (key("account_id"), *received, big("messages"))
    op.create_table("inbox_received", key("workspace_id"), *number_, **MYSQL)
    person = (key("user_id"), key("account_id"), *seen, big("messages"))
    op.create_table("inbox_seen", key("workspace_id"), *person, **MYSQL)
