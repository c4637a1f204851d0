"""What is still to be done for campaigns: audiences to turn into messages, launches that are due.

A running campaign's audience row stays, `done`, after its last chunk, and goes when it has ended.
"""

from typing import Any

from sqlalchemy import Index

from domain.campaign import (
    CampaignAudienceQueued,
    CampaignCancelled,
    CampaignCompleted,
    CampaignEvent,
    CampaignFailed,
    CampaignLaunched,
    CampaignPaused,
    CampaignResumed,
    CampaignScheduled,
)
from domain.kernel import Recorded
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

audience_work = read_model(
    "audience_work",
    key("workspace_id"),
    key("campaign_id"),
    link("account_id"),
    long_text("plan"),
    big("launched_position"),
    number("next_chunk", 1),
    link("through"),
    # To be expanded: active = 1 (the campaign is running) and done = 0 (chunks are left).
    number("active"),
    number("done"),
    text("status", 16),
    Index("ix_audience_work_active", "active", "done"),
)

schedule = read_model(
    "schedule",
    key("workspace_id"),
    key("campaign_id"),
    instant("due_at"),
    Index("ix_schedule_due", "due_at"),
)

projection = Projection("work", audience_work, schedule)


def _audience(event: CampaignEvent, **columns: Any) -> Row:
    ids = {"workspace_id": event.workspace_id, "campaign_id": event.campaign_id}
    return put(audience_work, **ids, **columns)


def _unscheduled(event: CampaignEvent) -> Row:
    return drop(schedule, workspace_id=event.workspace_id, campaign_id=event.campaign_id)


@projection.on
def scheduled(event: CampaignScheduled, recorded: Recorded) -> Row:
    del recorded
    ids = {"workspace_id": event.workspace_id, "campaign_id": event.campaign_id}
    return put(schedule, **ids, due_at=event.due_at)


@projection.on
def launched(event: CampaignLaunched, recorded: Recorded) -> list[Row]:
    return [
        _unscheduled(event),
        _audience(
            event,
            account_id=event.account_id,
            plan=canonical(event.plan),
            launched_position=recorded.position,
            next_chunk=1,
            active=1,
            done=0,
            status="running",
        ),
    ]


@projection.on
def audience_queued(event: CampaignAudienceQueued, recorded: Recorded) -> Row:
    del recorded
    through, done = event.through, int(event.last)
    if through is None:  # an empty last chunk: the audience ended where the one before it did
        return _audience(event, next_chunk=event.chunk + 1, done=done)
    return _audience(event, next_chunk=event.chunk + 1, done=done, through=through)


@projection.on
def paused(event: CampaignPaused, recorded: Recorded) -> Row:
    del recorded
    return _audience(event, active=0, status="paused")


@projection.on
def resumed(event: CampaignResumed, recorded: Recorded) -> Row:
    del recorded
    return _audience(event, active=1, status="running")


def ended(
    event: CampaignCancelled | CampaignFailed | CampaignCompleted, recorded: Recorded
) -> list[Row]:
    """Nothing is left to do; a cancelled one may not even have been launched."""
    del recorded
    ids = {"workspace_id": event.workspace_id, "campaign_id": event.campaign_id}
    return [drop(audience_work, **ids), _unscheduled(event)]


projection.handlers |= dict.fromkeys([CampaignCancelled, CampaignFailed, CampaignCompleted], ended)
