"""Indexes for lists in the order in which they are read, and for searches among many contacts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

INDEXES = {
    "accounts": {
        "ix_accounts_account": ["account_id"],
    },
    "contacts": {
        "ix_contacts_listed": ["workspace_id", "deleted", "contact_id"],
        "ix_contacts_opted_out": ["workspace_id", "opted_out", "deleted", "contact_id"],
    },
    "contact_words": {
        "ix_contact_words_contact": ["workspace_id", "contact_id", "word"],
    },
    "group_members": {
        "ix_group_members_live": ["workspace_id", "group_id", "live", "contact_id"],
    },
    "messages": {
        "ix_messages_listed": ["workspace_id", "campaign_id", "message_id"],
    },
}


def upgrade() -> None:
    for table, indexes in INDEXES.items():
        there = _there(table)  # on MySQL each statement commits by itself
        for name in indexes.keys() - there:
            op.create_index(name, table, indexes[name])


def downgrade() -> None:
    for table, indexes in INDEXES.items():
        for name in indexes.keys() & _there(table):
            op.drop_index(name, table)


def _there(table: str) -> set[str]:
    return {str(index["name"]) for index in sa.inspect(op.get_bind()).get_indexes(table)}
