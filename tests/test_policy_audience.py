"""The audience of a campaign: who is in it, once each, and who is held back and why."""

import pytest
from sqlalchemy import func, select

from commands.policies import audience as audience_module
from commands.policies.audience import AudiencePolicy
from domain.campaign import Audience, CampaignFailed, PauseCampaign, ResumeCampaign, campaign
from domain.contact import BlockContact, DeleteContact, LeaveGroup, OptOutContact, contact
from domain.ids import message_id
from domain.message import MessageQueued, MessageSuppressed
from projections.campaigns import campaigns
from projections.messages import messages
from tests.stage import Stage, now


@pytest.fixture
def stage(tmp_path, store_database):
    stage = Stage(tmp_path, store_database)
    yield stage
    stage.close()


def reached(stage, campaign_id):
    rows = stage.rows(messages, messages.c.campaign_id == campaign_id)
    return {row.contact_id: row.status for row in rows}


def test_everybody_gets_one_message_filled_in_for_them(stage):
    ana, bo = stage.contacts(
        [{"phone": "+491550000101"}, {"phone": "+491550000102", "first_name": "Bo"}]
    )
    campaign_id = stage.queued()
    assert reached(stage, campaign_id) == {ana: "queued", bo: "queued"}
    (queued,) = stage.events(message_id(campaign_id, bo))
    assert isinstance(queued, MessageQueued)
    assert queued.content.text == "Hello Bo, spring is here."
    assert [p.text for p in queued.content.body] == ["Bo"]
    assert queued.to == "+491550000102"


def test_who_is_in_several_groups_gets_it_once(stage):
    ana, bo, cy = stage.contacts([{"phone": f"+4915500002{n:02}"} for n in range(3)])
    first, second = stage.group("first", ana, bo), stage.group("second", bo, cy)
    campaign_id = stage.queued(Audience(kind="groups", groups=(first, second)))
    assert set(reached(stage, campaign_id)) == {ana, bo, cy}
    assert stage.state(campaign, campaign_id).recipients == 3


def test_who_joins_after_the_launch_is_not_in_it(stage):
    early = stage.contact("+491550000301")
    group_id = stage.group("early", early)
    everybody = stage.launch()
    members = stage.launch(Audience(kind="groups", groups=(group_id,)))
    late = stage.contact("+491550000302")
    stage.group("early", late)
    stage.settle(stage.policy(AudiencePolicy, 1))
    assert set(reached(stage, everybody)) == {early}
    assert set(reached(stage, members)) == {early}


def test_who_leaves_the_group_after_the_launch_still_is_in_it(stage):
    ana, bo = stage.contacts([{"phone": "+491550000311"}, {"phone": "+491550000312"}])
    group_id = stage.group("team", ana, bo)
    about = {"workspace_id": stage.ws, "group_id": group_id}
    stage.do(contact, bo, LeaveGroup(contact_id=bo, **about))
    campaign_id = stage.launch(Audience(kind="groups", groups=(group_id,)))
    stage.do(contact, ana, LeaveGroup(contact_id=ana, **about))
    stage.settle(stage.policy(AudiencePolicy, 1))
    assert set(reached(stage, campaign_id)) == {ana}


def test_a_listed_audience_is_those_contacts_only(stage):
    ana, _, cy = stage.contacts([{"phone": f"+4915500004{n:02}"} for n in range(3)])
    campaign_id = stage.queued(Audience(kind="contacts", contacts=(cy, ana)))
    assert set(reached(stage, campaign_id)) == {ana, cy}


@pytest.mark.parametrize(
    ("command", "reason"),
    [(OptOutContact, "opted_out"), (BlockContact, "blocked"), (DeleteContact, "deleted")],
)
def test_whom_it_must_not_reach_is_suppressed_with_the_reason(stage, command, reason):
    ana, bo = stage.contacts([{"phone": "+491550000501"}, {"phone": "+491550000502"}])
    campaign_id = stage.launch()
    stage.do(contact, ana, command(workspace_id=stage.ws, contact_id=ana))
    stage.settle(stage.policy(AudiencePolicy, 1))
    (suppressed,) = stage.events(message_id(campaign_id, ana))
    assert isinstance(suppressed, MessageSuppressed)
    assert suppressed.reason == reason
    assert reached(stage, campaign_id)[bo] == "queued"


def test_who_was_deleted_before_the_launch_is_not_in_it(stage):
    ana, bo = stage.contacts([{"phone": "+491550000511"}, {"phone": "+491550000512"}])
    stage.do(contact, ana, DeleteContact(workspace_id=stage.ws, contact_id=ana))
    assert set(reached(stage, stage.queued())) == {bo}


