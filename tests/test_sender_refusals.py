"""What the sender makes of each kind of refusal, with a provider that answers as told."""

import threading

import pytest

from commands.policies import backoff, reactions
from commands.policies.template_campaigns import TemplateCampaignsPolicy
from domain.campaign import campaign
from domain.ids import message_id
from domain.notification import NotificationRaised
from domain.template import ApproveTemplate, template
from projections.accounts import accounts
from projections.messages import messages
from tests.peers import Peer, graph_error
from tests.senders import counted, sending
from tests.stage import Stage


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


@pytest.fixture
def peer():
    peer = Peer()
    yield peer
    peer.close()


def accepted(number):
    return (200, {"messages": [{"id": f"wamid.{number}"}]})


def status(stage, campaign_id):
    return sorted(row.status for row in stage.rows(messages) if row.campaign_id == campaign_id)


@pytest.mark.parametrize(
    ("code", "error_class", "final"),
    [
        (131026, "R", "failed"),
        (131047, "M", "failed"),
        (131049, "W", "failed"),
        (131000, "B", "queued"),
        (130429, "T", "queued"),
        (131042, "P", "queued"),
        (190, "A", "queued"),
    ],
)
def test_a_refusal_keeps_its_class_and_ends_or_waits_by_it(stage, peer, code, error_class, final):
    ana = stage.contact("+491550010001")
    campaign_id = stage.queued()
    id_ = message_id(campaign_id, ana)
    peer.answers = [graph_error(code)]
    stage.follow()
    with sending(stage, peer.url):
        stage.await_(lambda: "MessageRejected" in stage.names(id_), "the refusal")
    rejected = next(e for e in stage.events(id_) if type(e).__name__ == "MessageRejected")
    assert (rejected.error_class, rejected.code) == (error_class, code)
    assert rejected.status == final
    assert (rejected.retry_at is None) == (final == "failed")


def tried(stage):
    """How many attempts were recorded, each before its call."""
    facts = stage.store.read(0, stage.store.head())
    return sum(fact.type == "MessageAttempted" for fact in facts)


def at_rest(stage, peer):
    """Whether nothing comes after what was claimed before the sender knew of the pause."""
    seen = len(peer.asked)
    threading.Event().wait(0.5)
    return seen == len(peer.asked) == tried(stage)


@pytest.mark.parametrize("code", [131042, 131048, 368, 190, 131005])
def test_trouble_with_the_account_pauses_the_number(stage, peer, code):
    stage.contacts([{"phone": f"+4915500110{n:02}"} for n in range(10)])
    stage.queued()
    peer.answers = [graph_error(code)] * 10
    stage.follow()
    with sending(stage, peer.url):
        stage.await_(lambda: stage.row(accounts).status == "paused", "the pause")
        stage.await_(lambda: at_rest(stage, peer), "the end of those under way")
        asked = len(peer.asked)
        threading.Event().wait(0.5)
        assert (len(peer.asked), tried(stage)) == (asked, asked)
    assert stage.row(accounts).pause_reason == f"{code}: (#{code}) words - why"
    told = [e for e in stage.events(stage.account) if isinstance(e, NotificationRaised)]
    assert [(t.kind, t.priority, t.reason) for t in told] == [
        ("number_paused", "critical", f"{code}: (#{code}) words - why")
    ]


@pytest.mark.parametrize(("code", "shown"), [(132015, "paused"), (132016, "disabled")])
def test_a_stopped_template_pauses_all_its_campaigns(stage, peer, code, shown):
    stage.contacts([{"phone": f"+4915500120{n:02}"} for n in range(3)])
    first, second = stage.queued(), stage.queued()
    peer.answers = [graph_error(code)] * 6
    stage.follow()
    with sending(stage, peer.url):
        for id_ in (first, second):
            stage.await_(lambda id_=id_: stage.state(campaign, id_).status == "paused", "the pause")
    assert stage.state(template, stage.template).status == shown
    assert any(
        e.reason.startswith("template_stopped: ")
        for e in stage.events(first)
        if type(e).__name__ == "CampaignPaused"
    )


