"""The rules of a message: tried only when due, counted exactly, never tried again when in doubt."""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from domain.kernel import Decider
from domain.message.answers import answer, observe, report
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
from domain.message.events import MessageEvent
from domain.message.sending import attempt, cancel, expire, queue, suppress
from domain.message.state import Message, evolve
from domain.refusals import not_found


def decide(message: Message, command: MessageCommand, now: datetime) -> Sequence[MessageEvent]:
    """What follows from the request. What comes late or twice changes nothing."""
    match command:
        case QueueMessage():
            return queue(message, command, now)
        case SuppressMessage():
            return suppress(message, command, now)
        case _ if message.phase == "absent":
            raise not_found("message", command.message_id)
        case AttemptMessage():
            return attempt(message, command, now)
        case AcceptMessage() | RejectMessage() | MarkUnknown():
            return answer(message, command, now)
        case ObserveStatus():
            return observe(message, command)
        case ReportMessage():
            return report(message, command)
        case CancelMessage():
            return cancel(message, command)
        case ExpireMessage():
            return expire(message, command, now)
        case _:
            assert_never(command)


message: Decider[Message, MessageCommand, MessageEvent] = Decider(
    "message", Message(), decide, evolve
)
