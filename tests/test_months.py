"""Which month a message and a line of a timeline belong to."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.kernel import Metadata, Recorded
from domain.message import QueueMessage, SuppressMessage, message
from domain.months import later, month_of
from projections import messages, timeline
from tests.examples import added, ana, attempted, content, queued, to_message
from tests.histories import World
from tests.projection_facts import suppressed
from tests.read_models import Tables

LAST_OF_NOVEMBER = datetime(2026, 11, 30, 23, 59, 59, 999999, tzinfo=UTC)
WEEK = timedelta(days=7)
JAKARTA = timezone(timedelta(hours=7))
queue = QueueMessage(**to_message, to=ana.phone, content=content)
suppress = SuppressMessage(**to_message, reason="opted_out")


@pytest.mark.parametrize(
    ("instant", "month"),
    [
        (LAST_OF_NOVEMBER, 202611),
        (LAST_OF_NOVEMBER + timedelta(microseconds=1), 202612),
        (datetime(2026, 12, 1, 6, 59, tzinfo=JAKARTA), 202611),
        (datetime(2026, 12, 1, 7, 0, tzinfo=JAKARTA), 202612),
        (datetime(2027, 1, 1, tzinfo=UTC), 202701),
    ],
)
def test_a_month_is_that_of_the_instant_in_utc(instant, month):
    assert month_of(instant) == month


@pytest.mark.parametrize(
    ("month", "by", "then"),
    [(202611, 0, 202611), (202611, 1, 202612), (202611, 3, 202702), (202601, -1, 202512)],
)
def test_months_are_counted_across_years(month, by, then):
    assert later(month, by) == then


@pytest.mark.parametrize("command", [queue, suppress])
def test_the_first_fact_of_a_message_says_its_month(command):
    (fact,) = message.decide(message.initial, command, LAST_OF_NOVEMBER)
    assert fact.month == 202611


def test_a_message_suppressed_a_month_after_it_was_queued_keeps_its_month():
    state = message.fold([queued])
    (fact,) = message.decide(state, suppress, LAST_OF_NOVEMBER)
    assert fact.month == queued.month != month_of(LAST_OF_NOVEMBER)


def test_a_message_of_before_facts_said_their_month_stays_without_one():
    state = message.fold([replace(queued, month=0)])
    (fact,) = message.decide(state, suppress, LAST_OF_NOVEMBER)
    assert fact.month == 0


@forall(st.integers(0, 2**32), st.integers(1, 60))
def test_every_fact_of_a_message_says_the_same_month_and_so_leaves_one_row(seed, steps):
    world, tables = World(seed), Tables()
    for _ in range(steps):
        world.now += WEEK
        world.step()
    tables.apply(messages.projection.rows(world.log))
    keys = [(workspace_id, message_id) for workspace_id, message_id, _ in tables[messages.messages]]
    assert len(keys) == len(set(keys))


def test_a_timeline_has_each_fact_in_the_month_it_was_recorded_in():
    facts = [
        Recorded(n, event.workspace_id, n, LAST_OF_NOVEMBER + n * WEEK * 5, Metadata(), event)
        for n, event in enumerate([added, queued, attempted, suppressed])
    ]
    keys = [row.key[2:] for row in timeline.projection.rows(facts)]
    assert keys == [(0, 202611), (1, 202701), (3, 202703)]
