"""Rules of a campaign: from its launch to its end."""

import pytest
from msgspec.structs import replace

from domain.campaign import (
    CampaignAudienceQueued,
    CampaignCancelled,
    CampaignCompleted,
    CampaignFailed,
    CampaignPaused,
    CampaignResumed,
    CampaignScheduled,
    CancelCampaign,
    ChangeCampaign,
    CompleteCampaign,
    FailCampaign,
    LaunchCampaign,
    PauseCampaign,
    QueueAudience,
    ResumeCampaign,
    ScheduleCampaign,
    campaign,
)
from tests.examples import CONTACT, DAY, OTHER_CONTACT, drafted, launched, of_campaign, plan
from tests.spec import NOW, given

ids = {name: of_campaign[name] for name in ("workspace_id", "campaign_id")}
chunk_1 = QueueAudience(**ids, chunk=1, queued=2, suppressed=1, through=CONTACT, last=False)
chunk_2 = QueueAudience(**ids, chunk=2, queued=1, suppressed=0, through=OTHER_CONTACT, last=False)
empty_2 = QueueAudience(**ids, chunk=2, queued=0, suppressed=0, through=None, last=True)
queued_1 = CampaignAudienceQueued(
    **of_campaign,
    chunk=1,
    queued=2,
    suppressed=1,
    through=CONTACT,
    last=False,
    recipients_so_far=3,
)
queued_2 = replace(
    queued_1, chunk=2, queued=1, suppressed=0, through=OTHER_CONTACT, recipients_so_far=4
)
emptied_2 = replace(queued_1, chunk=2, queued=0, suppressed=0, through=None, last=True)
scheduled = CampaignScheduled(**of_campaign, due_at=NOW + DAY, was="draft")
paused = CampaignPaused(**of_campaign, reason="typo")
resumed = CampaignResumed(**of_campaign)
cancelled = CampaignCancelled(**of_campaign, reason="typo", was="running")
completed = CampaignCompleted(**of_campaign, recipients=3, was="running")
failed = CampaignFailed(**of_campaign, reason="template disabled", was="running")
cancel, fail = CancelCampaign(**ids, reason="typo"), FailCampaign(**ids, reason="template disabled")
launch = LaunchCampaign(
    **ids, template_status="approved", template_variables=("1",), account_status="connected"
)
RUNNING = (drafted, launched)
QUEUED = (*RUNNING, queued_1, emptied_2)
ENDS = {"cancelled": cancelled, "completed": completed, "failed": failed}


def test_the_audience_is_queued_chunk_by_chunk():
    given(campaign, *RUNNING).when(chunk_1).then(queued_1)
    given(campaign, *RUNNING, queued_1).when(chunk_2).then(queued_2)
    given(campaign, *RUNNING, queued_1).when(empty_2).then(emptied_2)


def test_a_chunk_is_queued_once_also_when_the_campaign_has_moved_on():
    given(campaign, *RUNNING, queued_1, queued_2).when(chunk_1).then()
    given(campaign, *RUNNING, queued_1, paused).when(chunk_1).then()
    given(campaign, *RUNNING, queued_1, cancelled).when(chunk_1).then()
    given(campaign, *QUEUED).when(empty_2).then()


def test_no_chunk_is_left_out():
    given(campaign, *RUNNING).when(chunk_2).refused("wrong_chunk", "chunk 2", "next one is 1")
    zeroth = replace(chunk_1, chunk=0)
    given(campaign, *RUNNING, queued_1).when(zeroth).refused("wrong_chunk", "next one is 2")


def test_nothing_is_queued_behind_the_last_chunk():
    third = replace(chunk_1, chunk=3)
    given(campaign, *QUEUED).when(third).refused("wrong_chunk", "the last one is queued")


@pytest.mark.parametrize(
    ("past", "state"),
    [
        ((drafted,), "draft"),
        ((drafted, scheduled), "scheduled"),
        ((*RUNNING, paused), "paused"),
        ((*RUNNING, cancelled), "cancelled"),
    ],
)
def test_only_a_running_campaign_queues_its_audience(past, state):
    given(campaign, *past).when(chunk_1).refused("wrong_state", state, "running")


def test_a_running_campaign_is_paused_and_resumed():
    pause, resume = PauseCampaign(**ids, reason="typo"), ResumeCampaign(**ids)
    given(campaign, *RUNNING).when(pause).then(paused)
    given(campaign, *RUNNING, paused).when(pause).then()
    given(campaign, *RUNNING, paused).when(resume).then(resumed)
    given(campaign, *RUNNING).when(resume).then()
    given(campaign, *RUNNING, paused, resumed).when(pause).then(paused)


def test_resuming_goes_on_with_the_next_chunk():
    given(campaign, *RUNNING, queued_1, paused, resumed).when(chunk_2).then(queued_2)


@pytest.mark.parametrize("past", [(drafted,), (drafted, scheduled)])
def test_what_does_not_run_is_neither_paused_nor_resumed_nor_completed(past):
    given(campaign, *past).when(PauseCampaign(**ids)).refused("wrong_state", "be paused")
    given(campaign, *past).when(ResumeCampaign(**ids)).refused("wrong_state", "be resumed")
    given(campaign, *past).when(CompleteCampaign(**ids)).refused("wrong_state", "be completed")


def test_a_campaign_completes_when_its_audience_is_queued():
    given(campaign, *QUEUED).when(CompleteCampaign(**ids)).then(completed)
    given(campaign, *QUEUED, completed).when(CompleteCampaign(**ids)).then()
    early = given(campaign, *RUNNING, queued_1).when(CompleteCampaign(**ids))
    early.refused("audience_not_queued", "only 1 chunks")
    held = given(campaign, *QUEUED, paused).when(CompleteCampaign(**ids))
    held.refused("wrong_state", "paused")


@pytest.mark.parametrize(
    ("past", "was"),
    [
        ((drafted,), "draft"),
        ((drafted, scheduled), "scheduled"),
        (RUNNING, "running"),
        ((*RUNNING, paused), "paused"),
    ],
)
def test_a_campaign_that_has_not_ended_may_be_cancelled_or_fail(past, was):
    given(campaign, *past).when(cancel).then(replace(cancelled, was=was))
    given(campaign, *past).when(fail).then(replace(failed, was=was))


def test_cancelling_or_failing_twice_changes_nothing():
    given(campaign, *RUNNING, cancelled).when(CancelCampaign(**ids)).then()
    given(campaign, *RUNNING, failed).when(FailCampaign(**ids, reason="other")).then()


@pytest.mark.parametrize("end", list(ENDS))
@pytest.mark.parametrize(
    ("command", "leads_to"),
    [
        (ChangeCampaign(**ids, plan=plan), ""),
        (ScheduleCampaign(**ids, due_at=NOW + DAY), ""),
        (launch, ""),
        (replace(chunk_1, chunk=3), ""),
        (PauseCampaign(**ids), ""),
        (ResumeCampaign(**ids), ""),
        (CompleteCampaign(**ids), "completed"),
        (cancel, "cancelled"),
        (fail, "failed"),
    ],
)
def test_an_ended_campaign_stays_as_it_is(command, leads_to, end):
    if leads_to != end:
        given(campaign, *QUEUED, ENDS[end]).when(command).refused("wrong_state", end)


def test_a_paused_campaign_is_resumed_not_launched():
    given(campaign, *RUNNING, paused).when(launch).refused("wrong_state", "paused", "be launched")
