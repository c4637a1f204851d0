"""The rules of a conversation. What asks for how it is already changes nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import assert_never

from domain.conversation.about import about
from domain.conversation.commands import (
    AddNote,
    AssignConversation,
    BusinessWrites,
    ConversationCommand,
    CustomerWrites,
    LabelConversation,
    PauseBot,
    PrioritiseConversation,
    ReadConversation,
    RemoveNote,
    ReopenConversation,
    ResolveConversation,
    ResumeBot,
    SetPending,
    SnoozeConversation,
    StartConversation,
    WakeConversation,
)
from domain.conversation.events import (
    BotPaused,
    BotResumed,
    ConversationAssigned,
    ConversationEvent,
    ConversationPrioritised,
    ConversationReadBy,
)
from domain.conversation.marking import add_note, label, remove_note
from domain.conversation.moving import move
from domain.conversation.state import Conversation, evolve
from domain.conversation.untold import parted
from domain.conversation.writing import TAKEOVER, business_writes, customer_writes, start
from domain.kernel import Decider, Rejected
from domain.refusals import not_found


def decide(
    conversation: Conversation, command: ConversationCommand, now: datetime
) -> Sequence[ConversationEvent]:
    """What follows from the request. The first message starts it; all else needs it to be there."""
    match command:
        case StartConversation():
            return start(conversation, command)
        case CustomerWrites():
            return customer_writes(conversation, command)
        case BusinessWrites():
            return business_writes(conversation, command, now)
        case _ if conversation.status == "absent":
            raise not_found("conversation", command.conversation_id)
        case (
            ResolveConversation()
            | ReopenConversation()
            | SetPending()
            | SnoozeConversation()
            | WakeConversation()
        ):
            return move(conversation, command, now)
        case AssignConversation():
            return _assign(conversation, command)
        case PrioritiseConversation():
            return _prioritise(conversation, command)
        case LabelConversation():
            return label(conversation, command)
        case AddNote():
            return add_note(conversation, command, now)
        case RemoveNote():
            return remove_note(conversation, command)
        case ReadConversation():
            return _read(conversation, command)
        case PauseBot():
            return _pause_bot(conversation, command, now)
        case ResumeBot():
            if conversation.bot_until is None:
                return []
            return [BotResumed(**about(conversation, command), by=command.by)]
        case _:
            assert_never(command)


def _assign(conversation: Conversation, command: AssignConversation) -> Sequence[ConversationEvent]:
    if (conversation.user_id, conversation.team_id) == (command.user_id, command.team_id):
        return []
    return [
        ConversationAssigned(
            **about(conversation, command),
            user_id=command.user_id,
            team_id=command.team_id,
            was_user_id=conversation.user_id,
            was_team_id=conversation.team_id,
            how=command.how,
            by=command.by,
        )
    ]


def _prioritise(
    conversation: Conversation, command: PrioritiseConversation
) -> Sequence[ConversationEvent]:
    if conversation.priority == command.priority:
        return []
    return [
        ConversationPrioritised(
            **about(conversation, command),
            priority=command.priority,
            was=conversation.priority,
            by=command.by,
        )
    ]


def _read(conversation: Conversation, command: ReadConversation) -> Sequence[ConversationEvent]:
    """A mark moves forward only, and not beyond what has come in. It counts from the beginning
    that was asked with: what somebody had read before they began anew is read with the rest.
    """
    seen = conversation.inbound if command.seen is None else command.seen
    if not 0 <= seen <= conversation.inbound:
        raise Rejected(
            "invalid_seen",
            f"the customer has written {conversation.inbound} messages here; nobody can have "
            f"seen {seen} of them",
        )
    since = conversation.since.get(command.user_id, 0)
    marked = conversation.seen.get(command.user_id, 0) if command.since == since else 0
    if command.since < since or seen <= marked:
        return []
    was = max(marked, conversation.before(command.since))
    read, _ = parted(conversation.untold, conversation.inbound, seen)
    told = max(read)[1] if read and command.tell else None
    if seen <= was and told is None:
        return []
    return [
        ConversationReadBy(
            **about(conversation, command),
            user_id=command.user_id,
            seen=seen,
            was=was,
            message_id=told,
            since=command.since,
        )
    ]


def _pause_bot(
    conversation: Conversation, command: PauseBot, now: datetime
) -> Sequence[ConversationEvent]:
    until = now + TAKEOVER if command.until is None else command.until
    if until.tzinfo is None or until <= now:
        raise Rejected(
            "invalid_until",
            "automatic answers pause until an instant in the future, with its offset from UTC; "
            f"this is {until.isoformat()}, and now it is {now.isoformat()}",
        )
    if conversation.bot_until == until:
        return []
    return [BotPaused(**about(conversation, command), until=until.astimezone(UTC), by=command.by)]


conversation: Decider[Conversation, ConversationCommand, ConversationEvent] = Decider(
    "conversation", Conversation(), decide, evolve
)
