"""One outbound message to one contact; a campaign's message exists once per contact.

queued < sending < unknown < accepted < sent < failed < delivered < read < played is the order of
what may be observed; the shown status is the highest rank seen, in whatever order and however
often the provider reports. Suppressed, cancelled and expired end a message that never left.
"""

from domain.message.commands import (
    AcceptMessage,
    AttemptMessage,
    CancelMessage,
    ExpireMessage,
    MarkUnknown,
    MessageCommand,
    ObserveStatus,
    QueueMessage,
    RejectMessage,
    ReportMessage,
    SuppressMessage,
)
from domain.message.content import Attached, Content, Parameter
from domain.message.decider import message
from domain.message.events import (
    AboutMessage,
    ErrorClass,
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
    Observed,
)
from domain.message.state import Message
from domain.message.status import STAGES

__all__ = [
    "STAGES",
    "AboutMessage",
    "AcceptMessage",
    "Attached",
    "AttemptMessage",
    "CancelMessage",
    "Content",
    "ErrorClass",
    "ExpireMessage",
    "MarkUnknown",
    "Message",
    "MessageAccepted",
    "MessageAttempted",
    "MessageCancelled",
    "MessageCommand",
    "MessageDelivered",
    "MessageEvent",
    "MessageExpired",
    "MessageFailed",
    "MessageOutcomeUnknown",
    "MessagePlayed",
    "MessageQueued",
    "MessageRead",
    "MessageRejected",
    "MessageReported",
    "MessageSent",
    "MessageSuppressed",
    "ObserveStatus",
    "Observed",
    "Parameter",
    "QueueMessage",
    "RejectMessage",
    "ReportMessage",
    "SuppressMessage",
    "message",
]
