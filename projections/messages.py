"""The message log: one row per message, with its text, its status and when it got there.

Every fact of a message says the same month, so its row is found and kept in one partition.
"""

from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Index

from domain.kernel import Recorded
from domain.message import (
    AboutMessage,
    MessageAccepted,
    MessageAttempted,
    MessageCancelled,
    MessageDelivered,
    MessageExpired,
    MessageFailed,
    MessageOutcomeUnknown,
    MessagePlayed,
    MessageQueued,
    MessageRead,
    MessageRejected,
    MessageSent,
    MessageSuppressed,
)
from projections.columns import instant, key, link, long_text, month, number, read_model, text
from projections.projection import Projection
from projections.rows import Row
from projections.stages import Report

messages = read_model(
    "messages",
    key("workspace_id"),
    key("message_id"),
    month(),
    link("campaign_id"),
    link("contact_id"),
    link("account_id"),
    text("to_phone", 32),
    text("kind", 16),
    long_text("body"),
    text("status", 16),
    number("attempts"),
    text("wamid"),
    text("error_class", 1),
    number("error_code"),
    long_text("reason"),
    instant("queued_at"),
    instant("attempted_at"),
    instant("accepted_at"),
    instant("sent_at"),
    instant("delivered_at"),
    instant("read_at"),
    instant("played_at"),
    instant("failed_at"),
    number("version"),
    Index("ix_messages_campaign", "workspace_id", "campaign_id", "status", "message_id"),
    Index("ix_messages_listed", "workspace_id", "campaign_id", "message_id"),
    # A status may name the provider's id only, before the workspace is known.
    Index("ix_messages_wamid", "wamid"),
)

projection = Projection("messages", messages)

_STAGE_OF: Final[dict[type[Report], str]] = {
    MessageSent: "sent",
    MessageDelivered: "delivered",
    MessageRead: "read",
    MessagePlayed: "played",
    MessageFailed: "failed",
}
_INSTANTS: Final = {stage: f"{stage}_at" for stage in _STAGE_OF.values()}


def _row(event: AboutMessage, recorded: Recorded, particulars: dict[str, Any]) -> Row:
    """Whatever the fact is, the row shows the status after it."""
    particulars["status"] = event.status
    particulars["version"] = recorded.version
    return Row(messages, (event.workspace_id, event.message_id, event.month), particulars)


@projection.on
def queued(event: MessageQueued, recorded: Recorded) -> Row:
    what = {"to_phone": event.to, "kind": event.content.kind, "body": event.content.text}
    puts = {**_whose(event), **what, "queued_at": recorded.recorded_at}
    return _row(event, recorded, puts)


@projection.on
def attempted(event: MessageAttempted, recorded: Recorded) -> Row:
    return _row(event, recorded, {"attempts": event.attempt, "attempted_at": event.at})


@projection.on
def accepted(event: MessageAccepted, recorded: Recorded) -> Row:
    return _row(event, recorded, {"wamid": event.wamid, "accepted_at": recorded.recorded_at})


@projection.on
def rejected(event: MessageRejected, recorded: Recorded) -> Row:
    refusal = {"error_class": event.error_class, "error_code": event.code}
    failed = {"failed_at": recorded.recorded_at} if "failed" in event.newly else {}
    return _row(event, recorded, {**refusal, "reason": event.reason, **failed})


@projection.on
def suppressed(event: MessageSuppressed, recorded: Recorded) -> Row:
    return _row(event, recorded, {**_whose(event), "reason": event.reason})


def ended(event: MessageOutcomeUnknown | MessageCancelled, recorded: Recorded) -> Row:
    return _row(event, recorded, {"reason": event.reason})


@projection.on
def expired(event: MessageExpired, recorded: Recorded) -> Row:
    return _row(event, recorded, {})


def _whose(event: AboutMessage) -> dict[str, Any]:
    return {
        "campaign_id": event.campaign_id,
        "contact_id": event.contact_id,
        "account_id": event.account_id,
    }


def reported(event: Report, recorded: Recorded) -> Row:
    """A stage implied by a later one gets that one's instant, until its own is reported."""
    puts: dict[str, Any] = dict.fromkeys(_instants(type(event), event.newly), event.at)
    if event.wamid:
        puts["wamid"] = event.wamid
    if isinstance(event, MessageFailed):
        puts |= {"error_code": event.code, "reason": event.reason}
    return _row(event, recorded, puts)


@lru_cache(1000)
def _instants(kind: type[Report], newly: tuple[str, ...]) -> tuple[str, ...]:
    """The columns such a fact sets to its instant."""
    return tuple(_INSTANTS[stage] for stage in (*newly, _STAGE_OF[kind]) if stage in _INSTANTS)


projection.handlers |= dict.fromkeys(_STAGE_OF, reported)
projection.handlers |= dict.fromkeys([MessageOutcomeUnknown, MessageCancelled], ended)
