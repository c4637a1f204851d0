"""What is known of one campaign, as far as its next decision needs it."""

from datetime import datetime
from typing import Literal, assert_never

import msgspec
from msgspec.structs import replace

from domain.campaign.events import (
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

Status = Literal[
    "absent", "draft", "scheduled", "running", "paused", "completed", "cancelled", "failed"
]


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """`chunks` of the audience are queued, with `recipients` in them; `complete`: these are all."""

    status: Status = "absent"
    plan: Plan | None = None
    due_at: datetime | None = None
    chunks: int = 0
    recipients: int = 0
    complete: bool = False


def evolve(campaign: Campaign, event: CampaignEvent) -> Campaign:
    """The campaign after that fact."""
    match event:
        case CampaignDrafted():
            return Campaign(status="draft", plan=event.plan)
        case CampaignChanged():
            return replace(campaign, plan=event.plan)
        case CampaignScheduled():
            return replace(campaign, status="scheduled", due_at=event.due_at)
        case CampaignLaunched():
            return replace(campaign, status="running", due_at=None)
        case CampaignAudienceQueued():
            return replace(
                campaign,
                chunks=event.chunk,
                recipients=event.recipients_so_far,
                complete=event.last,
            )
        case CampaignPaused():
            return replace(campaign, status="paused")
        case CampaignResumed():
            return replace(campaign, status="running")
        case CampaignCancelled():
            return replace(campaign, status="cancelled")
        case CampaignCompleted():
            return replace(campaign, status="completed")
        case CampaignFailed():
            return replace(campaign, status="failed")
        case _:
            assert_never(event)
