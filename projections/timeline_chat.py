"""What a contact's timeline tells of conversations and calls.

As elsewhere in the timeline, what was written is not repeated: it is in the transcript, the notes.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from domain.call import CallReported, Step
from domain.conversation import (
    AboutConversation,
    BotPaused,
    BotResumed,
    ConversationAssigned,
    ConversationLabelled,
    ConversationMoved,
    ConversationPrioritised,
    ConversationStarted,
    CustomerWrote,
    NoteAdded,
    NoteRemoved,
    Status,
)
from domain.ids import show
from domain.inbound import InboundEdited, InboundReacted, InboundReceived, InboundRevoked
from domain.kernel import Event

MOVES: Final[Mapping[Status, str]] = {
    "open": "conversation_opened",
    "pending": "conversation_pending",
    "snoozed": "conversation_snoozed",
    "resolved": "conversation_resolved",
}
CALLS: Final[Mapping[Step, str]] = {
    "ringing": "call_ringing",
    "connected": "call_connected",
    "accepted": "call_accepted",
    "rejected": "call_rejected",
    "ended": "call_ended",
    "failed": "call_failed",
}


class Line(NamedTuple):
    """One entry; without an instant it has that of its recording."""

    kind: str
    detail: Mapping[str, Any]
    at: datetime | None = None
    message_id: UUID | None = None


def _user(id_: UUID | None) -> str | None:
    return None if id_ is None else show("user", id_)


def received(event: InboundReceived) -> Line:
    kind = "message_from_phone" if event.echo else "message_received"
    return Line(kind, {"kind": event.content.kind}, event.at, event.message_id)


def edited(event: InboundEdited) -> Line:
    return Line("message_edited", {"superseded": event.superseded}, event.at, event.message_id)


def revoked(event: InboundRevoked) -> Line:
    return Line("message_revoked", {}, event.at, event.message_id)


def reacted(event: InboundReacted) -> Line:
    kind = "reaction" if event.emoji else "reaction_removed"
    by = "business" if event.echo else "customer"
    return Line(kind, {"by": by}, event.at, event.target_id)


def called(event: CallReported) -> Line:
    detail = {"call_id": show("call", event.call_id), "by": event.by, "video": event.video}
    if event.seconds is not None:
        detail["seconds"] = event.seconds
    return Line(CALLS[event.step], detail, event.at)


def started(event: ConversationStarted) -> Line:
    return Line("conversation_started", _of(event, by=event.by))


def opened_again(event: CustomerWrote) -> Line | None:
    """A message opens what was resolved or snoozed."""
    if event.before in {"absent", event.status}:
        return None
    return Line(MOVES[event.status], _of(event, by=None), event.at)


def moved(event: ConversationMoved) -> Line:
    detail = _of(event, by=_user(event.user_id))
    if event.until is not None:
        detail["until"] = event.until
    return Line(MOVES[event.status], detail, event.at)


def assigned(event: ConversationAssigned) -> Line:
    team = None if event.team_id is None else show("team", event.team_id)
    to = {"user_id": _user(event.user_id), "team_id": team, "how": event.how}
    return Line("conversation_assigned", _of(event, by=_user(event.by), **to))


def prioritised(event: ConversationPrioritised) -> Line:
    detail = _of(event, by=_user(event.by), priority=event.priority, was=event.was)
    return Line("conversation_prioritised", detail)


def labelled(event: ConversationLabelled) -> Line:
    detail = _of(event, by=_user(event.by), added=event.added, removed=event.removed)
    return Line("conversation_labelled", detail)


def noted(event: NoteAdded) -> Line:
    detail = _of(event, by=_user(event.by), note_id=show("note", event.note_id))
    return Line("note_added", detail, event.at)


def unnoted(event: NoteRemoved) -> Line:
    detail = _of(event, by=_user(event.by), note_id=show("note", event.note_id))
    return Line("note_removed", detail)


def bot_paused(event: BotPaused) -> Line:
    return Line("bot_paused", _of(event, by=_user(event.by), until=event.until))


def bot_resumed(event: BotResumed) -> Line:
    return Line("bot_resumed", _of(event, by=_user(event.by)))


def _of(event: AboutConversation, **more: Any) -> dict[str, Any]:
    return {"conversation_id": show("conversation", event.conversation_id), **more}


CHAT_LINES: Final[Mapping[type[Event], Callable[[Any], Line | None]]] = {
    InboundReceived: received,
    InboundEdited: edited,
    InboundRevoked: revoked,
    InboundReacted: reacted,
    CallReported: called,
    ConversationStarted: started,
    CustomerWrote: opened_again,
    ConversationMoved: moved,
    ConversationAssigned: assigned,
    ConversationPrioritised: prioritised,
    ConversationLabelled: labelled,
    NoteAdded: noted,
    NoteRemoved: unnoted,
    BotPaused: bot_paused,
    BotResumed: bot_resumed,
}
CHAT_KINDS: Final = (
    *("message_received", "message_from_phone", "message_edited", "message_revoked"),
    *("reaction", "reaction_removed", "conversation_started"),
    *MOVES.values(),
    *("conversation_assigned", "conversation_prioritised", "conversation_labelled"),
    *("note_added", "note_removed", "bot_paused", "bot_resumed"),
    *CALLS.values(),
)
