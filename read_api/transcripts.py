"""What people may ask about what was said: a conversation's messages and notes, page by page."""

from typing import Any, Final

from sqlalchemy import ColumnElement, case, null, select

from projections import notes as note_model
from projections import transcript as model
from projections.conversations import conversations
from projections.notes import notes
from projections.reactions import reactions
from projections.transcript_tables import message_edits, transcript
from read_api.beside import beside
from read_api.files import file_beside
from read_api.first_message import FROM
from read_api.query import Endpoint, by, in_workspace, many
from read_api.sharing import shared, shared_of

_quoted = transcript.alias("quoted")
_t, _q = transcript.c, _quoted.c


def _kept(columns: Any, name: str) -> ColumnElement[Any]:
    """What the last edit says, else what was received; nothing once it was revoked."""
    edited = case((columns.edition > 0, columns[f"edited_{name}"]), else_=columns[name])
    return case((columns.revoked_at.is_not(None), null()), else_=edited)


def kind_of(columns: Any) -> ColumnElement[str]:
    """Stays what it was also when the rest is hidden."""
    return case((columns.edition > 0, columns.edited_kind), else_=columns.kind)


def text_of(columns: Any) -> ColumnElement[str | None]:
    """What its reader sees."""
    return _kept(columns, "body")


_talk = conversations.alias("talk")
_SEEN: Final = shared_of(_talk, by(_talk.c.conversation_id))
"""All of a conversation is of one number."""
MESSAGES: Final = select(
    _t.message_id,
    _t.conversation_id,
    _t.place,
    _t.at,
    _t.direction,
    _t.from_phone,
    kind_of(_t).label("kind"),
    text_of(_t).label("text"),
    _kept(_t, "media").label("media"),
    _kept(_t, "details").label("details"),
    _kept(_t, "payload").label("payload"),
    _t.provider_id,
    _t.answers,
    _t.sender,
    _t.status,
    _t.sent_at,
    _t.delivered_at,
    _t.read_at,
    _t.played_at,
    _t.failed_at,
    _t.error_code,
    _t.reason,
    _t.author_id,
    _t.automatic,
    _t.edited_at,
    _t.revoked_at,
    _t.revocation,
).where(in_workspace(transcript), by(_t.conversation_id), _t.place > "", _SEEN)
HERE: Final = select(conversations.c.version).where(
    in_workspace(conversations), by(conversations.c.conversation_id), shared(conversations)
)
"""A row if there is such a conversation, for whoever asks."""


def _in_order(edits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(edits, key=lambda edit: (edit["at"], edit["edit_id"]))


def _counted(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of each side the last one counts, unless it was taken back."""
    by_id = {reaction["reaction_id"]: reaction for reaction in found}
    found = sorted(by_id.values(), key=lambda reaction: reaction["place"])
    last = {reaction["by"]: reaction["reaction_id"] for reaction in found}
    for reaction in found:
        is_last = last[reaction["by"]] == reaction["reaction_id"]
        reaction["current"] = is_last and bool(reaction["emoji"])
    return found


def _first(found: list[dict[str, Any]]) -> dict[str, Any] | None:
    return min(found, key=lambda quoted: quoted["place"], default=None)


QUOTED: Final = beside(
    "quoted",
    select(
        _q.provider_id,
        _q.message_id,
        _q.place,
        _q.direction,
        kind_of(_q).label("kind"),
        text_of(_q).label("text"),
    ).where(in_workspace(_quoted), _q.provider_id > "", shared(_quoted)),
    _q.provider_id,
    _t.answers,
    _first,
    told=("answers",),
)
EDITS: Final = beside(
    "edits",
    select(
        message_edits.c.message_id,
        message_edits.c.edit_id,
        message_edits.c.at,
        message_edits.c.superseded,
        message_edits.c.content,
        message_edits.c.sender,
    ).where(in_workspace(message_edits)),
    message_edits.c.message_id,
    _t.message_id,
    _in_order,
    told=("edited_at",),
)
REACTIONS: Final = beside(
    "reactions",
    select(
        reactions.c.target,
        reactions.c.reaction_id,
        reactions.c.by,
        reactions.c.emoji,
        reactions.c.at,
        reactions.c.place,
        reactions.c.provider_id,
        reactions.c.sender,
    ).where(in_workspace(reactions), by(reactions.c.conversation_id), _SEEN),
    reactions.c.target,
    _t.provider_id,
    _counted,
    told=("provider_id",),
    few=True,
    current={"type": "boolean", "description": "What this side shows now"},
)

BESIDES: Final = (QUOTED, EDITS, REACTIONS, file_beside(_t.message_id))

ENDPOINTS: tuple[Endpoint, ...] = (
    many(
        "/v1/conversations/{conversation_id}/messages",
        "What was said in a conversation, latest first",
        MESSAGES,
        model.projection,
        _t.place,
        FROM,
        permission="conversations.read",
        descending=True,
        parent=HERE,
        besides=BESIDES,
        both_ways=True,
        walked=lambda _: "ix_transcript_conversation",
    ),
    many(
        "/v1/conversations/{conversation_id}/notes",
        "What colleagues noted about a conversation, latest first",
        select(
            notes.c.note_id,
            notes.c.conversation_id,
            notes.c.place,
            notes.c.at,
            notes.c.author_id,
            notes.c.text,
        ).where(in_workspace(notes), by(notes.c.conversation_id), _SEEN),
        note_model.projection,
        notes.c.place,
        permission="conversations.read",
        descending=True,
        parent=HERE,
        walked=lambda _: "ix_notes_conversation",
    ),
)
