"""What our side does with a message: queue it, try it, or give up on it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from domain.ids import show
from domain.kernel import Rejected
from domain.message.about import about, first
from domain.message.commands import (
    AttemptMessage,
    CancelMessage,
    ExpireMessage,
    QueueMessage,
    SuppressMessage,
)
from domain.message.events import (
    MessageAttempted,
    MessageCancelled,
    MessageEvent,
    MessageExpired,
    MessageQueued,
    MessageSuppressed,
)
from domain.message.state import Message
from domain.refusals import exists, wrong_state

EXPIRES_AFTER: Final = timedelta(days=30)


def queue(message: Message, command: QueueMessage, now: datetime) -> Sequence[MessageEvent]:
    """A campaign's message is there once per contact, so asking again is a repetition."""
    if message.phase == "absent":
        return [
            MessageQueued(
                **first(message, command, "queued", now),
                to=command.to,
                content=command.content,
                priority=command.priority,
            )
        ]
    same = (message.to, message.content, message.account_id, message.contact_id) == (
        command.to,
        command.content,
        command.account_id,
        command.contact_id,
    )
    if command.campaign_id is None and not same:
        raise exists("message", command.message_id)
    return []


def suppress(message: Message, command: SuppressMessage, now: datetime) -> Sequence[MessageEvent]:
    """Holds back what has not left, one waiting for its next attempt included."""
    if message.status == "suppressed":
        return []
    if message.status not in {"absent", "queued"}:
        raise wrong_state("message", message.status, "be suppressed", "queued, or not there yet")
    return [
        MessageSuppressed(**first(message, command, "suppressed", now), reason=command.reason),
    ]


def attempt(message: Message, command: AttemptMessage, now: datetime) -> Sequence[MessageEvent]:
    """Only the attempt that is due; so of two senders with the same idea one does nothing."""
    due = message.retry_at is None or now >= message.retry_at
    if message.status != "queued" or command.attempt != message.attempts + 1 or not due:
        return []
    return [MessageAttempted(**about(message, command, "sending"), attempt=command.attempt, at=now)]


def cancel(message: Message, command: CancelMessage) -> Sequence[MessageEvent]:
    if message.status == "cancelled":
        return []
    if message.status != "queued":
        raise wrong_state("message", message.status, "be cancelled", "queued")
    return [MessageCancelled(**about(message, command, "cancelled"), reason=command.reason)]


def expire(message: Message, command: ExpireMessage, now: datetime) -> Sequence[MessageEvent]:
    """Gives up waiting for news. One that has come to its end has nothing to wait for."""
    if message.status in {"queued", "sending"}:
        raise wrong_state("message", message.status, "expire", "accepted, sent or unknown")
    if message.attempted_at is None or message.status not in {"accepted", "sent", "unknown"}:
        return []
    due_at = message.attempted_at + EXPIRES_AFTER
    if now < due_at:
        raise Rejected(
            "not_due",
            f"message {show('message', command.message_id)} expires {EXPIRES_AFTER.days} days "
            f"after its attempt, at {due_at.isoformat()}; now it is {now.isoformat()}",
        )
    return [MessageExpired(**about(message, command, "expired"))]
