"""The message log: one row per message, with its text, its status and when it got there.

Every fact of a message says the same month, so its row is found and kept in one partition.
"""

from typing import Any, get_args

from sqlalchemy import Index

from domain.kernel import Recorded
from domain.message import (
    AboutMessage,
    MessageAccepted,
    MessageAttempted,
    MessageCancelled,
    MessageDelivered,
    MessageEvent,
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

_STAGE_OF = {
    MessageSent: "sent",
    MessageDelivered: "delivered",
    MessageRead: "read",
    MessagePlayed: "played",
    MessageFailed: "failed",
}
_INSTANTS = {stage: f"{stage}_at" for stage in _STAGE_OF.values()}


def logged(event: AboutMessage, recorded: Recorded) -> Row:
    """Whatever the fact is, the row shows the status after it."""
    puts = {"status": event.status, "version": recorded.version, **_particulars(event, recorded)}
    return Row(messages, (event.workspace_id, event.message_id, event.month), puts)


def _particulars(event: AboutMessage, recorded: Recorded) -> dict[str, Any]:
    match event:
        case MessageQueued():
            return {
                **_whose(event),
                "to_phone": event.to,
                "kind": event.content.kind,
                "body": event.content.text,
                "queued_at": recorded.recorded_at,
            }
        case MessageAttempted():
            return {"attempts": event.attempt, "attempted_at": event.at}
        case MessageAccepted():
            return {"wamid": event.wamid, "accepted_at": recorded.recorded_at}
        case MessageRejected():
            refusal = {"error_class": event.error_class, "error_code": event.code}
            failed = {"failed_at": recorded.recorded_at} if "failed" in event.newly else {}
            return {**refusal, "reason": event.reason, **failed}
        case MessageSuppressed():
            return {**_whose(event), "reason": event.reason}
        case MessageOutcomeUnknown() | MessageCancelled():
            return {"reason": event.reason}
        case MessageSent() | MessageDelivered() | MessageRead() | MessagePlayed() | MessageFailed():
            return _report(event)
        case _:
            return {}


def _whose(event: AboutMessage) -> dict[str, Any]:
    return {
        "campaign_id": event.campaign_id,
        "contact_id": event.contact_id,
        "account_id": event.account_id,
    }


def _report(event: Report) -> dict[str, Any]:
    """A stage implied by a later one gets that one's instant, until its own is reported."""
    stages = [*event.newly, _STAGE_OF[type(event)]]
    puts: dict[str, Any] = {_INSTANTS[stage]: event.at for stage in stages if stage in _INSTANTS}
    if event.wamid:
        puts["wamid"] = event.wamid
    if isinstance(event, MessageFailed):
        puts |= {"error_code": event.code, "reason": event.reason}
    return puts


projection.handlers |= dict.fromkeys(get_args(MessageEvent), logged)
