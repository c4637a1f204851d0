"""What the sender does when its lease, the store or the read models let it down."""

import asyncio
import threading

import pytest
from sqlalchemy import text, update

from commands.execute import Ask, Done
from commands.policies import outcomes as outcomes_module
from commands.policies import sender as sender_module
from commands.policies.attempts import Attempts
from commands.policies.claims import Claims
from commands.policies.outcomes import Outcomes
from commands.policies.reactions import Number
from commands.store import StoreUnavailable
from domain.ids import message_id
from domain.kernel import Metadata
from domain.message import AcceptMessage, AttemptMessage, message
from infra.pair_debts import PairDebts
from projections.queue import send_queue
from tests.examples import SECOND
from tests.senders import sending
from tests.simulators import simulator
from tests.stage import NUMBER, Stage, now
from tests.test_sender import OPTIONS, people


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


class Faulty:
    """The real store behind a line that breaks: before, or after, what was asked of it."""

    def __init__(self, store, *, before=0, after=0):
        self.store, self.before, self.after = store, before, after

    def load(self, stream_ids, since=None):
        return self.store.load(stream_ids, since)

    def append(self, *parts):
        if self.before:
            self.before -= 1
            raise StoreUnavailable("away")
        positions = self.store.append(*parts)
        if self.after:
            self.after -= 1
            raise StoreUnavailable("nobody knows")
        return positions


def attempted(stage, count):
    campaign_people = people(stage, count)
    campaign_id = stage.queued()
    made = [message_id(campaign_id, contact_id) for contact_id in campaign_people]
    for id_ in made:
        attempt = AttemptMessage(workspace_id=stage.ws, message_id=id_, attempt=1)
        stage.do(message, id_, attempt)
    return made


def accept(stage, id_):
    about = {"workspace_id": stage.ws, "message_id": id_, "attempt": 1}
    return [Ask(message, id_, AcceptMessage(**about, wamid="w", wa_id=""))]


def append_all(store, groups):
    async def act():
        outcomes = Outcomes(store, Stage.clock)
        flusher = asyncio.create_task(outcomes.run())
        waiting = (outcomes.append(asks, Metadata()) for asks in groups)
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        flusher.cancel()
        return answers

    return asyncio.run(act())


@pytest.mark.parametrize("fault", [{"before": 2}, {"after": 1}])
def test_outcomes_wait_for_a_store_that_is_away_and_are_stored_once(stage, monkeypatch, fault):
    monkeypatch.setattr(outcomes_module, "STORE_AWAY_S", 0.05)
    made = attempted(stage, 20)
    append_all(Faulty(stage.store, **fault), [accept(stage, id_) for id_ in made])
    for id_ in made:
        assert stage.names(id_) == ["MessageQueued", "MessageAttempted", "MessageAccepted"]


def test_one_outcome_that_cannot_be_stored_takes_no_other_with_it(stage):
    good, bad = (accept(stage, id_) for id_ in attempted(stage, 2))
    broken = [bad[0]._replace(command=object())]
    stored, lost = append_all(stage.store, [good, broken])
    assert isinstance(stored, Done)
    assert isinstance(lost, AttributeError)


def attempts(stage, store):
    number = Number(stage.ws, stage.account, NUMBER, 1000)
    return Attempts(number, store, stage.read, stage.zones, PairDebts(stage.engine))


def test_attempts_whose_fate_is_not_known_are_not_sent(stage):
    made = people(stage, 5)
    campaign_id = stage.queued()
    mine = attempts(stage, Faulty(stage.store, after=1))
    with pytest.raises(StoreUnavailable):
        mine.make(10, now())
    assert mine.make(10, now()) == []
    for contact_id in made:
        names = stage.names(message_id(campaign_id, contact_id))
        assert names == ["MessageQueued", "MessageAttempted"]


def test_attempts_that_were_not_stored_are_made_later(stage):
    people(stage, 5)
    stage.queued()
    mine = attempts(stage, Faulty(stage.store, before=1))
    with pytest.raises(StoreUnavailable):
        mine.make(10, now())
    assert len(mine.make(10, now(seconds=3))) == 5


def test_a_number_that_is_not_connected_any_more_makes_no_attempts(stage):
    mine = attempts(stage, stage.store)
    with stage.read.begin() as connection:
        connection.execute(text("UPDATE accounts SET status = 'paused'"))
    assert mine.make(10, now()) is None


def test_what_was_claimed_is_passed_over_while_the_queue_still_shows_it(stage):
    people(stage, 700)
    stage.queued()
    claims, taken = Claims(stage.account), []
    with stage.read.connect() as connection:
        running = claims.running(connection)
        for _ in range(20):
            taken += claims.take(connection, running, 64, now())
    assert len(taken) == len({claim.message_id for claim in taken}) == 700


def test_a_retry_is_claimed_when_it_becomes_due_however_long_the_lane_was_quiet(stage):
    people(stage, 1)
    stage.queued()
    claims, due_at = Claims(stage.account), now()
    with stage.read.begin() as connection:
        connection.execute(update(send_queue).values(due_at=due_at, attempt=2))
    with stage.read.connect() as connection:
        running = claims.running(connection)
        for _ in range(8):  # the rests between looks have grown by now
            assert claims.take(connection, running, 1, due_at - 0.1 * SECOND) == []
            threading.Event().wait(0.11)
        threading.Event().wait(0.11)
        assert len(claims.take(connection, running, 1, due_at)) == 1


def test_a_lost_lease_stops_claiming(stage, monkeypatch):
    monkeypatch.setattr(sender_module, "RENEW_AFTER_S", 0.1)
    people(stage, 1000)
    slow = stage.number("106540352242924", "100000000000001", mps=100)
    stage.queued(account_id=slow)
    stage.follow()
    with simulator(**OPTIONS) as provider, sending(stage, provider.url):
        stage.await_(lambda: len(provider.ledger()) > 30, "the first")
        taken = text(
            "UPDATE leases SET owner = 'other', epoch = epoch + 1, expires_at = '2999-01-01 00:00:00.000000'"
        )
        with stage.engine.begin() as connection:
            connection.execute(taken)
        threading.Event().wait(1)
        stopped = len(provider.ledger())
        threading.Event().wait(0.5)
        assert len(provider.ledger()) == stopped < 1000
