"""Contacts, the words they are found by, their groups and their timelines."""

import sqlalchemy as sa
from alembic import op

from infra.migrations.kinds import MYSQL, big, instant, key, link, long_text, number, text

revision = "0002"
down_revision = "0001"

TABLES = ("contacts", "contact_words", "contact_groups", "group_members", "contact_timeline")


def upgrade() -> None:
    _contacts()
    _contact_words()
    _contact_groups()
    _group_members()
    _contact_timeline()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _contacts() -> None:
    op.create_table(
        "contacts",
        key("workspace_id"),
        key("contact_id"),
        text("phone", 32),
        text("first_name"),
        text("last_name"),
        text("email", 320),
        text("language", 35),
        text("time_zone", 64),
        long_text("attributes"),
        number("opted_out"),
        number("blocked"),
        number("deleted"),
        big("live_since"),
        sa.Column("deleted_position", sa.BigInteger()),
        instant("last_message_at"),
        instant("created_at"),
        instant("updated_at"),
        number("version"),
        **MYSQL,
    )
    op.create_index("ix_contacts_phone", "contacts", ["workspace_id", "phone"])


def _contact_words() -> None:
    op.create_table(
        "contact_words",
        key("workspace_id"),
        key("word", sa.String(64)),
        key("contact_id"),
        big("position"),
        **MYSQL,
    )


def _contact_groups() -> None:
    op.create_table(
        "contact_groups",
        key("workspace_id"),
        key("group_id"),
        text("name"),
        number("contacts"),
        instant("created_at"),
        **MYSQL,
    )


def _group_members() -> None:
    op.create_table(
        "group_members",
        key("workspace_id"),
        key("group_id"),
        key("contact_id"),
        key("membership", sa.Integer()),
        big("joined_position"),
        sa.Column("left_position", sa.BigInteger()),
        number("live"),
        **MYSQL,
    )
    op.create_index("ix_group_members_contact", "group_members", ["workspace_id", "contact_id"])


def _contact_timeline() -> None:
    op.create_table(
        "contact_timeline",
        key("workspace_id"),
        key("contact_id"),
        key("position", sa.BigInteger()),
        instant("at"),
        text("kind", 32),
        link("campaign_id"),
        link("message_id"),
        long_text("detail"),
        **MYSQL,
    )
