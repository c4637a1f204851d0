"""What may be asked of a campaign."""

from datetime import datetime
from uuid import UUID

from domain.campaign.events import Plan
from domain.kernel import Command


class DraftCampaign(Command):
    campaign_id: UUID
    plan: Plan


class ChangeCampaign(Command):
    campaign_id: UUID
    plan: Plan


class ScheduleCampaign(Command):
    campaign_id: UUID
    due_at: datetime


class LaunchCampaign(Command):
    """What the decision needs to know of the template and the number is told with the request.

    `template_account` is the number the template belongs to, None if nobody knows the template;
    `template_header` is the kind of its header, `account_reason` why the number is paused,
    `account_campaigns` whether campaigns may leave from it at all, and `account_links` whether
    files may be named by a link there.
    """

    campaign_id: UUID
    template_status: str
    template_variables: tuple[str, ...]
    account_status: str
    account_reason: str = ""
    account_campaigns: bool = True
    account_links: bool = True
    template_account: UUID | None = None
    template_header: str = ""


class QueueAudience(Command):
    campaign_id: UUID
    chunk: int
    queued: int
    suppressed: int
    through: UUID | None
    last: bool


class PauseCampaign(Command):
    campaign_id: UUID
    reason: str = ""


class ResumeCampaign(Command):
    campaign_id: UUID


class CancelCampaign(Command):
    campaign_id: UUID
    reason: str = ""


class CompleteCampaign(Command):
    campaign_id: UUID


class FailCampaign(Command):
    campaign_id: UUID
    reason: str


CampaignCommand = (
    DraftCampaign
    | ChangeCampaign
    | ScheduleCampaign
    | LaunchCampaign
    | QueueAudience
    | PauseCampaign
    | ResumeCampaign
    | CancelCampaign
    | CompleteCampaign
    | FailCampaign
)
