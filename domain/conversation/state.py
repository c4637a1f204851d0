"""What is known of one conversation, as far as its next decision needs it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.conversation.automatic import last_answers, last_automatic
from domain.conversation.events import (
    BotPaused,
    BotResumed,
    BusinessWrote,
    ChatPriority,
    ConversationAssigned,
    ConversationEvent,
    ConversationLabelled,
    ConversationMoved,
    ConversationPrioritised,
    ConversationReadBy,
    ConversationStarted,
    CustomerWrote,
    NoteAdded,
    NoteRemoved,
    Status,
)
from domain.conversation.untold import Untold, one_more, parted

NOBODY: Final = UUID(int=0)
WAITING: Final = 100


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """`inbound` counts the customer's messages; `seen` says how many of them each user has read."""

    status: Status | Literal["absent"] = "absent"
    contact_id: UUID = NOBODY
    account_id: UUID = NOBODY
    address: str = ""
    """Where the customer wrote from last, as far as it was said."""
    inbound: int = 0
    window_until: datetime | None = None
    waiting: tuple[datetime, ...] = ()
    """When the messages came that nobody has answered, in order; at most 100 of them."""
    answered_until: datetime | None = None
    """The last message from the phone: who wrote it had seen what came before it."""
    last_at: datetime | None = None
    opened_at: datetime | None = None
    moved_at: datetime | None = None
    snoozed_until: datetime | None = None
    user_id: UUID | None = None
    team_id: UUID | None = None
    priority: ChatPriority = "none"
    labels: tuple[str, ...] = ()
    notes: Mapping[UUID, bool] = {}
    """Every note there was, and whether it still is there."""
    seen: Mapping[UUID, int] = {}
    since: Mapping[UUID, int] = {}
    """The era in which each of them had begun to read, when they read last."""
    eras: tuple[tuple[int, int], ...] = ()
    """Those in which the customer has written, each with how many messages came before it."""
    untold: Untold = ()
    heard: tuple[datetime, UUID] | None = None
    """The newest message of the customer."""
    bot_until: datetime | None = None
    automatic: tuple[tuple[datetime, str], ...] = ()
    """The last automatic answers: when, and how each begins."""
    answered_by: Mapping[UUID, datetime] = {}
    """When each rule has answered last."""

    @property
    def waiting_since(self) -> datetime | None:
        """When the first message came that nobody has answered."""
        return self.waiting[0] if self.waiting else None

    def before(self, era: int) -> int:
        """How many of the customer's messages came before that era."""
        if not era:
            return 0
        return next((before for began, before in self.eras if began >= era), self.inbound)


def evolve(conversation: Conversation, event: ConversationEvent) -> Conversation:
    """The conversation after that fact."""
    match event:
        case ConversationStarted():
            return Conversation(
                status=event.status, contact_id=event.contact_id, account_id=event.account_id
            )
        case CustomerWrote():
            return _customer_wrote(conversation, event)
        case BusinessWrote():
            return _business_wrote(conversation, event)
        case ConversationMoved():
            return _moved(conversation, event)
        case ConversationAssigned():
            return replace(conversation, user_id=event.user_id, team_id=event.team_id)
        case ConversationPrioritised():
            return replace(conversation, priority=event.priority)
        case ConversationLabelled():
            return replace(conversation, labels=event.labels)
        case NoteAdded():
            return replace(conversation, notes={**conversation.notes, event.note_id: True})
        case NoteRemoved():
            return replace(conversation, notes={**conversation.notes, event.note_id: False})
        case ConversationReadBy():
            _, unread = parted(conversation.untold, conversation.inbound, event.seen)
            untold = unread if event.message_id else conversation.untold
            seen = {**conversation.seen, event.user_id: event.seen}
            since = {**conversation.since, event.user_id: event.since}
            return replace(conversation, seen=seen, since=since, untold=untold)
        case BotPaused():
            return replace(conversation, bot_until=event.until)
        case BotResumed():
            return replace(conversation, bot_until=None)
        case _:
            assert_never(event)


def awaiting(conversation: Conversation, at: datetime) -> tuple[datetime, ...]:
    """Those waiting for an answer after one more message, unless the phone has answered it."""
    if conversation.answered_until is not None and at <= conversation.answered_until:
        return conversation.waiting
    waiting = sorted((*conversation.waiting, at))
    return tuple(waiting if len(waiting) <= WAITING else [*waiting[: WAITING - 1], waiting[-1]])


def unanswered(
    conversation: Conversation, at: datetime, kind: str, *, automatic: bool, from_phone: bool
) -> tuple[datetime, ...]:
    """Those still waiting after an answer. The phone may report what it sent late."""
    if automatic or kind == "reaction":
        return conversation.waiting
    return tuple(w for w in conversation.waiting if from_phone and w > at)


def opened(conversation: Conversation, status: Status, at: datetime) -> datetime | None:
    """When it was opened last: being snoozed or pending in between is no end."""
    if conversation.status not in {"absent", "resolved"} and conversation.opened_at is not None:
        return conversation.opened_at
    if status == "resolved":
        return conversation.opened_at
    return max(at, conversation.moved_at or at)


def _customer_wrote(conversation: Conversation, event: CustomerWrote) -> Conversation:
    written = (event.at, event.message_id)
    return replace(
        conversation,
        status=event.status,
        inbound=event.inbound,
        eras=(*conversation.eras, (event.era, event.inbound - 1))
        if event.opens_era
        else conversation.eras,
        address=event.address or conversation.address,
        window_until=event.window_until,
        waiting=awaiting(conversation, event.at),
        untold=one_more(conversation.untold, written),
        heard=max(written, conversation.heard or written),
        last_at=max(event.at, conversation.last_at or event.at),
        opened_at=opened(conversation, event.status, event.at),
        snoozed_until=None,
    )


def _business_wrote(conversation: Conversation, event: BusinessWrote) -> Conversation:
    answered, at, kind = conversation.answered_until, event.at, event.kind
    automatic, from_phone = event.automatic, event.from_phone
    if from_phone and kind != "reaction":
        answered = max(at, answered or at)
    return replace(
        conversation,
        waiting=unanswered(conversation, at, kind, automatic=automatic, from_phone=from_phone),
        answered_until=answered,
        last_at=max(at, conversation.last_at or at),
        opened_at=opened(conversation, event.status, at),
        automatic=last_automatic(conversation.automatic, event),
        answered_by=last_answers(conversation.answered_by, event),
    )


def _moved(conversation: Conversation, event: ConversationMoved) -> Conversation:
    return replace(
        conversation,
        status=event.status,
        opened_at=opened(conversation, event.status, event.at),
        moved_at=event.at,
        snoozed_until=event.until,
        waiting=() if event.status == "resolved" else conversation.waiting,
    )
