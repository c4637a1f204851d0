"""The relay: every fact into its partition, in order; repeats are possible, loss is not."""

import asyncio
import logging
import time

import pytest
from sqlalchemy import select, text, update

from infra.event_store.tables import relay_checkpoint
from infra.log.mark import FencedOff, Mark, Marks
from infra.log.topic import TopicMismatch, create_topic
from projections.checkpoints import partition_of
from projections.digest import digest
from projections.sink import Sink
from tests.log_facts import (
    PARTITIONS,
    append,
    append_many,
    caught_up,
    content,
    new_store,
    new_topic,
    relay_of,
    relayed,
    running,
    unbroken,
)
from tests.tallies import counting, created, names, naming, rows, tables_at, tally


@pytest.fixture
def store(tmp_path):
    store = new_store(f"sqlite:///{tmp_path / 'relay.sqlite'}")
    yield store
    store.close()


@pytest.fixture
def topic(kafka):
    return new_topic(kafka)


def positions(entries):
    return [entry.position for entry in entries if entry.record]


def marks(store):
    with store.engine.connect() as connection:
        return connection.execute(select(relay_checkpoint)).one()


def test_every_fact_stands_once_and_in_order_in_the_partition_of_its_workspace(
    database, kafka, topic
):
    store = new_store(database)
    append_many(store, 3000)
    relayed(store, kafka, topic)
    found = content(kafka, topic)
    for partition, entries in found.items():
        unbroken(entries)
        assert positions(entries) == sorted(set(positions(entries)))
        assert {partition_of(e.record.workspace_id, PARTITIONS) for e in entries if e.record} <= {
            partition
        }
    assert sorted(p for entries in found.values() for p in positions(entries)) == [*range(1, 3001)]
    original = {record.position: record for record in store.read(0, 3000)}
    assert all(e.record == original[e.position] for e in found[0] if e.record)
    store.close()


def test_partitions_without_news_are_told_how_far_the_log_has_got(store, kafka, topic):
    append(store, created(1, "a"), created(1, "b"))
    mark = relayed(store, kafka, topic, watermarks=True)
    assert mark == Mark(2, (2,) * PARTITIONS)
    found = content(kafka, topic)
    own = partition_of(created(1).workspace_id, PARTITIONS)
    for partition, entries in found.items():
        assert unbroken(entries) == 2
        assert len(positions(entries)) == (2 if partition == own else 0)


def test_a_new_relay_goes_on_behind_the_watermarks(store, kafka, topic):
    append(store, *(created(n, "a") for n in range(9)))
    relayed(store, kafka, topic, watermarks=True)
    append(store, *(created(n, "b") for n in range(9)))
    relayed(store, kafka, topic)
    for entries in content(kafka, topic).values():
        unbroken(entries)
        assert positions(entries) == sorted(set(positions(entries)))


def test_a_relay_that_died_between_sending_and_its_mark_leaves_only_repeats(
    store, kafka, topic, tmp_path
):
    append_many(store, 40)
    relayed(store, kafka, topic)
    before = marks(store)
    append_many(store, 60, first=40)
    relayed(store, kafka, topic)
    with store.engine.begin() as connection:
        # The mark as it stood when the second chunk had been sent and nothing else done.
        rewound = {"position": before.position, "partitions": before.partitions}
        connection.execute(update(relay_checkpoint).values(**rewound))
    append_many(store, 20, first=100)
    relayed(store, kafka, topic)
    found = content(kafka, topic)
    sent = [p for entries in found.values() for p in positions(entries)]
    assert len(sent) == 180
    assert set(sent) == set(range(1, 121))
    engine = tables_at(f"sqlite:///{tmp_path / 'read.sqlite'}")
    assert Sink(engine, [naming, counting], PARTITIONS).apply_all(found).repeated >= 60
    assert sum(row[1] for row in rows(engine, tally)) == 120
    other = tables_at(f"sqlite:///{tmp_path / 'other.sqlite'}")
    new = new_topic(kafka)
    relayed(store, kafka, new, name="afresh")
    Sink(other, [naming, counting], PARTITIONS).apply_all(content(kafka, new))
    assert digest(engine, [names, tally]) == digest(other, [names, tally])
    engine.dispose()
    other.dispose()


