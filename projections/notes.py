"""What colleagues noted about conversations. What a removed note said is forgotten here."""

from sqlalchemy import Index

from domain.conversation import NoteAdded, NoteRemoved
from domain.kernel import Recorded
from projections.chat import PLACE_LENGTH, place, whose
from projections.columns import instant, key, link, long_text, read_model, text
from projections.projection import Projection
from projections.rows import Row, drop, put

notes = read_model(
    "notes",
    key("workspace_id"),
    key("note_id"),
    link("conversation_id"),
    link("contact_id"),
    link("account_id"),
    text("place", PLACE_LENGTH),
    instant("at"),
    link("author_id"),
    long_text("text"),
    Index("ix_notes_conversation", "workspace_id", "conversation_id", "place"),
)

projection = Projection("notes", notes)


@projection.on
def added(event: NoteAdded, recorded: Recorded) -> Row:
    return put(
        notes,
        workspace_id=event.workspace_id,
        note_id=event.note_id,
        **whose(event),
        place=place(event.at, recorded.position),
        at=event.at,
        author_id=event.by,
        text=event.text,
    )


@projection.on
def removed(event: NoteRemoved, recorded: Recorded) -> Row:
    del recorded
    return drop(notes, workspace_id=event.workspace_id, note_id=event.note_id)
