"""From one state to another: open, pending, snoozed, resolved."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import assert_never
from uuid import UUID

from domain.conversation.about import about
from domain.conversation.commands import (
    ReopenConversation,
    ResolveConversation,
    SetPending,
    SnoozeConversation,
    WakeConversation,
)
from domain.conversation.events import BotResumed, ConversationEvent, ConversationMoved, Status
from domain.conversation.state import Conversation, evolve
from domain.kernel import Rejected
from domain.refusals import wrong_state

Move = ResolveConversation | ReopenConversation | SetPending | SnoozeConversation | WakeConversation


def move(conversation: Conversation, command: Move, now: datetime) -> Sequence[ConversationEvent]:
    """Nothing if it is in that state already."""
    match command:
        case ResolveConversation():
            return _resolve(conversation, command, now)
        case ReopenConversation(user_id=user_id):
            return _to(conversation, command, "open", now, user_id)
        case SetPending(user_id=user_id):
            return _to(conversation, command, "pending", now, user_id)
        case SnoozeConversation():
            return _snooze(conversation, command, now)
        case WakeConversation():
            due = conversation.snoozed_until is not None and conversation.snoozed_until <= now
            return _to(conversation, command, "open", now, None) if due else []
        case _:
            assert_never(command)


def _to(
    conversation: Conversation, command: Move, status: Status, now: datetime, user_id: UUID | None
) -> Sequence[ConversationEvent]:
    if conversation.status == status:
        return []
    return [ConversationMoved(**about(conversation, command, status), at=now, user_id=user_id)]


def _resolve(
    conversation: Conversation, command: ResolveConversation, now: datetime
) -> Sequence[ConversationEvent]:
    """The work is done, and so is a person's taking over from the bot."""
    if conversation.status == "resolved":
        return []
    took = command.hours.milliseconds(conversation.opened_at or now, now)
    moved = ConversationMoved(
        **about(conversation, command, "resolved"),
        at=now,
        user_id=command.user_id,
        resolution_ms=took,
    )
    if conversation.bot_until is None:
        return [moved]
    return [moved, BotResumed(**about(evolve(conversation, moved), command), by=command.user_id)]


def _snooze(
    conversation: Conversation, command: SnoozeConversation, now: datetime
) -> Sequence[ConversationEvent]:
    if command.until.tzinfo is None or command.until <= now:
        raise Rejected(
            "invalid_until",
            "a conversation is snoozed until an instant in the future, with its offset from UTC; "
            f"this is {command.until.isoformat()}, and now it is {now.isoformat()}",
        )
    if conversation.status == "resolved":
        raise wrong_state("conversation", "resolved", "be snoozed", "open, pending or snoozed")
    until = command.until.astimezone(UTC)
    if conversation.snoozed_until == until:
        return []
    return [
        ConversationMoved(
            **about(conversation, command, "snoozed"),
            at=now,
            user_id=command.user_id,
            until=until,
        )
    ]
