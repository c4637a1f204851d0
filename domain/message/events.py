"""What can become of a message, and what each fact changes in the counts."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from domain.kernel import Event, PersonalText, personal
from domain.message.content import Content
from domain.months import BEFORE

ErrorClass = Literal["B", "T", "W", "R", "M", "P", "A"]
"""What to do about a provider's refusal: back off, throttle, wait, recipient is unreachable,
message is defective, account problem, authorisation problem."""

Observed = Literal["sent", "delivered", "read", "failed", "played"]

Details = Annotated[dict[str, Any], personal]
"""What the provider told beside a status, under its own names: price, conversation, errors."""


class AboutMessage(Event):
    """The ids every count goes by, and what this fact changes in the counts.

    `status` is the shown status after it. `newly` names the stages reached for the first time
    (read without delivered implies delivered), `no_longer` the ones that were counted and turned
    out otherwise. Stages: queued, pending, accepted, sent, delivered, read, played, failed,
    unknown, suppressed, cancelled, expired. `pending` is: queued or being sent, nothing known yet.
    """

    message_id: UUID
    campaign_id: UUID | None
    contact_id: UUID
    account_id: UUID
    status: str
    newly: tuple[str, ...] = ()
    no_longer: tuple[str, ...] = ()
    failed_code: int = 0
    """With failed in `no_longer`: the code under which that failure was counted."""
    month: int = BEFORE
    """When its first fact was decided, in UTC: the same in every fact of a message."""


class MessageQueued(AboutMessage, kw_only=True):
    to: PersonalText
    content: Content
    priority: int = 5


class MessageAttempted(AboutMessage, kw_only=True):
    """It may be on the wire from now on; attempts count from 1. `at` is when it was decided."""

    attempt: int
    at: datetime


class MessageAccepted(AboutMessage, kw_only=True):
    """The provider took it and named it. Does not mean sent."""

    attempt: int
    wamid: str
    wa_id: PersonalText


class MessageRejected(AboutMessage, kw_only=True):
    """The provider refused this attempt; with `retry_at` it is queued again for that instant."""

    attempt: int
    error_class: ErrorClass
    code: int
    reason: str
    retry_at: datetime | None = None


class MessageOutcomeUnknown(AboutMessage, kw_only=True):
    """No answer came. It may have left, so it is never attempted again by itself."""

    attempt: int
    reason: str


class MessageSent(AboutMessage, kw_only=True):
    at: datetime
    wamid: str = ""
    details: Details = msgspec.field(default_factory=dict)


class MessageDelivered(AboutMessage, kw_only=True):
    """`delivery_ms` runs from the attempt to the provider's instant of delivery.

    Here and in the next two it is what this fact adds to the time counted so far: if a read was
    reported first, this corrects the time taken from that, so that sums fit in every order.
    """

    at: datetime
    delivery_ms: int
    wamid: str = ""
    details: Details = msgspec.field(default_factory=dict)


class MessageRead(AboutMessage, kw_only=True):
    """`delivery_ms` is given where no delivery was reported before; else None."""

    at: datetime
    delivery_ms: int | None = None
    wamid: str = ""
    details: Details = msgspec.field(default_factory=dict)


class MessagePlayed(AboutMessage, kw_only=True):
    """A voice message was listened to, so it was read. `delivery_ms` as for `MessageRead`."""

    at: datetime
    delivery_ms: int | None = None
    wamid: str = ""
    details: Details = msgspec.field(default_factory=dict)


class MessageFailed(AboutMessage, kw_only=True):
    """The provider gave up on it after accepting it. A later delivery still counts."""

    at: datetime
    code: int
    reason: str
    wamid: str = ""
    details: Details = msgspec.field(default_factory=dict)


class MessageReported(AboutMessage, kw_only=True):
    """A report that changes no count: of one member of a group, or a word beyond the stages."""

    reported: str
    participant: str
    at: datetime
    details: Details


class MessageSuppressed(AboutMessage, kw_only=True):
    """Never sent: opted_out, blocked, deleted, no_number."""

    reason: str


class MessageCancelled(AboutMessage, kw_only=True):
    reason: str


class MessageExpired(AboutMessage, kw_only=True):
    """Accepted, and nothing heard for 30 days; the provider has dropped it by then."""


MessageEvent = (
    MessageQueued
    | MessageAttempted
    | MessageAccepted
    | MessageRejected
    | MessageOutcomeUnknown
    | MessageSent
    | MessageDelivered
    | MessageRead
    | MessagePlayed
    | MessageFailed
    | MessageReported
    | MessageSuppressed
    | MessageCancelled
    | MessageExpired
)
