"""What every fact about a campaign says: the ids it is counted by."""

from typing import TypedDict
from uuid import UUID

from domain.campaign.commands import CampaignCommand
from domain.campaign.events import Plan


class About(TypedDict):
    workspace_id: UUID
    campaign_id: UUID
    account_id: UUID


def about(command: CampaignCommand, plan: Plan) -> About:
    return About(
        workspace_id=command.workspace_id,
        campaign_id=command.campaign_id,
        account_id=plan.account_id,
    )
