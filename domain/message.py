"""One outbound message to one contact; a campaign's message exists once per contact.

queued < sending < unknown < accepted < sent < failed < delivered < read < played is the order of
what may be observed; the shown status is the highest rank seen, in whatever order and however
often the provider reports. Suppressed, cancelled and expired end a message that never left.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from domain.kernel import Command, Event, PersonalText

ErrorClass = Literal["B", "T", "W", "R", "M", "P", "A"]
"""What to do about a provider's refusal: back off, throttle, wait, recipient is unreachable,
message is defective, account problem, authorisation problem."""

Observed = Literal["sent", "delivered", "read", "failed", "played"]


class Parameter(msgspec.Struct, frozen=True, omit_defaults=True):
    """One filled-in template variable; `name` is empty for a positional one."""

    text: PersonalText
    name: str = ""


class Content(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is sent. A template has name, language and parameters; media has a link."""

    kind: Literal["template", "text", "image", "video", "audio", "document"]
    text: PersonalText = ""
    """The text, or the caption of media, or a template's body as the reader sees it."""
    template: str = ""
    language: str = ""
    header: tuple[Parameter, ...] = ()
    body: tuple[Parameter, ...] = ()
    header_kind: str = ""
    link: str = ""
    filename: str = ""


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


class MessageQueued(AboutMessage, kw_only=True):
    to: PersonalText
    content: Content
    priority: int = 5


class MessageAttempted(AboutMessage, kw_only=True):
    """It may be on the wire from now on; attempts count from 1."""

    attempt: int


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


class MessageDelivered(AboutMessage, kw_only=True):
    """`delivery_ms` runs from the attempt to the provider's instant of delivery."""

    at: datetime
    delivery_ms: int
    wamid: str = ""


class MessageRead(AboutMessage, kw_only=True):
    """`delivery_ms` is given where no delivery was reported before; else None."""

    at: datetime
    delivery_ms: int | None = None
    wamid: str = ""


class MessagePlayed(AboutMessage, kw_only=True):
    at: datetime
    delivery_ms: int | None = None
    wamid: str = ""


class MessageFailed(AboutMessage, kw_only=True):
    """The provider gave up on it after accepting it. A later delivery still counts."""

    at: datetime
    code: int
    reason: str
    wamid: str = ""


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
    | MessageSuppressed
    | MessageCancelled
    | MessageExpired
)


class QueueMessage(Command):
    message_id: UUID
    campaign_id: UUID | None
    contact_id: UUID
    account_id: UUID
    to: str
    content: Content
    priority: int = 5


class SuppressMessage(Command):
    """For a message not queued yet, or queued and not attempted."""

    message_id: UUID
    campaign_id: UUID | None
    contact_id: UUID
    account_id: UUID
    reason: str


class AttemptMessage(Command):
    """`attempt` is the one the caller believes is due; any other number changes nothing."""

    message_id: UUID
    attempt: int


class AcceptMessage(Command):
    message_id: UUID
    attempt: int
    wamid: str
    wa_id: str


class RejectMessage(Command):
    message_id: UUID
    attempt: int
    error_class: ErrorClass
    code: int
    reason: str


class MarkUnknown(Command):
    message_id: UUID
    attempt: int
    reason: str


class ObserveStatus(Command):
    """A status webhook. `at` is the provider's instant, with a resolution of one second."""

    message_id: UUID
    status: Observed
    at: datetime
    wamid: str
    code: int = 0
    reason: str = ""


class CancelMessage(Command):
    message_id: UUID
    reason: str


class ExpireMessage(Command):
    message_id: UUID


MessageCommand = (
    QueueMessage
    | SuppressMessage
    | AttemptMessage
    | AcceptMessage
    | RejectMessage
    | MarkUnknown
    | ObserveStatus
    | CancelMessage
    | ExpireMessage
)
