"""What is known of one message, as far as its next decision needs it."""

from datetime import datetime
from typing import assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.message.content import Content
from domain.message.events import (
    MessageAccepted,
    MessageAttempted,
    MessageCancelled,
    MessageDelivered,
    MessageEvent,
    MessageExpired,
    MessageFailed,
    MessageOutcomeUnknown,
    MessagePlayed,
    MessageQueued,
    MessageRead,
    MessageRejected,
    MessageReported,
    MessageSent,
    MessageSuppressed,
)
from domain.message.status import Phase, status_of
from domain.months import BEFORE

NOBODY = UUID(int=0)


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """`marks` are what can only be added to: queued, accepted, and every status observed."""

    phase: Phase = "absent"
    marks: frozenset[str] = frozenset()
    campaign_id: UUID | None = None
    contact_id: UUID = NOBODY
    account_id: UUID = NOBODY
    to: str = ""
    content: Content | None = None
    attempts: int = 0
    attempted_at: datetime | None = None
    retry_at: datetime | None = None
    failed_code: int = 0
    """The code of the failure it counts as, if it does."""
    delivery_ms: int = 0
    """What has been counted as its time to delivery so far."""
    month: int = BEFORE
    reported: frozenset[tuple[str, str]] = frozenset()
    """Words beyond the stages, and of which member of a group."""
    wamid: str = ""
    """What the provider calls it, once it has taken it."""

    @property
    def status(self) -> str:
        """The shown one."""
        return status_of(self.phase, self.marks)


def evolve(message: Message, event: MessageEvent) -> Message:
    """The message after that fact."""
    match event:
        case MessageQueued():
            return replace(
                _about(message, event),
                phase="queued",
                marks=frozenset({"queued"}),
                to=event.to,
                content=event.content,
            )
        case MessageAttempted():
            return replace(message, phase="sending", attempts=event.attempt, attempted_at=event.at)
        case MessageAccepted():
            return replace(
                message,
                phase="accepted",
                marks=message.marks | {"accepted"},
                wamid=event.wamid,
            )
        case MessageRejected(retry_at=None):
            return replace(
                message, phase="refused", retry_at=None, failed_code=_code(message, event)
            )
        case MessageRejected():
            return replace(message, phase="queued", retry_at=event.retry_at)
        case MessageOutcomeUnknown():
            return replace(message, phase="unknown")
        case MessageSent():
            return replace(message, marks=message.marks | {"sent"})
        case MessageFailed():
            return replace(
                message, marks=message.marks | {"failed"}, failed_code=_code(message, event)
            )
        case MessageDelivered():
            return _arrived(message, "delivered", event.delivery_ms)
        case MessageRead():
            return _arrived(message, "read", event.delivery_ms or 0)
        case MessagePlayed():
            return _arrived(message, "played", event.delivery_ms or 0)
        case MessageReported():
            seen = (event.reported, event.participant)
            return replace(message, reported=message.reported | {seen})
        case MessageSuppressed():
            return replace(_about(message, event), phase="suppressed")
        case MessageCancelled():
            return replace(message, phase="cancelled")
        case MessageExpired():
            return replace(message, phase="expired")
        case _:
            assert_never(event)


def _about(message: Message, event: MessageQueued | MessageSuppressed) -> Message:
    return replace(
        message,
        campaign_id=event.campaign_id,
        contact_id=event.contact_id,
        account_id=event.account_id,
        month=event.month,
    )


def _code(message: Message, event: MessageRejected | MessageFailed) -> int:
    return event.code if "failed" in event.newly else message.failed_code


def _arrived(message: Message, status: str, delivery_ms: int) -> Message:
    return replace(
        message,
        marks=message.marks | {status},
        delivery_ms=message.delivery_ms + delivery_ms,
    )
