"""How fast messages leave, whoever sends them: the provider's own counters are the judge."""

import threading
import time
from datetime import timedelta

import pytest

from commands.policies.buckets import PAIR_BURST, PAIR_INTERVAL_S, UNSAVED
from domain.campaign import Audience
from domain.ids import message_id, show
from domain.message import Content, QueueMessage, message
from infra.pair_debts import PairDebts
from projections.messages import messages
from projections.queue import lanes
from tests.examples import ACCOUNT
from tests.senders import sending
from tests.simulators import simulator
from tests.stage import Stage, now
from tests.test_sender import OPTIONS, people, statuses

THROTTLED, PAIR_THROTTLED = "130429", "131056"
NUMBER, WABA = "106540352242924", "100000000000001"


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def test_senders_that_take_over_from_one_another_stay_below_the_numbers_rate(stage):
    people(stage, 30)
    rate, handovers = 2, 10
    stage.queued(account_id=stage.number(NUMBER, WABA, mps=rate))
    stage.follow()
    with simulator(**OPTIONS | {"messages_per_second": rate}) as provider:
        for owner in range(handovers):
            before = provider.stats()
            with sending(stage, provider.url, f"sender {owner}"):
                stage.await_(lambda b=before: tried(provider.stats()) > tried(b), "another one")
        assert THROTTLED not in provider.stats()["refused"]
        assert len(provider.ledger()) >= handovers


def tried(stats):
    return stats["accepted"] + sum(stats["refused"].values())


def talk(stage, contact_id, phone, count):
    """So many messages to one person, outside of campaigns."""
    made = [message_id(stage.ws, ACCOUNT.__class__(int=n + 1)) for n in range(count)]
    for id_ in made:
        queue = QueueMessage(
            workspace_id=stage.ws,
            message_id=id_,
            campaign_id=None,
            contact_id=contact_id,
            account_id=stage.account,
            to=phone,
            content=Content(kind="text", text="Hello"),
        )
        stage.do(message, id_, queue)


def test_a_successor_knows_what_one_person_has_been_sent(stage):
    phone = "+491550017001"
    (ana,) = stage.contacts([{"phone": phone}])
    talk(stage, ana, phone, 60)
    stage.follow()
    started = time.monotonic()
    with simulator(**OPTIONS) as provider:
        with sending(stage, provider.url, "one"):
            stage.await_(lambda: len(provider.ledger()) >= PAIR_BURST - UNSAVED, "the burst")
        (owed_s,) = PairDebts(stage.engine).of(stage.account).values()
        assert owed_s > (PAIR_BURST - 2 * UNSAVED) * PAIR_INTERVAL_S
        with sending(stage, provider.url, "two"):
            stage.await_(lambda: len(provider.ledger()) > PAIR_BURST - UNSAVED, "the next one")
            threading.Event().wait(1)
            waited = (time.monotonic() - started) / PAIR_INTERVAL_S
            assert len(provider.ledger()) <= PAIR_BURST + waited
        assert PAIR_THROTTLED not in provider.stats()["refused"]
    assert {row.status for row in stage.rows(messages)} <= {"queued", "accepted"}


def test_debts_are_kept_by_recipient_and_paid_by_time(tmp_path, store_database):
    stage = Stage(tmp_path, store_database)
    debts, one, two = PairDebts(stage.engine), b"1" * 16, b"2" * 16
    debts.keep(stage.account, {one: 100.0, two: 0.001})
    debts.keep(stage.account, {one: 200.0})
    debts.keep(ACCOUNT, {two: 50.0})
    stage.await_(lambda: list(debts.of(stage.account)) == [one], "the payment of the other")
    assert 150 < debts.of(stage.account)[one] <= 200
    assert list(debts.of(ACCOUNT)) == [two]
    stage.close()


def test_a_large_campaign_does_not_delay_anothers_first_message(stage):
    """Not by more than the number sends in a second: counted in messages, on any machine."""
    rate, made = 50, people(stage, 300)
    account_id = stage.number(NUMBER, WABA, mps=rate)
    some = Audience(kind="contacts", contacts=tuple(made[:20]))
    waiting = [stage.queued(account_id=account_id)]
    waiting += [stage.queued(some, account_id=account_id) for _ in range(15)]
    stage.follow()
    with simulator(**OPTIONS) as provider, sending(stage, provider.url):
        stage.await_(lambda: len(provider.ledger()) >= rate, "a second's worth")
        begun = campaigns_of(waiting, made, provider.ledger()[:rate])
        assert begun == set(waiting)
        later = stage.queued(some, account_id=account_id)
        stage.await_(lambda: stage.rows(lanes, lanes.c.campaign_id == later), "its lane")
        seen = len(provider.ledger())
        stage.await_(lambda: len(provider.ledger()) >= seen + rate, "a second's worth more")
        assert later in campaigns_of([later], made, provider.ledger()[: seen + rate])
        assert "queued" in statuses(stage, waiting[0]), "the large one is far from its end"


def campaigns_of(campaign_ids, contact_ids, sent):
    """Those of the campaigns that any of these messages belongs to."""
    sent = {line["callback_data"] for line in sent}
    return {
        id_
        for id_ in campaign_ids
        for c in contact_ids
        if show("message", message_id(id_, c)) in sent
    }


def test_a_clock_that_jumps_sends_nothing_twice_and_stalls_nothing(stage):
    people(stage, 300)
    stage.contacts([{"phone": "+491550010429"}])  # refused at first, so put off by a second
    campaign_id = stage.queued(account_id=stage.number(NUMBER, WABA, mps=200))
    stage.follow()
    jump = timedelta()
    with (
        simulator(**OPTIONS) as provider,
        sending(stage, provider.url, clock=lambda: now() + jump),
    ):
        for there in (timedelta(hours=1), timedelta(hours=-1), timedelta()):
            reached = len(provider.ledger())
            jump = there
            more = min(300, reached + 60)
            stage.await_(lambda n=more: len(provider.ledger()) >= n, "more, at another time")
        stage.await_(lambda: set(statuses(stage, campaign_id)) == {"accepted"}, "everybody")
        sent = [line["to"] for line in provider.ledger()]
    assert len(sent) == len(set(sent)) == 301
