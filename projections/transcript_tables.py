"""The tables of what was said: messages, and the edits of them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Index, String

from projections.chat import PLACE_LENGTH
from projections.columns import big, instant, key, link, long_text, number, read_model, text
from projections.rows import Row

transcript = read_model(
    "transcript",
    key("workspace_id"),
    key("message_id"),
    link("conversation_id"),
    link("contact_id"),
    link("account_id"),
    text("direction", 3),
    number("from_phone"),
    text("place", PLACE_LENGTH),
    instant("at"),
    text("kind", 16),
    long_text("body"),
    long_text("media"),
    long_text("details"),
    long_text("payload"),
    text("provider_id"),
    text("answers"),
    long_text("sender"),
    big("edition"),
    instant("edited_at"),
    text("edited_kind", 16),
    long_text("edited_body"),
    long_text("edited_media"),
    long_text("edited_details"),
    long_text("edited_payload"),
    instant("revoked_at"),
    long_text("revocation"),
    text("status", 16),
    text("error_class", 1),
    number("error_code"),
    long_text("reason"),
    instant("sent_at"),
    instant("delivered_at"),
    instant("read_at"),
    instant("played_at"),
    instant("failed_at"),
    link("author_id"),
    number("automatic"),
    # What each text is found by: whoever comes here by one word finds the others.
    long_text("words"),
    long_text("edited_words"),
    Index("ix_transcript_conversation", "workspace_id", "conversation_id", "place"),
    Index("ix_transcript_newest", "workspace_id", "place"),
    # What a message quotes, and what a reaction is about, is named by the provider's id.
    Index("ix_transcript_provider", "workspace_id", "provider_id"),
)

message_edits = read_model(
    "message_edits",
    key("workspace_id"),
    key("message_id"),
    Column("edit_id", String(255), primary_key=True),
    instant("at"),
    number("superseded"),
    long_text("content"),
    long_text("sender"),
)


def of_message(event: Any, puts: Mapping[str, Any]) -> Row:
    """Columns of the message that a fact is about."""
    return Row(transcript, (event.workspace_id, event.message_id), puts)
