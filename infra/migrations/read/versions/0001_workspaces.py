"""Workspaces with their keys, numbers, templates and contact imports."""

import sqlalchemy as sa
from alembic import op

from infra.migrations.kinds import MYSQL, instant, key, link, long_text, number, text

revision = "0001"
down_revision = None

TABLES = (
    "workspaces",
    "api_keys",
    "accounts",
    "templates",
    "template_submissions",
    "imports",
    "import_rows",
)


def upgrade() -> None:
    _workspaces()
    _api_keys()
    _accounts()
    _templates()
    _template_submissions()
    _imports()
    _import_rows()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _workspaces() -> None:
    op.create_table(
        "workspaces",
        key("workspace_id"),
        text("name"),
        text("time_zone", 64),
        text("country", 16),
        text("language", 35),
        sa.Column("quiet_start", sa.Integer()),
        sa.Column("quiet_end", sa.Integer()),
        instant("created_at"),
        number("version"),
        **MYSQL,
    )


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        key("workspace_id"),
        key("key_id"),
        text("name"),
        text("secret_hash", 64),
        long_text("scopes"),
        instant("expires_at"),
        instant("revoked_at"),
        instant("created_at"),
        **MYSQL,
    )
    op.create_index("ix_api_keys_secret_hash", "api_keys", ["secret_hash"])


def _accounts() -> None:
    op.create_table(
        "accounts",
        key("workspace_id"),
        key("account_id"),
        text("provider", 16),
        text("phone_number_id", 64),
        text("waba_id", 64),
        text("display_phone_number", 64),
        text("name"),
        text("status", 16),
        text("quality", 16),
        text("tier", 64),
        long_text("pause_reason"),
        number("messages_per_second"),
        instant("created_at"),
        number("version"),
        **MYSQL,
    )
    op.create_index("ix_accounts_phone_number_id", "accounts", ["phone_number_id"])


def _templates() -> None:
    op.create_table(
        "templates",
        key("workspace_id"),
        key("template_id"),
        link("account_id"),
        text("name", 512),
        text("language", 35),
        text("category", 16),
        long_text("body"),
        text("header_kind", 16),
        long_text("header"),
        text("footer"),
        long_text("buttons"),
        long_text("variables"),
        text("status", 16),
        long_text("reason"),
        text("provider_template_id", 128),
        instant("created_at"),
        number("version"),
        **MYSQL,
    )
    op.create_index("ix_templates_provider_template_id", "templates", ["provider_template_id"])


def _template_submissions() -> None:
    op.create_table(
        "template_submissions",
        key("workspace_id"),
        key("template_id"),
        link("account_id"),
        instant("submitted_at"),
        **MYSQL,
    )


def _imports() -> None:
    op.create_table(
        "imports",
        key("workspace_id"),
        key("import_id"),
        long_text("filename"),
        text("status", 16),
        number("rows_count"),
        number("created_count"),
        number("updated_count"),
        number("duplicate_count"),
        number("invalid_count"),
        long_text("reason"),
        instant("started_at"),
        instant("finished_at"),
        number("version"),
        **MYSQL,
    )


def _import_rows() -> None:
    op.create_table(
        "import_rows",
        key("workspace_id"),
        key("import_id"),
        key("line", sa.Integer()),
        text("outcome", 16),
        link("contact_id"),
        long_text("column_name"),
        long_text("value"),
        text("code", 64),
        long_text("reason"),
        **MYSQL,
    )
