"""Schedules, completions, cancellations, unresolved attempts, and the loop that runs them."""

import logging
import threading
from datetime import timedelta

import pytest

from commands.policies.cancellations import CancellationsPolicy
from commands.policies.completion import CompletionPolicy
from commands.policies.loop import start_policies
from commands.policies.schedule import SchedulePolicy
from commands.policies.unresolved import UnresolvedPolicy
from commands.store import StoreUnavailable
from domain.account import DisconnectNumber, account
from domain.campaign import (
    CampaignFailed,
    CancelCampaign,
    FailCampaign,
    PauseCampaign,
    ScheduleCampaign,
    campaign,
)
from domain.ids import message_id
from domain.message import (
    AcceptMessage,
    AttemptMessage,
    MarkUnknown,
    RejectMessage,
    message,
)
from projections.campaigns import campaigns
from projections.messages import messages
from tests.stage import Stage, now


@pytest.fixture
def stage(tmp_path, store_database):
    stage = Stage(tmp_path, store_database)
    yield stage
    stage.close()


def scheduled(stage, **plan):
    campaign_id = stage.draft(**plan)
    command = ScheduleCampaign(
        workspace_id=stage.ws, campaign_id=campaign_id, due_at=now(seconds=60)
    )
    stage.do(campaign, campaign_id, command)
    stage.project()
    return campaign_id


def attempted(stage, campaign_id, contact_id, at=None):
    id_ = message_id(campaign_id, contact_id)
    attempt = AttemptMessage(workspace_id=stage.ws, message_id=id_, attempt=1)
    stage.do(message, id_, attempt, at)
    return id_


def test_a_campaign_is_launched_when_it_is_due_and_not_before(stage):
    campaign_id, policy = scheduled(stage), stage.policy(SchedulePolicy)
    assert policy.step(now()) == 0
    assert policy.step(now(seconds=61)) == 1
    assert stage.state(campaign, campaign_id).status == "running"
    recorded = stage.store.load([campaign_id])[campaign_id][-1]
    assert recorded.metadata.actor == "policy:schedule"


def test_a_due_campaign_that_cannot_be_launched_fails_with_the_reason(stage):
    campaign_id = scheduled(stage)
    disconnect = DisconnectNumber(workspace_id=stage.ws, account_id=stage.account)
    stage.do(account, stage.account, disconnect)
    stage.policy(SchedulePolicy).step(now(seconds=61))
    failed = stage.events(campaign_id)[-1]
    assert isinstance(failed, CampaignFailed)
    assert failed.was == "scheduled"
    assert "disconnected" in failed.reason


def test_a_schedule_that_the_read_model_shows_too_long_does_no_harm(stage):
    campaign_id = scheduled(stage)
    policy = stage.policy(SchedulePolicy)
    policy.step(now(seconds=61))
    pause = PauseCampaign(workspace_id=stage.ws, campaign_id=campaign_id)
    stage.do(campaign, campaign_id, pause)
    stage.policy(SchedulePolicy).step(now(seconds=61))
    assert stage.state(campaign, campaign_id).status == "paused"


def test_a_campaign_completes_when_nothing_is_pending(stage):
    ana, bo = stage.contacts([{"phone": "+491550000001"}, {"phone": "+491550000002"}])
    campaign_id, policy = stage.queued(), stage.policy(CompletionPolicy)
    first, second = attempted(stage, campaign_id, ana), attempted(stage, campaign_id, bo)
    about = {"workspace_id": stage.ws, "attempt": 1}
    stage.do(message, first, AcceptMessage(**about, message_id=first, wamid="w", wa_id=""))
    stage.settle(policy)
    assert stage.state(campaign, campaign_id).status == "running"
    stage.do(message, second, MarkUnknown(**about, message_id=second, reason="no answer"))
    stage.settle(policy)
    assert stage.state(campaign, campaign_id).status == "completed"


def test_a_campaign_whose_whole_audience_is_suppressed_completes(stage):
    stage.contact("+491550000001", first_name="")
    campaign_id = stage.queued()
    stage.settle(stage.policy(CompletionPolicy))
    assert stage.state(campaign, campaign_id).status == "completed"


