"""A campaign sends one template to one audience, once.

Draft -> scheduled -> running -> completed; running <-> paused; cancelled or failed from any of
these. Deliveries are not its events: each message has its own stream, so no campaign stream grows
with its audience, only with the chunks in which that audience was queued.
"""

from domain.campaign.commands import (
    CampaignCommand,
    CancelCampaign,
    ChangeCampaign,
    CompleteCampaign,
    DraftCampaign,
    FailCampaign,
    LaunchCampaign,
    PauseCampaign,
    QueueAudience,
    ResumeCampaign,
    ScheduleCampaign,
)
from domain.campaign.decider import campaign
from domain.campaign.events import (
    AboutCampaign,
    Audience,
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
from domain.campaign.state import Campaign

__all__ = [
    "AboutCampaign",
    "Audience",
    "Campaign",
    "CampaignAudienceQueued",
    "CampaignCancelled",
    "CampaignChanged",
    "CampaignCommand",
    "CampaignCompleted",
    "CampaignDrafted",
    "CampaignEvent",
    "CampaignFailed",
    "CampaignLaunched",
    "CampaignPaused",
    "CampaignResumed",
    "CampaignScheduled",
    "CancelCampaign",
    "ChangeCampaign",
    "CompleteCampaign",
    "DraftCampaign",
    "FailCampaign",
    "LaunchCampaign",
    "PauseCampaign",
    "Plan",
    "QueueAudience",
    "ResumeCampaign",
    "ScheduleCampaign",
    "campaign",
]
