"""Conversations, what was said in them, what they are found by, and what is counted of them."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from infra.migrations.kinds import (
    ID,
    MYSQL,
    Column,
    big,
    instant,
    key,
    link,
    long_text,
    number,
    text,
)

revision = "0011"
down_revision = "0010"

INDEXES = {
    "conversations": {
        "listed": ("last_position",),
        "status": ("status", "last_position"),
        "assignee": ("assignee_id", "last_position"),
        "assignee_status": ("assignee_id", "status", "last_position"),
        "team": ("team_id", "status", "last_position"),
        "account": ("account_id", "status", "last_position"),
        "priority": ("priority", "status", "last_position"),
        "waiting": ("waiting", "last_position"),
        "contact": ("contact_id", "last_position"),
    },
    "transcript": {
        "conversation": ("conversation_id", "place"),
        "newest": ("place",),
        "provider": ("provider_id",),
    },
    "message_words": {"message": ("message_id", "word")},
    "notes": {"conversation": ("conversation_id", "place")},
    "calls": {"listed": ("place",), "conversation": ("conversation_id", "place")},
    "contact_identifiers": {"value": ("kind", "value")},
    "canned_replies": {"code": ("short_code",)},
}
"""All of them within a workspace."""

Tables = Mapping[str, tuple[Column, ...]]


def upgrade() -> None:
    for tables in (_conversations(), _inbox(), _transcript(), _around(), _kept()):
        for table, columns in tables.items():
            op.create_table(table, key("workspace_id"), *columns, **MYSQL)
    for table, indexes in INDEXES.items():
        for name, columns in indexes.items():
            op.create_index(f"ix_{table}_{name}", table, ["workspace_id", *columns])
    op.add_column("contact_timeline", sa.Column("account_id", ID))


def downgrade() -> None:
    op.drop_column("contact_timeline", "account_id")
    for tables in (_kept(), _around(), _transcript(), _inbox(), _conversations()):
        for table in tables:
            op.drop_table(table)


def _whose() -> tuple[Column, ...]:
    return link("conversation_id"), link("contact_id"), link("account_id")


def _conversations() -> Tables:
    row = (
        *(key("conversation_id"), link("contact_id"), link("account_id")),
        *(text("status", 16), text("priority", 16), link("assignee_id"), link("team_id")),
        *(long_text("labels"), big("last_position"), instant("last_at"), text("last_kind", 16)),
        *(text("last_direction", 3), long_text("last_snippet"), link("last_message_id")),
        *(instant("window_until"), instant("waiting_since"), number("waiting")),
        *(instant("snoozed_until"), instant("bot_paused_until")),
        *(number("inbound_count"), number("outbound_count"), instant("started_at")),
        number("version"),
    )
    label = (key("label", sa.String(255)), key("conversation_id"), big("position"))
    marker = (key("conversation_id"), key("user_id"), number("seen"))
    return {"conversations": row, "conversation_labels": label, "read_markers": marker}


def _inbox() -> Tables:
    where = (key("account_id"), key("status", sa.String(16)), key("assignee_id"), key("team_id"))
    return {
        "inbox_counts": (*where, number("conversations")),
        "inbox_received": (key("account_id"), big("messages")),
        "inbox_seen": (key("user_id"), key("account_id"), big("messages")),
    }


def _transcript() -> Tables:
    contents = ("body", "media", "details", "payload")
    stages = ("sent", "delivered", "read", "played", "failed")
    message = (
        *(key("message_id"), *_whose(), text("direction", 3), number("from_phone")),
        *(text("place", 28), instant("at"), text("kind", 16)),
        *(long_text(name) for name in contents),
        *(text("provider_id"), text("answers"), long_text("sender"), big("edition")),
        *(instant("edited_at"), text("edited_kind", 16)),
        *(long_text(f"edited_{name}") for name in contents),
        *(instant("revoked_at"), long_text("revocation"), text("status", 16)),
        *(text("error_class", 1), number("error_code"), long_text("reason")),
        *(instant(f"{stage}_at") for stage in stages),
        *(link("author_id"), number("automatic")),
    )
    edit = (
        *(key("message_id"), key("edit_id", sa.String(255)), instant("at"), number("superseded")),
        *(long_text("content"), long_text("sender")),
    )
    reaction = (
        *(key("conversation_id"), key("target", sa.String(255)), key("reaction_id")),
        *(link("account_id"), text("by", 8), long_text("emoji"), instant("at")),
        *(text("place", 28), text("provider_id"), long_text("sender")),
    )
    word = (key("word", sa.String(64)), key("message_id"), key("edition", sa.BigInteger()))
    return {
        "transcript": message,
        "message_edits": edit,
        "reactions": reaction,
        "message_words": word,
    }


def _around() -> Tables:
    steps = ("ringing", "connected", "accepted", "rejected", "ended", "failed")
    note = (
        *(key("note_id"), *_whose(), text("place", 28), instant("at")),
        *(link("author_id"), long_text("text")),
    )
    call = (
        *(key("call_id"), *_whose(), text("provider_id"), text("place", 28)),
        *(text("direction", 3), number("video"), *(instant(f"{step}_at") for step in steps)),
        sa.Column("seconds", sa.Integer()),
    )
    step = (
        *(key("call_id"), key("step", sa.String(16)), text("by", 8), instant("at")),
        *(sa.Column("seconds", sa.Integer()), long_text("details")),
    )
    identifier = (
        *(key("contact_id"), key("value", sa.String(255)), key("kind", sa.String(16))),
        instant("claimed_at"),
    )
    return {"notes": note, "calls": call, "call_steps": step, "contact_identifiers": identifier}


def _kept() -> Tables:
    day = (
        *(key("scope", sa.String(16)), key("day", sa.Date()), key("scope_id")),
        *(number("opened"), number("resolved"), number("first_responses")),
        *(big("first_response_ms"), big("resolution_ms")),
        *(number("messages_in"), number("messages_out")),
    )
    team = (
        *(key("team_id"), text("name"), long_text("members"), number("capacity")),
        *(text("assignment", 16), number("deleted"), number("version")),
    )
    reply = (
        *(key("reply_id"), text("short_code", 64), long_text("text"), instant("updated_at")),
        number("version"),
    )
    return {"chat_daily": day, "teams": team, "canned_replies": reply}