def test_campaigns_of_a_paused_template_go_on_when_it_is_approved_again(stage, peer):
    stage.contact("+491550013001")
    campaign_id = stage.queued()
    peer.answers = [graph_error(132015)]
    stage.follow()
    with sending(stage, peer.url):
        stage.await_(lambda: stage.state(campaign, campaign_id).status == "paused", "the pause")
        policy = stage.policy(TemplateCampaignsPolicy)
        approve = ApproveTemplate(workspace_id=stage.ws, template_id=stage.template)
        stage.do(template, stage.template, approve)

        def resumed():
            policy.step(stage.clock())
            return stage.state(campaign, campaign_id).status == "running"

        stage.await_(resumed, "the resumption")


def test_a_campaign_paused_by_hand_is_not_resumed_by_its_template(stage):
    stage.contact("+491550013002")
    campaign_id = stage.queued()
    pause = reactions.pause(stage.ws, campaign_id, "lunch")
    stage.do(*pause[:3])
    stage.settle(stage.policy(TemplateCampaignsPolicy))
    assert stage.state(campaign, campaign_id).status == "paused"


def test_many_defective_messages_in_a_row_pause_the_campaign(stage, peer):
    stage.contacts([{"phone": f"+4915500140{n:02}"} for n in range(60)])
    campaign_id = stage.queued()
    peer.answers = [graph_error(132000)] * 60
    stage.follow()
    with sending(stage, peer.url):
        stage.await_(lambda: stage.state(campaign, campaign_id).status == "paused", "the pause")
    pauses = [e for e in stage.events(campaign_id) if type(e).__name__ == "CampaignPaused"]
    assert "more than 20 messages in a row were refused; 132000" in pauses[0].reason


def test_one_bad_contact_never_stops_the_rest(stage, peer):
    stage.contacts([{"phone": f"+4915500150{n:02}"} for n in range(30)])
    campaign_id = stage.queued()
    peer.answers = [
        graph_error(131026) if number % 3 == 0 else accepted(number) for number in range(30)
    ]
    before = counted("accepted"), counted("refused", "R")
    stage.follow()
    with sending(stage, peer.url):
        stage.await_(
            lambda: status(stage, campaign_id) == ["accepted"] * 20 + ["failed"] * 10, "all ends"
        )
    assert stage.state(campaign, campaign_id).status == "running"
    after = counted("accepted"), counted("refused", "R")
    assert [now - then for now, then in zip(after, before, strict=True)] == [20, 10]


def test_who_stopped_marketing_is_opted_out(stage, peer):
    ana = stage.contact("+491550016001")
    stage.queued()
    peer.answers = [graph_error(131050)]
    stage.follow()
    with sending(stage, peer.url):
        stage.await_(lambda: "ContactOptedOut" in stage.names(ana), "the opt-out")


def test_a_pair_limit_holds_up_that_recipient_only(stage, peer):
    ana, bo = stage.contacts([{"phone": "+491550017001"}, {"phone": "+491550017002"}])
    campaign_id = stage.queued()
    peer.answers = [graph_error(131056), accepted(1), accepted(2)]
    stage.follow()
    with sending(stage, peer.url):
        stage.await_(lambda: status(stage, campaign_id) == ["accepted"] * 2, "both")
    tries = sorted(len(stage.names(message_id(campaign_id, c))) for c in (ana, bo))
    assert tries == [3, 5]


def test_an_absent_provider_is_not_hammered(stage, peer, monkeypatch):
    monkeypatch.setattr(backoff, "FAILURES_TO_OPEN", 3)
    stage.contacts([{"phone": f"+4915500180{n:02}"} for n in range(99)])
    stage.queued()
    peer.answers = [graph_error(131016, 503)] * 99
    stage.follow()
    with sending(stage, peer.url):
        stage.await_(lambda: len(peer.asked) >= 3, "the first")
        threading.Event().wait(0.8)
        assert len(peer.asked) <= 40
