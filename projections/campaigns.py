"""Campaigns and how far each has got. A stage counts every message that ever reached it."""

from typing import Any, Final, get_args

from sqlalchemy import Index

from domain.campaign import (
    CampaignAudienceQueued,
    CampaignCancelled,
    CampaignChanged,
    CampaignCompleted,
    CampaignDrafted,
    CampaignEvent,
    CampaignFailed,
    CampaignLaunched,
    CampaignPaused,
    CampaignResumed,
    CampaignScheduled,
    Plan,
)
from domain.kernel import Event, Recorded
from domain.message import MessageDelivered, MessagePlayed, MessageRead
from domain.message.status import STAGES
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
from projections.reasons import (
    Reasoned,
    campaign_failures,
    campaign_suppressions,
    reasons,
    withdrawn,
)
from projections.rows import Row, put
from projections.stages import Counters
from projections.tally import Alike

campaigns = read_model(
    "campaigns",
    key("workspace_id"),
    key("campaign_id"),
    text("name"),
    text("status", 16),
    link("account_id"),
    link("template_id"),
    long_text("plan"),
    instant("due_at"),
    instant("launched_at"),
    instant("completed_at"),
    long_text("reason"),
    number("audience_done"),
    number("recipients"),
    *(number(f"{stage}_count") for stage in STAGES),
    big("delivery_ms_total"),
    instant("created_at"),
    number("version"),
    Index("ix_campaigns_status", "workspace_id", "status", "campaign_id"),
)

projection = Projection("campaigns", campaigns, campaign_failures, campaign_suppressions)

COUNTERS = Counters({stage: f"{stage}_count" for stage in STAGES})


def _campaign(event: CampaignEvent, recorded: Recorded, **columns: Any) -> Row:
    return put(
        campaigns,
        workspace_id=event.workspace_id,
        campaign_id=event.campaign_id,
        version=recorded.version,
        **columns,
    )


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "name": plan.name,
        "account_id": plan.account_id,
        "template_id": plan.template_id,
        "plan": canonical(plan),
    }


@projection.on
def drafted(event: CampaignDrafted, recorded: Recorded) -> Row:
    return _campaign(
        event,
        recorded,
        **_plan(event.plan),
        status="draft",
        created_at=recorded.recorded_at,
    )


@projection.on
def changed(event: CampaignChanged, recorded: Recorded) -> Row:
    return _campaign(event, recorded, **_plan(event.plan))


@projection.on
def scheduled(event: CampaignScheduled, recorded: Recorded) -> Row:
    return _campaign(event, recorded, status="scheduled", due_at=event.due_at)


@projection.on
def launched(event: CampaignLaunched, recorded: Recorded) -> Row:
    return _campaign(event, recorded, status="running", launched_at=recorded.recorded_at)


@projection.on
def audience_queued(event: CampaignAudienceQueued, recorded: Recorded) -> Row:
    return _campaign(
        event, recorded, recipients=event.recipients_so_far, audience_done=int(event.last)
    )


@projection.on
def paused(event: CampaignPaused, recorded: Recorded) -> Row:
    return _campaign(event, recorded, status="paused", reason=event.reason)


@projection.on
def resumed(event: CampaignResumed, recorded: Recorded) -> Row:
    return _campaign(event, recorded, status="running", reason=None)


@projection.on
def cancelled(event: CampaignCancelled, recorded: Recorded) -> Row:
    return _campaign(event, recorded, status="cancelled", reason=event.reason)


@projection.on
def completed(event: CampaignCompleted, recorded: Recorded) -> Row:
    return _campaign(
        event,
        recorded,
        status="completed",
        recipients=event.recipients,
        completed_at=recorded.recorded_at,
    )


@projection.on
def failed(event: CampaignFailed, recorded: Recorded) -> Row:
    return _campaign(event, recorded, status="failed", reason=event.reason)


_TIMED: Final[tuple[type[Event], ...]] = (MessageDelivered, MessageRead, MessagePlayed)


def counted(alike: Alike) -> list[Row]:
    """Every message fact moves its campaign's counters by what it says it changes."""
    about = alike.first
    if about.campaign_id is None:
        return []
    counts = alike.adds(COUNTERS)
    if type(about) in _TIMED:
        counts["delivery_ms_total"] = sum([event.delivery_ms or 0 for event in alike.events])
    rows = withdrawn(alike.events) if "failed" in about.no_longer else []
    if any(counts.values()):
        rows.append(Row(campaigns, (about.workspace_id, about.campaign_id), adds=counts))
    return rows


projection.handlers |= dict.fromkeys(get_args(Reasoned), reasons)
projection.counting = counted
