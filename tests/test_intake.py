"""Where a worker may begin, when a standstill is its end, and what one transaction takes."""

import asyncio
import threading
from typing import NamedTuple

import pytest
from sqlalchemy import event

from projections.intake import Intake, Refused, check_offset, watch
from projections.sink import Sink
from projections.waiting import Fetched
from tests.kafka_records import headers_of_record
from tests.tallies import counting, history, naming, rows, tables_at, tally


class Record(NamedTuple):
    offset: int
    headers: list
    value: bytes


@pytest.fixture
def sink(tmp_path):
    engine = tables_at(f"sqlite:///{tmp_path / 'read.sqlite'}")
    yield Sink(engine, [naming, counting], 2)
    engine.dispose()


def kafka_records(found):
    previous = 0
    for offset, one in enumerate(found):
        headers = headers_of_record(one, previous, one.workspace_id.hex.encode())
        yield Record(offset, headers, one.data)
        previous = one.position


def test_a_worker_begins_at_its_checkpoint_or_at_the_earliest_if_it_has_none():
    assert check_offset(0, 7, 3, 9) == 7
    assert check_offset(0, None, 3, 9) == 3
    assert [check_offset(0, at, 3, 9) for at in (3, 9)] == [3, 9]


def test_a_checkpoint_before_the_topic_or_behind_its_end_is_refused():
    with pytest.raises(Refused, match="offset 2, but the topic begins at 3"):
        check_offset(0, 2, 3, 9)
    with pytest.raises(Refused, match="offset 10, but the topic ends at 9"):
        check_offset(0, 10, 3, 9)


def run(intake, *batches, stale=()):
    acked = []

    async def work():
        task = asyncio.create_task(intake.run())
        for number, (partition, records) in enumerate(batches):

            async def ack(number=number):
                acked.append(number)

            current = number not in stale
            await intake.put(Fetched(partition, records, lambda c=current: c, ack))
        for _ in range(200):
            await asyncio.sleep(0.01)
            if task.done() or len(acked) == len(batches) - len(stale):
                break
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return task

    asyncio.run(work())
    return acked


def test_batches_that_wait_are_applied_together_and_acknowledged_after(sink):
    records = list(kafka_records(history(30)))
    intake = Intake(sink)
    assert run(intake, (0, records[:10]), (0, records[10:20]), (0, records[20:])) == [0, 1, 2]
    assert intake.total.applied == 30
    assert intake.next_offsets == {0: 30}
    assert sum(row[1] for row in rows(sink.engine, tally)) == 30


def test_batches_from_before_a_rebalance_are_left_to_whoever_has_the_partition_now(sink):
    records = list(kafka_records(history(30)))
    assert run(Intake(sink), (0, records[:10]), (0, records[:20]), stale={0}) == [1]
    assert sink.offsets() == {0: 20, 1: None}


def test_while_the_database_stalls_no_more_than_so_many_records_are_kept(sink, monkeypatch):
    for name, number in {
        "RECORDS_A_COMMIT": 400,
        "RECORDS_AHEAD": 50,
        "RECORDS_WAITING": 600,
    }.items():
        monkeypatch.setattr(f"projections.intake.{name}", number)
    records = list(kafka_records(history(4000)))
    batches = [records[start : start + 50] for start in range(0, 4000, 50)]
    accepted, go_on = [], threading.Event()
    event.listen(sink.engine, "before_cursor_execute", lambda *_: go_on.wait(30))

    async def work():
        intake, done = Intake(sink), asyncio.Event()
        task = asyncio.create_task(intake.run())

        async def ack():
            if intake.total.applied == len(records):
                done.set()

        async def fetch():
            for batch in batches:
                await intake.put(Fetched(0, batch, lambda: True, ack))
                accepted.append(len(batch))

        fetching, before = asyncio.create_task(fetch()), -1
        while before != len(accepted):
            before = len(accepted)
            await asyncio.sleep(0.3)
        kept = sum(accepted)
        go_on.set()
        await done.wait()
        assert fetching.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return kept

    kept = asyncio.run(asyncio.wait_for(work(), 60))
    assert 600 <= kept <= 600 + 2 * 400 + 50
    assert sum(row[1] for row in rows(sink.engine, tally)) == 4000


def watched(intake, ends, stall_s=0.2, for_s=1.0):
    async def work():
        await asyncio.wait_for(watch(intake, ends, stall_s), for_s)

    return asyncio.run(work())


def test_a_lag_that_does_not_shrink_is_the_end(sink):
    async def ends():
        return {0: 5, 1: 0}

    with pytest.raises(
        Refused, match=r"5 records wait in partitions \[0, 1\] and none was applied"
    ):
        watched(Intake(sink), ends)


def test_nothing_to_do_is_no_standstill(sink):
    async def ends():
        return {0: 0, 1: 0}

    with pytest.raises(TimeoutError):
        watched(Intake(sink), ends)


def test_progress_is_no_standstill(sink):
    intake = Intake(sink)

    async def ends():
        intake.next_offsets[0] = intake.next_offsets.get(0, 0) + 1
        return {0: 10**6}

    with pytest.raises(TimeoutError):
        watched(intake, ends)


def test_while_the_broker_is_away_nothing_can_be_said_to_stand_still(sink):
    async def ends():
        raise ConnectionError

    with pytest.raises(TimeoutError):
        watched(Intake(sink), ends)
