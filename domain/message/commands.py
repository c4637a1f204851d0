"""What may be asked of a message."""

from datetime import datetime
from uuid import UUID

import msgspec

from domain.kernel import Command
from domain.message.content import Content
from domain.message.events import Details, ErrorClass, Observed


class QueueMessage(Command):
    message_id: UUID
    campaign_id: UUID | None
    contact_id: UUID
    account_id: UUID
    to: str
    content: Content
    priority: int = 5


class SuppressMessage(Command):
    """For a message not queued yet, or queued and not on its way."""

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
    details: Details = msgspec.field(default_factory=dict)


class ReportMessage(Command):
    """What the provider told of one member of a group, or in a word beyond the stages."""

    message_id: UUID
    reported: str
    participant: str
    at: datetime
    details: Details


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
    | ReportMessage
    | CancelMessage
    | ExpireMessage
)
