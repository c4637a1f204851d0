"""Conversations as an inbox lists them: state, last message, who has them, who still waits.

`last_position` moves with each message and whenever it is opened again, and is what the list is
ordered and paged by. A message that came late is counted, but does not become the last one.
"""

from typing import Any

from sqlalchemy import Index

from domain.conversation import (
    AboutConversation,
    BotPaused,
    BotResumed,
    BusinessWrote,
    ConversationAssigned,
    ConversationLabelled,
    ConversationMoved,
    ConversationPrioritised,
    ConversationReadBy,
    ConversationStarted,
    CustomerWrote,
)
from domain.kernel import Recorded
from projections import conversation_marks as marks
from projections import inbox_counts as counts
from projections.columns import (
    big,
    canonical,
    instant,
    key,
    link,
    long_text,
    number,
    read_model,
    text,
)
from projections.projection import Projection
from projections.rows import Row, put

conversations = read_model(
    "conversations",
    key("workspace_id"),
    key("conversation_id"),
    link("contact_id"),
    link("account_id"),
    text("status", 16),
    text("priority", 16),
    link("assignee_id"),
    link("team_id"),
    long_text("labels"),
    big("last_position"),
    instant("last_at"),
    text("last_kind", 16),
    text("last_direction", 3),
    long_text("last_snippet"),
    link("last_message_id"),
    instant("window_until"),
    instant("waiting_since"),
    number("waiting"),
    instant("snoozed_until"),
    instant("bot_paused_until"),
    number("inbound_count"),
    number("outbound_count"),
    instant("started_at"),
    number("version"),
    Index("ix_conversations_listed", "workspace_id", "last_position"),
    Index("ix_conversations_status", "workspace_id", "status", "last_position"),
    Index("ix_conversations_assignee", "workspace_id", "assignee_id", "last_position"),
    Index(
        "ix_conversations_assignee_status", "workspace_id", "assignee_id", "status", "last_position"
    ),
    Index("ix_conversations_team", "workspace_id", "team_id", "status", "last_position"),
    Index("ix_conversations_account", "workspace_id", "account_id", "status", "last_position"),
    Index("ix_conversations_priority", "workspace_id", "priority", "status", "last_position"),
    Index("ix_conversations_waiting", "workspace_id", "waiting", "last_position"),
    Index("ix_conversations_contact", "workspace_id", "contact_id", "last_position"),
)

projection = Projection(
    "conversations",
    conversations,
    marks.conversation_labels,
    marks.conversation_eras,
    marks.read_markers,
    counts.inbox_counts,
    counts.inbox_received,
    counts.inbox_seen,
    counts.inbox_readers,
    version=2,
)


def _row(event: AboutConversation, recorded: Recorded, **columns: Any) -> Row:
    return put(
        conversations,
        workspace_id=event.workspace_id,
        conversation_id=event.conversation_id,
        status=event.status,
        version=recorded.version,
        **columns,
    )


@projection.on
def started(event: ConversationStarted, recorded: Recorded) -> list[Row]:
    begun = {
        "contact_id": event.contact_id,
        "account_id": event.account_id,
        "priority": "none",
        "labels": "[]",
        "last_position": recorded.position,
        "last_at": recorded.recorded_at,
        "started_at": recorded.recorded_at,
    }
    return [_row(event, recorded, **begun), *counts.moved_in(event)]


@projection.on
def customer_wrote(event: CustomerWrote, recorded: Recorded) -> list[Row]:
    heard = {
        "inbound_count": event.inbound,
        "window_until": event.window_until,
        "waiting_since": event.waiting_since,
        "waiting": int(event.waiting_since is not None),
        "snoozed_until": None,
    }
    row = _row(event, recorded, **heard, **_last(event, recorded, "in"))
    return [row, *counts.moved_in(event), counts.received(event), *marks.era_opened(event)]


@projection.on
def business_wrote(event: BusinessWrote, recorded: Recorded) -> list[Row]:
    answered = {
        "waiting_since": event.waiting_since,
        "waiting": int(event.waiting_since is not None),
    }
    row = _row(event, recorded, **answered, **_last(event, recorded, "out"))
    return [row, Row(conversations, row.key, adds={"outbound_count": 1}), *counts.moved_in(event)]


def _last(event: CustomerWrote | BusinessWrote, recorded: Recorded, way: str) -> dict[str, Any]:
    """What the list shows of the message, if nothing later is known."""
    if not event.newest:
        return {}
    return {
        "last_position": recorded.position,
        "last_at": event.at,
        "last_kind": event.kind,
        "last_direction": way,
        "last_snippet": event.snippet,
        "last_message_id": event.message_id,
    }


@projection.on
def moved(event: ConversationMoved, recorded: Recorded) -> list[Row]:
    puts: dict[str, Any] = {"snoozed_until": event.until}
    if event.status == "resolved":
        puts |= {"waiting_since": None, "waiting": 0}
    if event.status == "open":
        puts["last_position"] = recorded.position
    return [_row(event, recorded, **puts), *counts.moved_in(event)]


@projection.on
def assigned(event: ConversationAssigned, recorded: Recorded) -> list[Row]:
    who = {"assignee_id": event.user_id, "team_id": event.team_id}
    return [_row(event, recorded, **who), *counts.moved_in(event)]


@projection.on
def prioritised(event: ConversationPrioritised, recorded: Recorded) -> Row:
    return _row(event, recorded, priority=event.priority)


@projection.on
def labelled(event: ConversationLabelled, recorded: Recorded) -> list[Row]:
    row = _row(event, recorded, labels=canonical(event.labels))
    return [row, *marks.marked(event, recorded)]


@projection.on
def read_by(event: ConversationReadBy, recorded: Recorded) -> list[Row]:
    return [_row(event, recorded), marks.read_until(event), counts.seen(event)]


@projection.on
def bot_paused(event: BotPaused, recorded: Recorded) -> Row:
    return _row(event, recorded, bot_paused_until=event.until)


@projection.on
def bot_resumed(event: BotResumed, recorded: Recorded) -> Row:
    return _row(event, recorded, bot_paused_until=None)


projection.on(counts.began)
