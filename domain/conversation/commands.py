"""What may be asked of a conversation. `by` and `user_id` are people; None is a rule or a key."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from domain.conversation.events import ChatPriority
from domain.hours import ALWAYS, Hours
from domain.kernel import Command


class ConversationRequest(Command):
    conversation_id: UUID


class StartConversation(ConversationRequest):
    """For what may be heard of before any message: a call, a reaction, a notice."""

    contact_id: UUID
    account_id: UUID
    by: Literal["customer", "business", "phone"]


class Writes(ConversationRequest):
    """One more message in it; the first one starts it."""

    contact_id: UUID
    account_id: UUID
    message_id: UUID
    kind: str
    snippet: str


class CustomerWrites(Writes):
    """Goes with the message's own fact. `at` is the provider's instant, with its offset.

    `address` is where an answer goes: E.164, the provider's id of a person, or a chat id.
    """

    at: datetime
    address: str = ""
    era: int = 0


class BusinessWrites(Writes):
    """A reply; without `at` it is written now. `automatic`: no person wrote it.

    `windowed`: the number's provider takes other kinds than templates within 24 hours only.
    """

    at: datetime | None = None
    user_id: UUID | None = None
    automatic: bool = False
    rule_id: UUID | None = None
    from_phone: bool = False
    windowed: bool = True
    hours: Hours = ALWAYS


class ResolveConversation(ConversationRequest):
    user_id: UUID | None = None
    hours: Hours = ALWAYS


class ReopenConversation(ConversationRequest):
    user_id: UUID | None = None


class SetPending(ConversationRequest):
    user_id: UUID | None = None


class SnoozeConversation(ConversationRequest):
    until: datetime
    user_id: UUID | None = None


class WakeConversation(ConversationRequest):
    """Opens it if it is still snoozed and its time has come."""


class AssignConversation(ConversationRequest):
    """To a user, to a team, to a user of a team, or to nobody."""

    user_id: UUID | None = None
    team_id: UUID | None = None
    how: Literal["manual", "round_robin", "rule"] = "manual"
    by: UUID | None = None


class PrioritiseConversation(ConversationRequest):
    priority: ChatPriority
    by: UUID | None = None


class LabelConversation(ConversationRequest):
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    by: UUID | None = None


class AddNote(ConversationRequest):
    note_id: UUID
    text: str
    by: UUID | None = None


class RemoveNote(ConversationRequest):
    note_id: UUID
    by: UUID | None = None


class ReadConversation(ConversationRequest):
    """The user has seen the first `seen` of the customer's messages; None: all there are.

    With `tell`, the customer is told of those that nobody had read before.
    `since` is the era in which the user began to read the number's conversations.
    """

    user_id: UUID
    seen: int | None = None
    tell: bool = False
    since: int = 0


class PauseBot(ConversationRequest):
    """Without `until`: as long as a person's reply would pause it."""

    until: datetime | None = None
    by: UUID | None = None


class ResumeBot(ConversationRequest):
    by: UUID | None = None


ConversationCommand = (
    StartConversation
    | CustomerWrites
    | BusinessWrites
    | ResolveConversation
    | ReopenConversation
    | SetPending
    | SnoozeConversation
    | WakeConversation
    | AssignConversation
    | PrioritiseConversation
    | LabelConversation
    | AddNote
    | RemoveNote
    | ReadConversation
    | PauseBot
    | ResumeBot
)
