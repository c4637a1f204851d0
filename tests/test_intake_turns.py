"""One company's backlog does not keep the companies of other partitions waiting behind all of it."""

import asyncio

import pytest

from projections.intake import Intake
from projections.sink import Sink
from projections.waiting import LITTLE, Fetched, Waiting
from tests.tallies import counting, history, naming, rows, tables_at, tally
from tests.test_intake import kafka_records

A_COMMIT, A_FETCH = 200, 50
BACKLOG = 4000
SOME = LITTLE // 2 - 1
UNDER_WAY = 2
"""Transactions that may have been begun before: one commits, the next one is prepared."""


@pytest.fixture
def sink(tmp_path, monkeypatch):
    settings = {"RECORDS_A_COMMIT": A_COMMIT, "RECORDS_AHEAD": 50, "RECORDS_WAITING": 2 * BACKLOG}
    for name, number in settings.items():
        monkeypatch.setattr(f"projections.intake.{name}", number)
    engine = tables_at(f"sqlite:///{tmp_path / 'read.sqlite'}")
    yield Sink(engine, [naming, counting], 2)
    engine.dispose()


def batches(records):
    return [records[start : start + A_FETCH] for start in range(0, len(records), A_FETCH)]


async def nothing():
    """Kafka is not told."""


async def applied_by(intake, count):
    for _ in range(60_000):
        if intake.total.applied >= count:
            return
        await asyncio.sleep(0.001)


def names(taken):
    return "".join(fetched.records[0] for fetched in taken)


async def late_among(intake, backlog, late):
    """How many records were applied from when the late one came until it was applied."""
    for batch in batches(backlog):
        await intake.put(Fetched(0, batch, lambda: True, nothing))
    seen, task = asyncio.Event(), asyncio.create_task(intake.run())
    await applied_by(intake, A_COMMIT)
    assert intake.full(0)
    assert not intake.full(1)
    before, after = intake.total.applied, 0

    async def applied():
        nonlocal after
        after = intake.total.applied
        seen.set()

    await intake.put(Fetched(1, late, lambda: True, applied))
    await seen.wait()
    await applied_by(intake, len(backlog) + len(late))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return after - before


def test_behind_a_company_with_a_backlog_others_wait_for_the_transactions_under_way_only(sink):
    backlog, late = (list(kafka_records(history(count))) for count in (BACKLOG, 1))
    work = late_among(Intake(sink), backlog, late)
    behind = asyncio.run(asyncio.wait_for(work, 60))
    assert behind <= (UNDER_WAY + 1) * (A_COMMIT + A_FETCH)
    assert sum(row[1] for row in rows(sink.engine, tally)) == BACKLOG + 1


def test_partitions_take_turns_and_each_keeps_its_own_order():
    waiting = Waiting()
    for partition, name in [(0, "a"), (0, "b"), (0, "c"), (1, "d"), (1, "e"), (1, "f"), (0, "g")]:
        waiting.add(Fetched(partition, [name] * SOME, lambda: True, nothing))
    assert (waiting.records, waiting.of(0), waiting.of(7)) == (7 * SOME, 4 * SOME, 0)
    assert [names(waiting.take(3 * SOME)) for _ in range(4)] == ["abc", "gde", "f", ""]
    assert (waiting.records, waiting.of(0)) == (0, 0)


def test_partitions_without_a_backlog_come_along_before_anybody_has_a_turn():
    waiting = Waiting()
    for partition, name in [(0, "a"), (0, "b"), (0, "c"), (1, "d"), (2, "e"), (1, "f")]:
        waiting.add(Fetched(partition, [name] * SOME, lambda: True, nothing))
    assert [names(waiting.take(4 * SOME)) for _ in range(3)] == ["dfea", "bc", ""]
