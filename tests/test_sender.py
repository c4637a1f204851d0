"""Sending through the simulator: everybody once, whatever happens in between."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from commands.execute import Ask, execute_many
from commands.policies.completion import CompletionPolicy
from commands.policies.inbox import InboxPolicy
from commands.policies.unresolved import UnresolvedPolicy
from domain.account import ResumeNumber, account
from domain.campaign import PauseCampaign, ResumeCampaign, campaign
from domain.contact import OptOutContact, contact
from domain.ids import message_id
from domain.kernel import Metadata
from domain.message import AttemptMessage, message
from domain.workspace import SetQuietHours, workspace
from projections.accounts import accounts
from projections.campaigns import campaigns
from projections.messages import messages
from tests.senders import NoLeases, counted, sending
from tests.simulators import TOKEN, Receiver, simulator
from tests.stage import Stage, now

OPTIONS = {"accept_unknown_templates": True, "messages_per_second": 0, "tokens": TOKEN}


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def people(stage, count, prefix="+49155001"):
    return stage.contacts([{"phone": f"{prefix}{n:05}"} for n in range(1000, 1000 + count)])


def statuses(stage, campaign_id):
    rows = stage.rows(messages, messages.c.campaign_id == campaign_id)
    return sorted(row.status for row in rows)


def attempts(stage, campaign_id, contact_id):
    return stage.names(message_id(campaign_id, contact_id)).count("MessageAttempted")


def test_a_campaign_reaches_everybody_once_and_completes(stage):
    people(stage, 300)
    campaign_id = stage.queued()
    with simulator(**OPTIONS) as provider:
        stage.follow()
        with sending(stage, provider.url):
            stage.await_(lambda: statuses(stage, campaign_id) == ["accepted"] * 300, "acceptance")
            completion = stage.policy(CompletionPolicy)
            stage.await_(lambda: completion.step(now()), "completion")
        assert len(sent := [line["to"] for line in provider.ledger()]) == 300
        assert len(set(sent)) == 300
    assert stage.state(campaign, campaign_id).status == "completed"


def test_a_throttled_message_is_tried_again_and_goes_through(stage):
    (ana,) = stage.contacts([{"phone": "+491550010429"}])
    campaign_id = stage.queued()
    stage.follow()
    with simulator(**OPTIONS) as provider, sending(stage, provider.url):
        stage.await_(lambda: statuses(stage, campaign_id) == ["accepted"], "acceptance")
    names = stage.names(message_id(campaign_id, ana))
    assert names == [
        "MessageQueued",
        "MessageAttempted",
        "MessageRejected",
        "MessageAttempted",
        "MessageAccepted",
    ]


def test_a_send_without_an_answer_is_unknown_until_its_webhook_tells(stage):
    (ana,) = stage.contacts([{"phone": "+491550010500"}])
    campaign_id, receiver = stage.queued(), Receiver()
    before = counted("unknown")
    stage.follow()
    options = OPTIONS | {"hold_ms": 5000, "webhook_url": receiver.url, "app_secret": "s"}
    try:
        with simulator(**options) as provider, sending(stage, provider.url, timeout_s=0.5):
            stage.await_(lambda: statuses(stage, campaign_id) == ["unknown"], "the unknown outcome")
            assert counted("unknown") == before + 1
            stage.await_(receiver.statuses, "a webhook")
            provider.idle()
    finally:
        receiver.down()
    stage.inbox.accept_many([hook.raw for hook in receiver.hooks], now())
    inbox = stage.policy(InboxPolicy, stage.inbox)
    inbox.step(now())
    stage.await_(lambda: statuses(stage, campaign_id) == ["read"], "the resolution")
    assert attempts(stage, campaign_id, ana) == 1


def test_a_crash_between_attempt_and_outcome_never_sends_again(stage):
    ana, bo = people(stage, 2)
    campaign_id = stage.queued()
    lost = message_id(campaign_id, ana)
    attempt = AttemptMessage(workspace_id=stage.ws, message_id=lost, attempt=1)
    stage.do(message, lost, attempt, now(seconds=-70))
    stage.follow()
    with simulator(**OPTIONS) as provider:
        with sending(stage, provider.url):
            stage.await_(
                lambda: statuses(stage, campaign_id) == ["accepted", "sending"], "the other one"
            )
            unresolved = stage.policy(UnresolvedPolicy)
            stage.await_(lambda: unresolved.step(now()), "the unresolved one")
            stage.await_(
                lambda: statuses(stage, campaign_id) == ["accepted", "unknown"], "the verdict"
            )
        assert len(provider.ledger()) == 1
    assert attempts(stage, campaign_id, ana) == 1
    assert attempts(stage, campaign_id, bo) == 1


def test_two_senders_on_one_number_never_both_send(stage):
    people(stage, 400)
    campaign_id = stage.queued()
    stage.follow()

    stage.leases = NoLeases()
    with (
        simulator(**OPTIONS) as provider,
        sending(stage, provider.url, "one"),
        sending(stage, provider.url, "two"),
    ):
        stage.await_(lambda: statuses(stage, campaign_id) == ["accepted"] * 400, "acceptance")
        assert len(provider.ledger()) == 400


def test_one_sender_at_a_time_holds_the_number(stage):
    held = stage.leases.acquire(f"number:{stage.account.hex}", "somebody", 60)
    people(stage, 1)
    campaign_id = stage.queued()
    stage.follow()
    with simulator(**OPTIONS) as provider, sending(stage, provider.url):
        with pytest.raises(AssertionError):
            stage.await_(lambda: statuses(stage, campaign_id) != ["queued"], "sending", 1)
        stage.leases.release(f"number:{stage.account.hex}", "somebody", held)
        stage.await_(lambda: statuses(stage, campaign_id) == ["accepted"], "acceptance")


def test_a_pause_stops_sending_within_a_second_and_a_resumption_goes_on(stage):
    stage.number("106540352242923", "100000000000001", mps=200)
    people(stage, 1500)
    slow = stage.number("106540352242924", "100000000000001", mps=200)
    campaign_id = stage.queued(account_id=slow)
    about = {"workspace_id": stage.ws, "campaign_id": campaign_id}
    stage.follow()
    with simulator(**OPTIONS) as provider, sending(stage, provider.url):
        stage.await_(lambda: len(provider.ledger()) > 100, "the first hundred")
        stage.do(campaign, campaign_id, PauseCampaign(**about))
        threading.Event().wait(1)
        stopped = len(provider.ledger())
        threading.Event().wait(1)
        assert len(provider.ledger()) == stopped < 1500
        stage.do(campaign, campaign_id, ResumeCampaign(**about))
        stage.await_(lambda: len(provider.ledger()) > stopped, "the rest")


def test_consent_withdrawn_after_queueing_is_heeded(stage):
    ana, bo = people(stage, 2)
    campaign_id = stage.queued()
    stage.do(contact, ana, OptOutContact(workspace_id=stage.ws, contact_id=ana))
    stage.project()
    stage.follow()
    with simulator(**OPTIONS) as provider, sending(stage, provider.url):
        stage.await_(
            lambda: statuses(stage, campaign_id) == ["accepted", "suppressed"], "both ends"
        )
    assert stage.events(message_id(campaign_id, ana))[-1].reason == "opted_out"
    assert attempts(stage, campaign_id, bo) == 1


def test_nothing_of_a_campaign_leaves_in_quiet_hours(stage):
    people(stage, 1)
    minute = datetime.now(UTC).hour * 60 + datetime.now(UTC).minute
    quiet = SetQuietHours(
        workspace_id=stage.ws, start_minute=minute, end_minute=(minute + 120) % 1440
    )
    stage.do(workspace, stage.ws, quiet)
    campaign_id = stage.queued()
    stage.follow()
    with simulator(**OPTIONS) as provider, sending(stage, provider.url):
        with pytest.raises(AssertionError):
            stage.await_(lambda: statuses(stage, campaign_id) != ["queued"], "sending", 1)
        over = SetQuietHours(workspace_id=stage.ws, start_minute=None, end_minute=None)
        stage.do(workspace, stage.ws, over)
        stage.await_(lambda: statuses(stage, campaign_id) == ["accepted"], "acceptance")


def test_a_refused_token_pauses_the_number_and_keeps_the_message(stage):
    people(stage, 1)
    campaign_id = stage.queued()
    stage.follow()
    with simulator(**OPTIONS | {"tokens": "another"}) as provider, sending(stage, provider.url):
        stage.await_(lambda: stage.row(accounts).status == "paused", "the pause")
    row = stage.row(accounts)
    assert row.pause_reason.startswith("190: ")
    assert statuses(stage, campaign_id) == ["queued"]
    resumed = ResumeNumber(workspace_id=stage.ws, account_id=stage.account)
    assert stage.do(account, stage.account, resumed).events


def test_lanes_of_several_campaigns_take_turns(stage):
    people(stage, 300)
    first, second = stage.queued(), stage.queued()
    stage.follow()
    with simulator(**OPTIONS) as provider, sending(stage, provider.url):
        stage.await_(lambda: len(provider.ledger()) == 600, "everything")
    with stage.read.connect() as connection:
        order = connection.execute(
            select(messages.c.campaign_id).order_by(messages.c.attempted_at).limit(200)
        ).scalars()
        early = list(order)
    assert min(early.count(first), early.count(second)) > 50


def test_the_stop_waits_for_the_last_answers(stage):
    people(stage, 100)
    campaign_id = stage.queued()
    stage.follow()
    with simulator(**OPTIONS) as provider:
        with sending(stage, provider.url) as stop:
            stage.await_(lambda: len(provider.ledger()) > 10, "the first")
            stop.set()
        stage.await_(lambda: "sending" not in statuses(stage, campaign_id), "every outcome")
        row = stage.row(campaigns, campaigns.c.campaign_id == campaign_id)
        assert row.accepted_count == len(provider.ledger())
    assert stage.leases.acquire(f"number:{stage.account.hex}", "next", 1) is not None


def test_of_two_attempts_at_once_one_is_made(stage):
    (ana,) = people(stage, 1)
    id_ = message_id(stage.queued(), ana)
    ask = [Ask(message, id_, AttemptMessage(workspace_id=stage.ws, message_id=id_, attempt=1))]
    again = execute_many(stage.store, [ask, ask], Metadata(), now() + timedelta(seconds=1))
    assert [len(done.events) for done in again] == [1, 0]
