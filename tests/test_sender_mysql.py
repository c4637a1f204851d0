"""The same sending rules on MySQL: claims, fences and leases are the database's work too."""

import threading

import pytest

from commands.policies.completion import CompletionPolicy
from commands.policies.inbox import InboxPolicy
from domain.campaign import Audience, campaign
from domain.ids import message_id
from tests import webhook_bodies as wire
from tests.senders import NoLeases, sending
from tests.simulators import simulator
from tests.stage import Stage, now
from tests.test_sender import OPTIONS, people, statuses


@pytest.fixture
def stage(tmp_path, mysql_store):
    stage = Stage(tmp_path, mysql_store)
    yield stage
    stage.close()


def test_two_senders_share_a_number_and_everybody_is_sent_to_once(stage):
    made = people(stage, 300)
    group_id, other = stage.group("all", *made[:40]), stage.group("some", *made[20:60])
    campaign_id = stage.queued(Audience(kind="groups", groups=(group_id, other)))
    everybody = stage.queued()
    stage.follow()
    with (
        simulator(**OPTIONS) as provider,
        sending(stage, provider.url, "one"),
        sending(stage, provider.url, "two"),
    ):
        stage.await_(lambda: statuses(stage, campaign_id) == ["accepted"] * 60, "the groups")
        stage.await_(lambda: statuses(stage, everybody) == ["accepted"] * 300, "everybody")
        assert len(provider.ledger()) == 360
    found = [
        wire.status(message_id(everybody, contact_id), "read", f"wamid.{contact_id.hex}")
        for contact_id in made
    ]
    stage.inbox.accept(wire.body(wire.statuses(*found)), now())
    policies = stage.policy(InboxPolicy, stage.inbox), stage.policy(CompletionPolicy)
    for policy in policies:
        policy.step(now())
    stage.await_(lambda: statuses(stage, everybody) == ["read"] * 300, "read messages")
    assert stage.state(campaign, everybody).status == "completed"


def test_senders_with_the_same_claim_never_both_send(stage):
    made = people(stage, 200)
    campaign_id = stage.queued()
    stage.follow()

    stage.leases = NoLeases()
    with (
        simulator(**OPTIONS) as provider,
        sending(stage, provider.url, "one"),
        sending(stage, provider.url, "two"),
    ):
        stage.await_(lambda: statuses(stage, campaign_id) == ["accepted"] * 200, "acceptance")
        assert len(provider.ledger()) == 200
    attempts = [stage.names(message_id(campaign_id, i)).count("MessageAttempted") for i in made]
    assert set(attempts) == {1}


def test_a_number_passes_to_the_next_sender_when_the_first_stops(stage):
    people(stage, 400)
    slow = stage.number("106540352242924", "100000000000001", mps=100)
    stage.queued(account_id=slow)
    stage.follow()
    with simulator(**OPTIONS) as provider:
        with sending(stage, provider.url, "one"):
            stage.await_(lambda: len(provider.ledger()) > 50, "the first")
        between = len(provider.ledger())
        threading.Event().wait(0.3)
        assert len(provider.ledger()) == between < 400
        with sending(stage, provider.url, "two"):
            stage.await_(lambda: len(provider.ledger()) == 400, "the rest")
        assert len({line["to"] for line in provider.ledger()}) == 400