def test_a_missing_variable_suppresses_and_is_named(stage):
    ana = stage.contact("+491550000601", attributes={"city": "Bonn"})
    bo = stage.contact("+491550000602")
    campaign_id = stage.queued(variables={"1": "you in {city}"})
    assert stage.events(message_id(campaign_id, ana))[0].content.body[0].text == "you in Bonn"
    assert stage.events(message_id(campaign_id, bo))[0].reason == "missing_variable:city"


def test_an_empty_audience_fails_the_campaign(stage):
    campaign_id = stage.queued()
    last = stage.events(campaign_id)[-1]
    assert isinstance(last, CampaignFailed)
    assert last.reason == "empty_audience"


def test_a_large_audience_is_queued_in_chunks_that_join_on(stage, monkeypatch):
    monkeypatch.setattr(audience_module, "CHUNK", 7)
    monkeypatch.setattr(audience_module, "FIRST_CHUNK", 7)
    made = stage.contacts([{"phone": f"+49155001{n:04}"} for n in range(50)])
    campaign_id = stage.queued()
    assert set(reached(stage, campaign_id)) == set(made)
    chunks = [e for e in stage.events(campaign_id) if hasattr(e, "chunk")]
    assert [e.chunk for e in chunks] == list(range(1, 9))
    assert [e.last for e in chunks] == [False] * 7 + [True]
    row = stage.row(campaigns, campaigns.c.campaign_id == campaign_id)
    assert (row.recipients, row.queued_count, row.audience_done) == (50, 50, 1)


def test_a_policy_that_starts_anew_goes_on_behind_the_last_chunk(stage, monkeypatch):
    monkeypatch.setattr(audience_module, "CHUNK", 5)
    monkeypatch.setattr(audience_module, "FIRST_CHUNK", 5)
    made = stage.contacts([{"phone": f"+49155002{n:04}"} for n in range(23)])
    campaign_id = stage.launch()
    for _ in range(30):
        # Its memory is lost, and the read models lag behind by one step.
        stage.policy(AudiencePolicy, 1).step(now())
        stage.runner.step()
    assert set(reached(stage, campaign_id)) == set(made)
    assert stage.state(campaign, campaign_id).recipients == 23


def test_steps_need_not_wait_for_the_read_models(stage, monkeypatch):
    monkeypatch.setattr(audience_module, "CHUNK", 5)
    stage.contacts([{"phone": f"+49155003{n:04}"} for n in range(23)])
    campaign_id = stage.launch()
    stage.project()
    monkeypatch.setattr(audience_module, "FIRST_CHUNK", 3)
    policy = stage.policy(AudiencePolicy, 1)
    assert [policy.step(now()) for _ in range(6)] == [3, 5, 5, 5, 5, 0]
    assert stage.state(campaign, campaign_id).complete


def test_no_more_than_a_few_chunks_are_ahead_of_the_read_models(stage, monkeypatch):
    for name, value in {"FIRST_CHUNK": 1, "CHUNK": 2, "MOST_AHEAD": 6}.items():
        monkeypatch.setattr(audience_module, name, value)
    stage.contacts([{"phone": f"+49155004{n:04}"} for n in range(20)])
    large, policy = stage.launch(), stage.policy(AudiencePolicy, 1)
    stage.project()
    assert sum(policy.step(now()) for _ in range(10)) == 1 + 6
    small = stage.launch()
    stage.runner.step()
    assert policy.step(now()) > 0
    assert stage.state(campaign, small).chunks >= 1, "a new campaign's first ones wait for nobody"
    stage.settle(policy)
    assert [stage.state(campaign, id_).recipients for id_ in (large, small)] == [20, 20]


def test_a_paused_campaign_queues_nothing_until_it_is_resumed(stage):
    stage.contact("+491550000701")
    campaign_id = stage.launch()
    about = {"workspace_id": stage.ws, "campaign_id": campaign_id}
    stage.do(campaign, campaign_id, PauseCampaign(**about))
    stage.settle(policy := stage.policy(AudiencePolicy, 1))
    assert reached(stage, campaign_id) == {}
    stage.do(campaign, campaign_id, ResumeCampaign(**about))
    stage.settle(policy)
    assert len(reached(stage, campaign_id)) == 1


def test_facts_carry_the_policy_and_the_zone_of_the_workspace(stage):
    stage.contact("+491550000801")
    campaign_id = stage.queued()
    recorded = stage.store.load([campaign_id])[campaign_id][-1]
    assert recorded.metadata.actor == "policy:audience"
    assert recorded.metadata.time_zone == "UTC"


def test_another_workspace_is_never_in_the_audience(stage):
    other = stage.new_workspace()
    stage.contacts([{"phone": "+491550000901"}], ws=other)
    mine = stage.contact("+491550000901")
    campaign_id = stage.queued()
    assert set(reached(stage, campaign_id)) == {mine}
    with stage.read.connect() as connection:
        assert connection.execute(select(func.count()).select_from(messages)).scalar_one() == 1
