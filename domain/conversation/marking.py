"""What colleagues tell each other about a conversation: labels and notes. None of it is sent."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from domain.conversation.about import about
from domain.conversation.commands import AddNote, LabelConversation, RemoveNote
from domain.conversation.events import (
    ConversationEvent,
    ConversationLabelled,
    NoteAdded,
    NoteRemoved,
)
from domain.conversation.state import Conversation
from domain.kernel import Rejected
from domain.refusals import check_name, not_found

LABELS: Final = 50
NOTES: Final = 1_000
NOTE_LENGTH: Final = 4096


def label(conversation: Conversation, command: LabelConversation) -> Sequence[ConversationEvent]:
    """Labels that differ in case only are the same one; the spelling it has is kept."""
    if len(command.add) > LABELS or len(command.remove) > LABELS:
        raise _too_many(max(len(command.add), len(command.remove)))
    for name in command.add:
        check_name("label", name)
    present = {name.casefold(): name for name in conversation.labels}
    gone = {name.strip().casefold() for name in command.remove}
    labels = {key: name for key, name in present.items() if key not in gone}
    for name in command.add:
        key = name.strip().casefold()
        labels.setdefault(key, present.get(key, name.strip()))
    if len(labels) > LABELS:
        raise _too_many(len(labels))
    after, before = set(labels.values()), set(conversation.labels)
    if after == before:
        return []
    return [
        ConversationLabelled(
            **about(conversation, command),
            labels=tuple(sorted(after)),
            added=tuple(sorted(after - before)),
            removed=tuple(sorted(before - after)),
            by=command.by,
        )
    ]


def _too_many(labels: int) -> Rejected:
    return Rejected(
        "too_many_labels", f"a conversation has at most {LABELS} labels; these are {labels}"
    )


def add_note(
    conversation: Conversation, command: AddNote, now: datetime
) -> Sequence[ConversationEvent]:
    if command.note_id in conversation.notes:
        return []
    if not command.text.strip() or len(command.text) > NOTE_LENGTH:
        raise Rejected(
            "invalid_note",
            f"a note has 1 to {NOTE_LENGTH} characters and is not blank; "
            f"this has {len(command.text)}",
        )
    if len(conversation.notes) >= NOTES:
        raise Rejected("too_many_notes", f"a conversation has at most {NOTES} notes in its life")
    return [
        NoteAdded(
            **about(conversation, command),
            note_id=command.note_id,
            text=command.text,
            at=now,
            by=command.by,
        )
    ]


def remove_note(conversation: Conversation, command: RemoveNote) -> Sequence[ConversationEvent]:
    """What it said stays on record and is not shown any more."""
    if command.note_id not in conversation.notes:
        raise not_found("note", command.note_id)
    if not conversation.notes[command.note_id]:
        return []
    return [NoteRemoved(**about(conversation, command), note_id=command.note_id, by=command.by)]
