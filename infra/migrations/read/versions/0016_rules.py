"""Rules, how often each was used, messages to be looked at for them; use of the assistant."""

import sqlalchemy as sa
from alembic import op

from infra.migrations.kinds import MYSQL, big, instant, key, link, long_text, number, text

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "rules",
        key("workspace_id"),
        key("rule_id"),
        text("name"),
        number("priority"),
        number("cool_down_s"),
        number("enabled"),
        long_text("definition"),
        instant("updated_at"),
        number("version"),
        **MYSQL,
    )
    op.create_index("ix_rules_enabled", "rules", ["workspace_id", "enabled", "priority"])
    op.create_table(
        "rule_uses",
        key("workspace_id"),
        key("rule_id"),
        number("uses"),
        number("answers"),
        instant("last_used_at"),
        **MYSQL,
    )
    op.create_table(
        "considerations",
        key("workspace_id"),
        key("message_id"),
        link("conversation_id"),
        link("contact_id"),
        link("account_id"),
        instant("at"),
        number("nth"),
        big("position"),
        **MYSQL,
    )
    op.create_index("ix_considerations_position", "considerations", ["position"])
    op.create_table(
        "ai_usage",
        key("workspace_id"),
        key("day", sa.Date()),
        number("drafts"),
        number("sentiments"),
        **MYSQL,
    )


def downgrade() -> None:
    for table in ("ai_usage", "considerations", "rule_uses", "rules"):
        op.drop_table(table)
