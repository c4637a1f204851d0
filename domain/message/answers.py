"""What the provider said of a message: at once, as an answer to an attempt, or later, by webhook.

The answer to an attempt counts once. A status counts whenever it comes: before the answer, while
the outcome is unknown, or while a refused attempt waits to be made again (it did go through then).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, assert_never

from domain.ids import show
from domain.kernel import Rejected
from domain.message.about import About, about
from domain.message.commands import (
    AcceptMessage,
    MarkUnknown,
    ObserveStatus,
    RejectMessage,
    ReportMessage,
)
from domain.message.events import (
    Details,
    MessageAccepted,
    MessageDelivered,
    MessageEvent,
    MessageFailed,
    MessageOutcomeUnknown,
    MessagePlayed,
    MessageRead,
    MessageRejected,
    MessageReported,
    MessageSent,
)
from domain.message.retry import retry_after
from domain.message.state import Message
from domain.message.status import OBSERVED
from domain.refusals import provider_instant


def answer(
    message: Message, command: AcceptMessage | RejectMessage | MarkUnknown, now: datetime
) -> Sequence[MessageEvent]:
    """An answer to any attempt but the one under way is old news."""
    if command.attempt != message.attempts or message.phase not in {"sending", "unknown"}:
        return []
    if isinstance(command, AcceptMessage):
        return [
            MessageAccepted(
                **about(message, command, "accepted", "accepted"),
                attempt=command.attempt,
                wamid=command.wamid,
                wa_id=command.wa_id,
            )
        ]
    if message.marks & OBSERVED:  # it did leave, whatever the answer says
        return []
    if isinstance(command, RejectMessage):
        return [_reject(message, command, now)]
    if message.phase == "unknown":
        return []
    return [
        MessageOutcomeUnknown(
            **about(message, command, "unknown"), attempt=command.attempt, reason=command.reason
        )
    ]


def _reject(message: Message, command: RejectMessage, now: datetime) -> MessageRejected:
    wait = None
    if message.phase == "sending":  # after a doubt it is never tried again
        wait = retry_after(command.error_class, command.code, command.attempt)
    return MessageRejected(
        **about(message, command, "refused" if wait is None else "queued"),
        attempt=command.attempt,
        error_class=command.error_class,
        code=command.code,
        reason=command.reason,
        retry_at=None if wait is None else now + wait,
    )


def observe(message: Message, command: ObserveStatus) -> Sequence[MessageEvent]:
    """Each status counts once; its first report stands."""
    if command.at.tzinfo is None:
        raise Rejected(
            "invalid_time", f"a status has an instant with its offset from UTC, not {command.at}"
        )
    if message.attempted_at is None:
        raise Rejected(
            "not_sent",
            f"message {show('message', command.message_id)} is {message.status} and was never "
            f"attempted, so it cannot be {command.status}; a status belongs to an attempted one",
        )
    if command.status in message.marks:
        return []
    common = _told(message, command)
    at, wamid = command.at.astimezone(UTC), command.wamid
    match command.status:
        case "sent":
            return [MessageSent(**common, at=at, wamid=wamid)]
        case "failed":
            return [
                MessageFailed(
                    **common, at=at, code=command.code, reason=command.reason, wamid=wamid
                )
            ]
        case "delivered":
            took = _milliseconds(message.attempted_at, at) - message.delivery_ms
            return [MessageDelivered(**common, at=at, delivery_ms=took, wamid=wamid)]
        case "read":
            took_read = None
            if "delivered" not in message.marks:
                took_read = _milliseconds(message.attempted_at, at) - message.delivery_ms
            return [MessageRead(**common, at=at, delivery_ms=took_read, wamid=wamid)]
        case "played":
            took_played = None
            if not message.marks & {"delivered", "read"}:
                took_played = _milliseconds(message.attempted_at, at)
            return [MessagePlayed(**common, at=at, delivery_ms=took_played, wamid=wamid)]
        case _:
            assert_never(command.status)


RECIPIENT: Final = frozenset({"recipient", "recipient_id"})


class Told(About):
    details: Details


def _told(message: Message, command: ObserveStatus) -> Told:
    common = about(message, command, message.phase, command.status)
    details = command.details
    if message.campaign_id is not None:  # there are many of these, and whose they are is known
        details = {name: said for name, said in details.items() if name not in RECIPIENT}
    return Told(**common, details=details)


def report(message: Message, command: ReportMessage) -> Sequence[MessageEvent]:
    """Each word counts once, for each member of a group."""
    if (command.reported, command.participant) in message.reported:
        return []
    return [
        MessageReported(
            **about(message, command, message.phase),
            reported=command.reported,
            participant=command.participant,
            at=provider_instant(command.at),
            details=command.details,
        )
    ]


def _milliseconds(attempted_at: datetime, at: datetime) -> int:
    """The provider's clock shows whole seconds and is not ours, so it may seem to be before."""
    return max(0, (at - attempted_at) // timedelta(milliseconds=1))