def test_of_two_relays_one_leads_and_the_other_takes_over_at_once(store, kafka, topic):
    async def work():
        first, second = (relay_of(store, kafka, topic, lease_s=2.0) for _ in range(2))
        append_many(store, 30)
        async with running(first):
            await caught_up(first, 30)
            async with running(second):
                await asyncio.sleep(0.3)
                assert second.mark.position == 0
                append_many(store, 30, first=30)
                await caught_up(first, 60)
        append_many(store, 30, first=60)
        async with running(second):
            await caught_up(second, 90, within_s=3)

    asyncio.run(work())
    found = content(kafka, topic)
    assert sorted(p for entries in found.values() for p in positions(entries)) == [*range(1, 91)]


def test_a_relay_whose_lease_went_to_another_ends_and_leaves_only_repeats(store, kafka, topic):
    async def work():
        sleeper = relay_of(store, kafka, topic, lease_s=30.0)
        append_many(store, 30)
        async with running(sleeper) as run:
            await caught_up(sleeper, 30)
            with store.engine.begin() as connection:
                connection.execute(text("UPDATE leases SET expires_at = '2000-01-01 00:00:00'"))
            successor = relay_of(store, kafka, topic)
            async with running(successor):
                await caught_up(successor, 30)
                append_many(store, 300, first=30)
                await caught_up(successor, 330)
                async with asyncio.timeout(10):
                    await asyncio.wait({run})
            with pytest.raises(FencedOff, match="another relay leads"):
                run.result()

    asyncio.run(work())
    for entries in content(kafka, topic).values():
        unbroken(entries)


def test_an_older_epoch_cannot_claim_or_move_the_mark(store):
    old, new = (Marks(store.engine, "relay", "topic", 2) for _ in range(2))
    start = old.claim(1)
    new.claim(2)
    with pytest.raises(FencedOff):
        old.move(1, start, Mark(5, (5, 0)))
    with pytest.raises(FencedOff, match="epoch 2 leads, this one has 1"):
        old.claim(1)
    new.move(2, start, Mark(5, (5, 0)))
    with pytest.raises(FencedOff):
        new.move(2, start, Mark(6, (6, 0)))
    assert new.claim(3) == Mark(5, (5, 0))


def test_without_kafka_it_keeps_trying_and_says_so_once(store, caplog):
    async def work():
        relay = relay_of(store, "127.0.0.1:1", "none")
        async with running(relay):
            await asyncio.sleep(1.5)
            started = time.monotonic()
        return time.monotonic() - started

    append_many(store, 3)
    with caplog.at_level(logging.WARNING, "blazz.relay"):
        assert asyncio.run(work()) < 4
    said = [r for r in caplog.records if r.name == "blazz.relay"]
    assert ["keeps trying" in r.getMessage() for r in said] == [True]


def test_a_topic_with_other_partitions_is_refused(store, kafka, topic):
    append_many(store, 3)
    with pytest.raises(TopicMismatch, match="has 4 partitions, expected 12"):
        asyncio.run(relay_of(store, kafka, topic, partitions=12).run(asyncio.Event()))


def test_a_mark_made_for_another_topic_is_refused(store, kafka, topic):
    append_many(store, 3)
    relayed(store, kafka, topic)
    with pytest.raises(TopicMismatch, match=f"has been writing to {topic} with 4 partitions"):
        asyncio.run(relay_of(store, kafka, "elsewhere").run(asyncio.Event()))


def test_a_topic_is_made_once_and_never_with_other_partitions(kafka, topic):
    assert not asyncio.run(create_topic(kafka, topic, PARTITIONS))
    with pytest.raises(TopicMismatch, match=f"topic {topic} has 4 partitions, expected 5"):
        asyncio.run(create_topic(kafka, topic, 5))


def test_facts_larger_than_a_batch_go_through(store, kafka, topic):
    append(store, *(created(1, "x" * 400_000, n) for n in range(3)), created(1, "small", 4))
    relayed(store, kafka, topic)
    (entries,) = [e for e in content(kafka, topic).values() if positions(e)]
    assert positions(entries) == [1, 2, 3, 4]
    assert [len(e.record.data) > 400_000 for e in entries if e.record] == [True] * 3 + [False]


def test_an_idle_relay_sees_a_new_fact_within_milliseconds(store, kafka, topic):
    """A quarter of the facts, and a bound that a slow machine keeps: it must not sleep longer."""

    async def work():
        relay, taken = relay_of(store, kafka, topic), []
        async with running(relay):
            for n in range(1, 41):
                await asyncio.to_thread(append, store, created(1, "news", n))
                appended = time.monotonic()
                while relay.sent < n:  # noqa: ASYNC110
                    await asyncio.sleep(0.0005)
                taken.append(time.monotonic() - appended)
                await asyncio.sleep(0.01)
        return sorted(taken)

    assert asyncio.run(work())[10] < 0.05