@pytest.mark.parametrize(
    ("command", "reason"),
    [(CancelCampaign, "campaign_cancelled"), (FailCampaign, "campaign_failed")],
)
def test_what_is_queued_is_cancelled_with_its_campaign(stage, command, reason):
    ana, bo, cy = stage.contacts([{"phone": f"+49155000000{n}"} for n in range(1, 4)])
    campaign_id = stage.queued()
    on_its_way = attempted(stage, campaign_id, ana)
    about = {"workspace_id": stage.ws, "campaign_id": campaign_id, "reason": "typo"}
    stage.do(campaign, campaign_id, command(**about))
    policies = stage.policy(CancellationsPolicy), stage.policy(CompletionPolicy)
    stage.settle(*policies)
    assert stage.state(message, on_its_way).status == "sending"
    for contact_id in (bo, cy):
        assert stage.events(message_id(campaign_id, contact_id))[-1].reason == reason
    again = RejectMessage(
        workspace_id=stage.ws,
        message_id=on_its_way,
        attempt=1,
        error_class="T",
        code=130429,
        reason="slow",
    )
    stage.do(message, on_its_way, again)
    stage.settle(*policies)
    assert stage.state(message, on_its_way).status == "cancelled"
    row = stage.row(campaigns, campaigns.c.campaign_id == campaign_id)
    assert (row.pending_count, row.cancelled_count) == (0, 3)


def test_an_attempt_without_outcome_becomes_unknown_after_a_minute(stage):
    ana, bo = stage.contacts([{"phone": "+491550000001"}, {"phone": "+491550000002"}])
    campaign_id = stage.queued()
    old, young = attempted(stage, campaign_id, ana, now(seconds=-61)), message_id(campaign_id, bo)
    attempted(stage, campaign_id, bo, now(seconds=-50))
    stage.settle(stage.policy(UnresolvedPolicy))
    assert stage.state(message, old).status == "unknown"
    assert stage.state(message, young).status == "sending"


def test_an_answer_that_comes_after_all_is_taken(stage):
    ana = stage.contact("+491550000001")
    id_ = attempted(stage, stage.queued(), ana, now(seconds=-61))
    stage.settle(stage.policy(UnresolvedPolicy))
    accept = AcceptMessage(
        workspace_id=stage.ws, message_id=id_, attempt=1, wamid="w", wa_id="491550000001"
    )
    stage.do(message, id_, accept)
    assert stage.state(message, id_).status == "accepted"


def test_unknown_and_silent_messages_expire_after_thirty_days(stage):
    ana, bo = stage.contacts([{"phone": "+491550000001"}, {"phone": "+491550000002"}])
    campaign_id = stage.queued()
    unknown, silent = attempted(stage, campaign_id, ana), attempted(stage, campaign_id, bo)
    about = {"workspace_id": stage.ws, "attempt": 1}
    stage.do(message, unknown, MarkUnknown(**about, message_id=unknown, reason="no answer"))
    accept = AcceptMessage(**about, message_id=silent, wamid="w", wa_id="")
    stage.do(message, silent, accept)
    stage.project()
    stage.settle(stage.policy(UnresolvedPolicy), now=now() + timedelta(days=29))
    assert [r.status for r in stage.rows(messages)].count("expired") == 0
    stage.settle(stage.policy(UnresolvedPolicy), now=now() + timedelta(days=31))
    assert {r.status for r in stage.rows(messages)} == {"expired"}


class Failing:
    name = "failing"

    def __init__(self, error):
        self.error = error

    def step(self, _):
        raise self.error


class Working:
    name = "working"

    def __init__(self, enough):
        self.steps, self.enough = 0, enough

    def step(self, _):
        self.steps += 1
        if self.steps >= 5:
            self.enough.set()
        return 1


@pytest.mark.parametrize("error", [ValueError("a fault"), StoreUnavailable("away")])
def test_a_policy_that_fails_is_logged_and_stops_no_other(caplog, error):
    stop = threading.Event()
    with caplog.at_level(logging.WARNING, "blazz.policies"):
        threads, (failing, _) = start_policies([Failing(error), Working(stop)], stop)
        for thread in threads:
            thread.join()
    assert failing.failures >= 1
    assert failing.last_error == f"{type(error).__name__}: {error}"
    assert "policy failing" in caplog.text


def test_the_loop_drives_a_campaign_to_its_end(stage):
    ana = stage.contact("+491550000001", first_name="")
    campaign_id, stop = stage.launch(), threading.Event()
    stage.follow()
    threads, healths = start_policies(stage.all_policies(), stop)
    try:
        stage.await_(lambda: stage.state(campaign, campaign_id).status == "completed", "the end")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert stage.names(message_id(campaign_id, ana)) == ["MessageSuppressed"]
    assert sum(health.failures for health in healths) == 0
