"""What can become of a conversation: one contact and one number, worked on by a team."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from domain.kernel import Event, PersonalText

Status = Literal["open", "pending", "snoozed", "resolved"]
ChatPriority = Literal["none", "low", "medium", "high", "urgent"]


class AboutConversation(Event):
    """Said by every fact of one: `status` is the one after it, `before` the one before."""

    conversation_id: UUID
    contact_id: UUID
    account_id: UUID
    status: Status
    before: Status | Literal["absent"]
    assignee_id: UUID | None = None
    """Who had it when this happened: what is counted by agent and team goes by these two."""
    assigned_team_id: UUID | None = None


class ConversationStarted(AboutConversation, kw_only=True):
    """`by` says who wrote first: the customer, the company here, or the company on its phone."""

    by: Literal["customer", "business", "phone"]


class CustomerWrote(AboutConversation, kw_only=True):
    """`inbound` counts the customer's messages from 1. It opens what was resolved or snoozed."""

    message_id: UUID
    at: datetime
    kind: str
    snippet: PersonalText
    inbound: int
    window_until: datetime
    """Until then text may be sent; after it templates only."""
    waiting_since: datetime | None
    """The first message nobody has answered yet; None: one came late, a later one is answered."""
    newest: bool = True
    """Nothing later of either side is known, so this is the conversation's last message."""
    address: PersonalText = ""
    """Where it came from, if an answer goes there: a phone number, or the provider's id of them."""
    era: int = 0
    """How often people had begun to read when it came: see `domain.readers`."""
    opens_era: bool = False
    """The first one here of its era."""


class BusinessWrote(AboutConversation, kw_only=True):
    """A reply was queued, or was sent from the phone. With `response_ms` it is the first answer.

    `response_ms` runs from `waiting_since` to now, in milliseconds of the working hours.
    """

    message_id: UUID
    at: datetime
    kind: str
    snippet: PersonalText
    user_id: UUID | None = None
    automatic: bool = False
    from_phone: bool = False
    response_ms: int | None = None
    waiting_since: datetime | None = None
    """After it: an automatic answer, or one that comes late, leaves the customer waiting."""
    newest: bool = True
    rule_id: UUID | None = None
    """The rule that answers, where it is one."""


class ConversationMoved(AboutConversation, kw_only=True):
    """Resolved, reopened, snoozed `until` an instant, woken, or set to pending."""

    at: datetime
    user_id: UUID | None = None
    until: datetime | None = None
    resolution_ms: int | None = None
    """With resolved: since it was opened last."""


class ConversationAssigned(AboutConversation, kw_only=True):
    user_id: UUID | None
    team_id: UUID | None
    was_user_id: UUID | None
    was_team_id: UUID | None
    how: Literal["manual", "round_robin", "rule"]
    by: UUID | None = None


class ConversationPrioritised(AboutConversation, kw_only=True):
    priority: ChatPriority
    was: ChatPriority
    by: UUID | None = None


class ConversationLabelled(AboutConversation, kw_only=True):
    """`labels` are all it has now, sorted."""

    labels: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    by: UUID | None = None


class NoteAdded(AboutConversation, kw_only=True):
    """For colleagues only; never sent."""

    note_id: UUID
    text: PersonalText
    at: datetime
    by: UUID | None = None


class NoteRemoved(AboutConversation, kw_only=True):
    note_id: UUID
    by: UUID | None = None


class ConversationReadBy(AboutConversation, kw_only=True):
    """The user has seen the first `seen` of the customer's messages; before, `was`.

    What came before `since`, the era in which the user began to read, is among those seen before.
    """

    user_id: UUID
    seen: int
    was: int
    message_id: UUID | None = None
    """The customer is to be told that this one was read, and with it all before it."""
    since: int = 0


class BotPaused(AboutConversation, kw_only=True):
    """A person has taken over; until then nothing is answered automatically."""

    until: datetime
    by: UUID | None = None


class BotResumed(AboutConversation, kw_only=True):
    by: UUID | None = None


ConversationEvent = (
    ConversationStarted
    | CustomerWrote
    | BusinessWrote
    | ConversationMoved
    | ConversationAssigned
    | ConversationPrioritised
    | ConversationLabelled
    | NoteAdded
    | NoteRemoved
    | ConversationReadBy
    | BotPaused
    | BotResumed
)
