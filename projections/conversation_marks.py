"""What people put on conversations: labels, and how far each of them has read."""

from typing import Final

from sqlalchemy import Column, String

from domain.conversation import ConversationLabelled, ConversationReadBy, CustomerWrote
from domain.kernel import Recorded
from projections.columns import big, key, key_number, number, read_model
from projections.rows import Row, drop, put
from projections.words import fold

LONGEST_LABEL: Final = 255

conversation_labels = read_model(
    "conversation_labels",
    key("workspace_id"),
    Column("label", String(LONGEST_LABEL), primary_key=True),
    key("conversation_id"),
    big("position"),
)

read_markers = read_model(
    "read_markers",
    key("workspace_id"),
    key("conversation_id"),
    key("user_id"),
    number("seen"),
    # The era in which the user had begun to read: it says nothing about a later beginning.
    number("since"),
)

conversation_eras = read_model(
    "conversation_eras",
    key("workspace_id"),
    key("conversation_id"),
    key_number("era"),
    number("before"),
)


def label_key(label: str) -> str:
    """What a label is found by: neither case nor accents matter."""
    return fold(label.strip())[:LONGEST_LABEL]


def marked(event: ConversationLabelled, recorded: Recorded) -> list[Row]:
    """A label that is gone may be found by the same word as one that stays."""
    about = {"workspace_id": event.workspace_id, "conversation_id": event.conversation_id}
    there = {label_key(label) for label in event.labels}
    gone = {label_key(label) for label in event.removed} - there
    return [
        *(drop(conversation_labels, **about, label=label) for label in sorted(gone)),
        *(
            put(conversation_labels, **about, label=label_key(label), position=recorded.position)
            for label in event.added
        ),
    ]


def read_until(event: ConversationReadBy) -> Row:
    """How many of the customer's messages the user has seen."""
    about = {"workspace_id": event.workspace_id, "conversation_id": event.conversation_id}
    return put(read_markers, **about, user_id=event.user_id, seen=event.seen, since=event.since)


def era_opened(event: CustomerWrote) -> list[Row]:
    """How many of the customer's messages came before those of an era."""
    if not event.opens_era:
        return []
    about = {"workspace_id": event.workspace_id, "conversation_id": event.conversation_id}
    return [put(conversation_eras, **about, era=event.era, before=event.inbound - 1)]
