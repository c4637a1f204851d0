"""Whatever order and however often statuses come in, status and counts end up the same."""

from collections import Counter
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from domain.kernel import Rejected
from domain.message import (
    STAGES,
    AcceptMessage,
    AttemptMessage,
    CancelMessage,
    ExpireMessage,
    MarkUnknown,
    MessageAttempted,
    ObserveStatus,
    QueueMessage,
    RejectMessage,
    SuppressMessage,
    message,
)
from tests.examples import (
    DAY,
    MESSAGE,
    WORKSPACE,
    accepted,
    ana,
    attempted,
    content,
    queued,
    to_message,
)
from tests.spec import NOW
from tests.test_domain_message import put_off, refused, unknown

ids = {"workspace_id": WORKSPACE, "message_id": MESSAGE}
STATUSES = ("sent", "delivered", "read", "failed", "played")
RANK = ("accepted", "sent", "failed", "delivered", "read", "played")
BEGINNINGS = {
    "accepted": (queued, attempted, accepted),
    "sending": (queued, attempted),
    "unknown": (queued, attempted, unknown),
    "refused": (queued, attempted, refused),
    "put off": (queued, attempted, put_off),
}
accept = AcceptMessage(**ids, attempt=1, wamid="wamid.1", wa_id="1")
doubt = MarkUnknown(**ids, attempt=1, reason="timeout")
refuse = RejectMessage(**ids, attempt=1, error_class="R", code=1, reason="x")


class Tally:
    """What read models make of the facts: counts and the time to delivery, by adding alone."""

    def __init__(self, past=()):
        self.state, self.counts, self.delivery_ms = message.initial, Counter(), 0
        self.attempts = 0
        self.add(past)

    def add(self, facts):
        for fact in facts:
            self.state = message.evolve(self.state, fact)
            self.counts.update(fact.newly)
            self.counts.subtract(fact.no_longer)
            self.delivery_ms += getattr(fact, "delivery_ms", 0) or 0
            self.attempts += isinstance(fact, MessageAttempted)
            assert fact.status == self.state.status
            self.check()

    def check(self):
        assert set(self.counts) <= set(STAGES)
        assert set(self.counts.values()) <= {0, 1}
        funnel = [self.counts[stage] for stage in ("read", "delivered", "sent", "accepted")]
        assert funnel == sorted(funnel)
        assert self.delivery_ms >= 0
        status = self.state.status
        assert self.counts["pending" if status in {"queued", "sending"} else status] == 1

    def ask(self, command, now=NOW):
        try:
            self.add(message.decide(self.state, command, now))
        except Rejected:
            return False
        assert list(message.decide(self.state, command, now)) == []
        return True

    @property
    def outcome(self):
        return self.state.status, +self.counts, self.delivery_ms


def observation(status):
    at = NOW + timedelta(seconds=7 * STATUSES.index(status) + 3)
    return ObserveStatus(**ids, status=status, at=at, wamid="wamid.1")


def outcome_of(beginning, commands):
    tally = Tally(BEGINNINGS[beginning])
    for command in commands:
        tally.ask(command)
    return tally.outcome


@pytest.mark.parametrize("beginning", list(BEGINNINGS))
@pytest.mark.parametrize("bits", range(1, 32))
def test_every_order_of_every_set_of_statuses_ends_the_same(bits, beginning):
    chosen = [status for n, status in enumerate(STATUSES) if bits >> n & 1]
    outcomes = [outcome_of(beginning, map(observation, order)) for order in permutations(chosen)]
    assert all(outcome == outcomes[0] for outcome in outcomes)
    status, counts, _ = outcomes[0]
    assert status == max(chosen, key=RANK.index)
    assert counts["failed"] == (set(chosen) <= {"sent", "failed"} and "failed" in chosen)


@pytest.mark.parametrize("beginning", ["sending", "unknown"])
@forall(data=st.data())
def test_repetitions_and_the_answer_in_between_change_nothing(beginning, data):
    chosen = data.draw(st.lists(st.sampled_from(STATUSES), min_size=1, unique=True))
    told = [*map(observation, chosen), accept]
    repeated = told + data.draw(st.lists(st.sampled_from(told)))
    shuffled = data.draw(st.permutations(repeated))
    assert outcome_of(beginning, shuffled) == outcome_of(beginning, told)


@pytest.mark.parametrize("doubtful", [doubt, refuse])
@forall(data=st.data())
def test_a_lost_or_contrary_answer_counts_for_nothing_beside_a_status(doubtful, data):
    chosen = data.draw(st.lists(st.sampled_from(STATUSES), min_size=1, unique=True))
    told = list(map(observation, chosen))
    shuffled = data.draw(st.permutations([*told, doubtful]))
    assert outcome_of("sending", shuffled) == outcome_of("sending", told)


commands = st.one_of(
    st.sampled_from(
        [
            QueueMessage(**to_message, to=ana.phone, content=content),
            SuppressMessage(**to_message, reason="opted_out"),
            CancelMessage(**ids, reason="x"),
            ExpireMessage(**ids),
        ]
    ),
    st.sampled_from(STATUSES).map(observation),
    st.integers(0, 4).map(lambda n: AttemptMessage(**ids, attempt=n)),
    st.integers(1, 3).map(lambda n: AcceptMessage(**ids, attempt=n, wamid="w", wa_id="1")),
    st.integers(1, 3).map(lambda n: MarkUnknown(**ids, attempt=n, reason="timeout")),
    st.builds(
        lambda n, kind: RejectMessage(**ids, attempt=n, error_class=kind, code=1, reason="x"),
        st.integers(1, 3),
        st.sampled_from("BTWRMPA"),
    ),
)


@forall(st.lists(st.tuples(commands, st.sampled_from([0, 1, 100, 31 * 86400])), max_size=30))
def test_counts_fit_the_status_after_any_requests(asked):
    tally, now = Tally(), NOW
    for command, seconds in asked:
        now += timedelta(seconds=seconds)
        in_doubt = tally.counts["unknown"] or tally.counts["accepted"] or tally.counts["failed"]
        attempts = tally.attempts
        tally.ask(command, now)
        assert not (in_doubt and tally.attempts > attempts), "tried again although it may have left"


def test_an_expired_message_that_arrives_after_all_counts_as_delivered():
    tally = Tally(BEGINNINGS["accepted"])
    assert tally.ask(ExpireMessage(**ids), NOW + 30 * DAY)
    assert tally.ask(observation("sent"))
    assert tally.state.status == "expired"
    assert tally.ask(observation("delivered"))
    assert tally.outcome[:2] == (
        "delivered",
        Counter(["queued", "accepted", "sent", "delivered"]),
    )


def test_an_expired_message_that_failed_counts_as_failed():
    tally = Tally(BEGINNINGS["accepted"])
    assert tally.ask(ExpireMessage(**ids), NOW + 30 * DAY)
    assert tally.ask(observation("failed"))
    assert tally.outcome[:2] == ("failed", Counter(["queued", "accepted", "failed"]))
