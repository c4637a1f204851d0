"""Snoozed conversations with the instant at which each is to be opened again."""

from sqlalchemy import Index

from domain.conversation import ConversationMoved, CustomerWrote
from domain.kernel import Recorded
from projections.columns import instant, key, read_model
from projections.projection import Projection
from projections.rows import Row, drop, put

wakeups = read_model(
    "wakeups",
    key("workspace_id"),
    key("conversation_id"),
    instant("due_at"),
    Index("ix_wakeups_due", "due_at"),
)

projection = Projection("wakeups", wakeups)


@projection.on
def moved(event: ConversationMoved, recorded: Recorded) -> list[Row]:
    del recorded
    ids = {"workspace_id": event.workspace_id, "conversation_id": event.conversation_id}
    if event.until is not None:
        return [put(wakeups, **ids, due_at=event.until)]
    return [drop(wakeups, **ids)] if event.before == "snoozed" else []


@projection.on
def written(event: CustomerWrote, recorded: Recorded) -> list[Row]:
    """A message of the customer wakes it at once."""
    del recorded
    if event.before != "snoozed":
        return []
    return [drop(wakeups, workspace_id=event.workspace_id, conversation_id=event.conversation_id)]
