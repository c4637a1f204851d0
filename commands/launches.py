"""The request to launch a campaign, with what the decision has to know of template and number."""

from uuid import UUID

from commands.streams import Streams
from domain.account import account
from domain.campaign import LaunchCampaign, Plan
from domain.template import template


def launch(streams: Streams, workspace_id: UUID, campaign_id: UUID, plan: Plan) -> LaunchCampaign:
    """As template and number stand now."""
    streams.load([plan.template_id, plan.account_id])
    text = streams.look(template, plan.template_id, workspace_id)
    number = streams.look(account, plan.account_id, workspace_id)
    submitted = text.submitted
    return LaunchCampaign(
        workspace_id=workspace_id,
        campaign_id=campaign_id,
        template_status=text.status,
        template_variables=submitted.variables if submitted else (),
        template_account=submitted.account_id if submitted else None,
        template_header=submitted.header_kind if submitted else "",
        account_status=number.status,
        account_reason=number.pause_reason,
        account_campaigns=number.may_campaign,
        account_links=number.takes_links,
    )
