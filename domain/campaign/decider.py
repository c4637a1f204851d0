"""The rules of a campaign: launched once, its audience queued chunk by chunk, ended for good."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import assert_never

from domain.campaign.about import about
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
from domain.campaign.plan import check_launch, check_plan
from domain.campaign.state import Campaign, evolve
from domain.kernel import Decider, Rejected
from domain.refusals import exists, not_found, wrong_state


def decide(campaign: Campaign, command: CampaignCommand, now: datetime) -> Sequence[CampaignEvent]:
    """What follows from the request; nothing if it is so already."""
    plan = campaign.plan
    if isinstance(command, DraftCampaign):
        return _draft(plan, command)
    if plan is None:
        raise not_found("campaign", command.campaign_id)
    match command:
        case ChangeCampaign():
            return _change(campaign, plan, command)
        case ScheduleCampaign():
            return _schedule(campaign, plan, command, now)
        case LaunchCampaign():
            return _launch(campaign, plan, command)
        case QueueAudience():
            return _queue_audience(campaign, plan, command)
        case PauseCampaign() | ResumeCampaign():
            return _pause_or_resume(campaign, plan, command)
        case CompleteCampaign():
            return _complete(campaign, plan, command)
        case CancelCampaign() | FailCampaign():
            return _end(campaign, plan, command)
        case _:
            assert_never(command)


def _draft(plan: Plan | None, command: DraftCampaign) -> Sequence[CampaignEvent]:
    if plan is None:
        check_plan(command.plan)
        return [CampaignDrafted(**about(command, command.plan), plan=command.plan)]
    if plan != command.plan:
        raise exists("campaign", command.campaign_id)
    return []


def _change(campaign: Campaign, plan: Plan, command: ChangeCampaign) -> Sequence[CampaignEvent]:
    if campaign.status not in {"draft", "scheduled"}:
        raise wrong_state("campaign", campaign.status, "be changed", "draft or scheduled")
    if command.plan == plan:
        return []
    check_plan(command.plan)
    return [CampaignChanged(**about(command, command.plan), plan=command.plan, before=plan)]


def _schedule(
    campaign: Campaign, plan: Plan, command: ScheduleCampaign, now: datetime
) -> Sequence[CampaignEvent]:
    if campaign.status not in {"draft", "scheduled"}:
        raise wrong_state("campaign", campaign.status, "be scheduled", "draft or scheduled")
    if command.due_at.tzinfo is None:
        raise Rejected(
            "invalid_due_at",
            "a campaign is scheduled for an instant with its offset from UTC; "
            f"{command.due_at.isoformat()} has none",
        )
    if command.due_at == campaign.due_at:
        return []
    if command.due_at <= now:
        raise Rejected(
            "due_in_the_past",
            f"the instant {command.due_at.isoformat()} is not after now, {now.isoformat()}; "
            "launch the campaign instead, or give a later instant",
        )
    due_at = command.due_at.astimezone(UTC)
    return [CampaignScheduled(**about(command, plan), due_at=due_at, was=campaign.status)]


def _launch(campaign: Campaign, plan: Plan, command: LaunchCampaign) -> Sequence[CampaignEvent]:
    if campaign.status == "running":
        return []
    if campaign.status not in {"draft", "scheduled"}:
        raise wrong_state("campaign", campaign.status, "be launched", "draft or scheduled")
    check_launch(plan, command)
    return [CampaignLaunched(**about(command, plan), plan=plan, was=campaign.status)]


def _queue_audience(
    campaign: Campaign, plan: Plan, command: QueueAudience
) -> Sequence[CampaignEvent]:
    if 1 <= command.chunk <= campaign.chunks:
        return []
    if campaign.status != "running":
        raise wrong_state("campaign", campaign.status, "queue its audience", "running")
    if campaign.complete or command.chunk != campaign.chunks + 1:
        wanted = "none, the last one is queued" if campaign.complete else str(campaign.chunks + 1)
        detail = f"chunk {command.chunk} cannot be queued; the next one is {wanted}"
        raise Rejected("wrong_chunk", detail)
    return [
        CampaignAudienceQueued(
            **about(command, plan),
            chunk=command.chunk,
            queued=command.queued,
            suppressed=command.suppressed,
            through=command.through,
            last=command.last,
            recipients_so_far=campaign.recipients + command.queued + command.suppressed,
        )
    ]


def _pause_or_resume(
    campaign: Campaign, plan: Plan, command: PauseCampaign | ResumeCampaign
) -> Sequence[CampaignEvent]:
    match command, campaign.status:
        case (PauseCampaign(), "paused") | (ResumeCampaign(), "running"):
            return []
        case PauseCampaign(reason=reason), "running":
            return [CampaignPaused(**about(command, plan), reason=reason)]
        case ResumeCampaign(), "paused":
            return [CampaignResumed(**about(command, plan))]
        case PauseCampaign(), _:
            raise wrong_state("campaign", campaign.status, "be paused", "running")
        case _:
            raise wrong_state("campaign", campaign.status, "be resumed", "paused")


def _complete(campaign: Campaign, plan: Plan, command: CompleteCampaign) -> Sequence[CampaignEvent]:
    if campaign.status == "completed":
        return []
    if campaign.status != "running":
        raise wrong_state("campaign", campaign.status, "be completed", "running")
    if not campaign.complete:
        raise Rejected(
            "audience_not_queued",
            f"only {campaign.chunks} chunks of the audience are queued, the last one is not; "
            "a campaign completes after it",
        )
    return [
        CampaignCompleted(
            **about(command, plan), recipients=campaign.recipients, was=campaign.status
        )
    ]


def _end(
    campaign: Campaign, plan: Plan, command: CancelCampaign | FailCampaign
) -> Sequence[CampaignEvent]:
    cancels = isinstance(command, CancelCampaign)
    if campaign.status == ("cancelled" if cancels else "failed"):
        return []
    if campaign.status not in {"draft", "scheduled", "running", "paused"}:
        wanted = "be cancelled" if cancels else "fail"
        raise wrong_state("campaign", campaign.status, wanted, "one that has not ended")
    fact = CampaignCancelled if cancels else CampaignFailed
    return [fact(**about(command, plan), reason=command.reason, was=campaign.status)]


campaign: Decider[Campaign, CampaignCommand, CampaignEvent] = Decider(
    "campaign", Campaign(), decide, evolve
)
