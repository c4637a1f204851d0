"""Lanes (the messages of one campaign on one number) and what waits in them to be sent.

A message stands in `send_queue` until its outcome is known: queued, sending or unknown. A lane
that ended keeps its row: what is pending in it is still to be cancelled.
"""

from typing import Any, Final, get_args
from uuid import UUID

from sqlalchemy import Column, Index, Integer

from domain.campaign import (
    CampaignAudienceQueued,
    CampaignCancelled,
    CampaignCompleted,
    CampaignEvent,
    CampaignFailed,
    CampaignLaunched,
    CampaignPaused,
    CampaignResumed,
)
from domain.kernel import Recorded
from domain.message import (
    AboutMessage,
    MessageAttempted,
    MessageEvent,
    MessageOutcomeUnknown,
    MessageQueued,
    MessageRejected,
)
from projections.columns import (
    big,
    canonical,
    instant,
    key,
    link,
    long_text,
    number,
    read_model,
    text,
)
from projections.projection import Projection
from projections.rows import Row, drop, put
from projections.stages import Counters, changes

NO_CAMPAIGN: Final = UUID(int=0)
"""The lane shared by a number's messages outside campaigns."""

lanes = read_model(
    "lanes",
    key("account_id"),
    key("campaign_id"),
    link("workspace_id"),
    text("state", 16),
    # Messages queued or being sent.
    number("pending_count"),
    number("audience_done"),
    Index("ix_lanes_state", "state", "audience_done"),
)

send_queue = read_model(
    "send_queue",
    key("account_id"),
    key("campaign_id"),
    key("message_id"),
    link("workspace_id"),
    link("contact_id"),
    text("state", 16),
    text("to_phone", 32),
    long_text("content"),
    number("priority", 5),
    instant("due_at"),
    # The attempt to be made next, or the one under way.
    number("attempt", 1),
    instant("attempted_at"),
    big("queued_position"),
    # The message's own, which every fact of it repeats; null where the queue was made without.
    Column("month", Integer, nullable=True),
    Index("ix_send_queue_due", "account_id", "campaign_id", "state", "due_at", "message_id"),
    Index("ix_send_queue_attempted", "state", "attempted_at"),
)

projection = Projection("queue", lanes, send_queue)
PENDING: Final = Counters({"pending": "pending_count"})
RESOLVED: Final = frozenset({"pending", "unknown"})


def _lane(event: CampaignEvent, **columns: Any) -> Row:
    return put(lanes, account_id=event.account_id, campaign_id=event.campaign_id, **columns)


@projection.on
def launched(event: CampaignLaunched, recorded: Recorded) -> Row:
    del recorded
    return _lane(event, workspace_id=event.workspace_id, state="running")


@projection.on
def audience_queued(event: CampaignAudienceQueued, recorded: Recorded) -> Row:
    del recorded
    return _lane(event, audience_done=int(event.last))


@projection.on
def paused(event: CampaignPaused, recorded: Recorded) -> Row:
    del recorded
    return _lane(event, state="paused")


@projection.on
def resumed(event: CampaignResumed, recorded: Recorded) -> Row:
    del recorded
    return _lane(event, state="running")


@projection.on
def cancelled(event: CampaignCancelled, recorded: Recorded) -> list[Row]:
    del recorded
    return [_lane(event, state="cancelled")] if event.was in {"running", "paused"} else []


@projection.on
def failed(event: CampaignFailed, recorded: Recorded) -> list[Row]:
    del recorded
    return [_lane(event, state="failed")] if event.was in {"running", "paused"} else []


@projection.on
def completed(event: CampaignCompleted, recorded: Recorded) -> Row:
    del recorded
    return drop(lanes, account_id=event.account_id, campaign_id=event.campaign_id)


def moved(event: AboutMessage, recorded: Recorded) -> list[Row]:
    """A message takes its place, changes state in it, or leaves it."""
    lane = (event.account_id, event.campaign_id or NO_CAMPAIGN)
    at = (*lane, event.message_id)
    rows: list[Row] = []
    if counts := changes(event, PENDING):
        rows.append(Row(lanes, lane, adds=counts))
    match event:
        case MessageQueued():
            if event.campaign_id is None:
                puts = {"workspace_id": event.workspace_id, "state": "running"}
                rows.append(Row(lanes, lane, puts))
            rows.append(Row(send_queue, at, _waiting(event, recorded)))
        case MessageAttempted(attempt=attempt):
            puts = {"state": "sending", "attempt": attempt, "attempted_at": event.at}
            rows.append(Row(send_queue, at, puts))
        case MessageRejected(retry_at=due_at) if due_at and event.status == "queued":
            puts = {"state": "queued", "attempt": event.attempt + 1, "due_at": due_at}
            rows.append(Row(send_queue, at, puts))
        case MessageOutcomeUnknown() if event.status == "unknown":
            rows.append(Row(send_queue, at, {"state": "unknown"}))
        case _ if not RESOLVED.isdisjoint(event.no_longer):
            rows.append(Row(send_queue, at, fresh=True))
    return rows


def _waiting(event: MessageQueued, recorded: Recorded) -> dict[str, Any]:
    return {
        "workspace_id": event.workspace_id,
        "contact_id": event.contact_id,
        "state": "queued",
        "to_phone": event.to,
        "content": canonical(event.content),
        "priority": event.priority,
        "due_at": recorded.recorded_at,
        "attempt": 1,
        "queued_position": recorded.position,
        "month": event.month,
    }


projection.handlers |= dict.fromkeys(get_args(MessageEvent), moved)
