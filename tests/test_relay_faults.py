"""The relay where the log half works: answers are lost, a part is refused, the topic is another."""

import asyncio
import secrets

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from sqlalchemy import update

from infra.event_store.store import GapInLog
from infra.event_store.tables import positions
from infra.log import publisher
from infra.log.facts import Facts
from infra.log.mark import Mark
from infra.log.topic import TopicMismatch, create_topic
from projections.checkpoints import partition_of
from tests.installation import free_ports
from tests.kafka_proxy import between
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
from tests.tallies import created

PATIENCE_S = 60


@pytest.fixture
def store(tmp_path):
    store = new_store(f"sqlite:///{tmp_path / 'relay.sqlite'}")
    yield store
    store.close()


@pytest.fixture
def topic(kafka):
    return new_topic(kafka)


async def administered(kafka, work):
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        return await work(admin)
    finally:
        await admin.close()


async def until(reached):
    async with asyncio.timeout(PATIENCE_S):
        while not reached():  # noqa: ASYNC110 - it is not ours to set an event
            await asyncio.sleep(0.01)


def everything(kafka, topic, facts):
    """All facts are there, in order; how many of them came more than once."""
    found = content(kafka, topic)
    sent = [e.position for entries in found.values() for e in entries if e.record]
    assert set(sent) == set(range(1, facts + 1))
    for entries in found.values():
        unbroken(entries)
    return len(sent) - facts


def test_when_the_brokers_answers_are_lost_all_is_sent_again_from_the_mark(
    store, kafka, topic, monkeypatch
):
    monkeypatch.setattr(publisher, "ANSWER_S", 2.0)

    async def work():
        async with between(kafka) as proxy:
            relay = relay_of(store, proxy.bootstrap, topic)
            append_many(store, 100)
            async with running(relay):
                await caught_up(relay, 100, within_s=PATIENCE_S)
                proxy.losing = True
                append_many(store, 200, first=100)
                await until(lambda: proxy.lost)
                assert relay.mark.position == 100
                proxy.losing = False
                await caught_up(relay, 300, within_s=PATIENCE_S)

    asyncio.run(work())
    assert everything(kafka, topic, 300) > 0


def test_without_a_broker_at_its_start_it_goes_on_when_there_is_one(
    store, kafka, topic, monkeypatch
):
    monkeypatch.setattr(publisher, "ANSWER_S", 2.0)
    (port,) = free_ports(1)

    async def work():
        relay = relay_of(store, f"127.0.0.1:{port}", topic)
        append_many(store, 100)
        async with running(relay):
            await until(lambda: relay._trouble)
            async with between(kafka, port):
                await caught_up(relay, 100, within_s=PATIENCE_S)
            append_many(store, 200, first=100)
            await until(lambda: relay._trouble)
            assert relay.mark.position == 100
            async with between(kafka, port):
                await caught_up(relay, 300, within_s=PATIENCE_S)

    asyncio.run(work())
    everything(kafka, topic, 300)


def test_what_is_refused_in_part_is_sent_again_whole_and_nothing_goes_past_it(store, kafka, topic):
    """A batch too large for the topic fails; the partition's next batch would be taken."""
    limit, room = {"max.message.bytes": "100000"}, {"max.message.bytes": "8388608"}
    facts = [created(1, secrets.token_hex(300_000)), created(1, "x" * 900_000, 1)]
    facts += [created(n, "small", 2) for n in range(8)]

    def limited(to):
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, to)
        return administered(kafka, lambda admin: admin.alter_configs([resource]))

    async def work():
        relay = relay_of(store, kafka, topic)
        append(store, created(1, "first", 9))
        await limited(limit)
        async with running(relay):
            await caught_up(relay, 1, within_s=PATIENCE_S)
            append(store, *facts)
            await until(lambda: relay._trouble)
            assert relay._trouble == "MessageSizeTooLargeError"
            await limited(room)
            await caught_up(relay, 1 + len(facts), within_s=PATIENCE_S)

    asyncio.run(work())
    everything(kafka, topic, 1 + len(facts))


def test_a_topic_made_anew_is_refused_rather_than_continued(store, kafka, topic):
    append_many(store, 50)
    relayed(store, kafka, topic)

    async def anew():
        await administered(kafka, lambda admin: admin.delete_topics([topic]))
        async with asyncio.timeout(PATIENCE_S):
            while not await create_topic(kafka, topic, PARTITIONS):  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    asyncio.run(anew())
    append_many(store, 50, first=50)
    with pytest.raises(TopicMismatch, match=f"topic {topic} has lost what was sent to its parti"):
        asyncio.run(relay_of(store, kafka, topic).run(asyncio.Event()))
    assert not any(content(kafka, topic).values())


def test_a_topic_that_got_more_partitions_is_refused(store, kafka, topic):
    append_many(store, 10)
    relayed(store, kafka, topic)
    more = {topic: NewPartitions(PARTITIONS + 2)}
    asyncio.run(administered(kafka, lambda admin: admin.create_partitions(more)))
    with pytest.raises(TopicMismatch, match="has 6 partitions, expected 4"):
        asyncio.run(relay_of(store, kafka, topic).run(asyncio.Event()))


def test_the_first_fact_ever_is_sent_behind_position_0_to_an_empty_partition(store, kafka, topic):
    async def work():
        relay = relay_of(store, kafka, topic)
        async with running(relay):
            await asyncio.sleep(0.5)
            assert relay.mark == Mark(0, (0,) * PARTITIONS)
            append(store, created(1, "first"))
            await caught_up(relay, 1, watermarks=True, within_s=PATIENCE_S)

    asyncio.run(work())
    found = content(kafka, topic)
    own = partition_of(created(1).workspace_id, PARTITIONS)
    assert [(e.offset, e.position, e.previous) for e in found[own]] == [(0, 1, 0)]
    for partition in set(range(PARTITIONS)) - {own}:
        assert [(e.record, e.position, e.previous) for e in found[partition]] == [(None, 1, 0)]


def test_where_a_position_is_missing_nothing_behind_it_is_read(database):
    store = new_store(database)
    append_many(store, 3)
    with store.engine.begin() as connection:
        connection.execute(update(positions).values(head=positions.c.head + 1))
    append_many(store, 3, first=3)
    facts = Facts(store.engine)
    assert [int(fact[0]) for fact in facts.read(0, 3)] == [1, 2, 3]
    with pytest.raises(GapInLog, match="between positions 0 and 7 are 6 facts"):
        facts.read(0, 10)
    facts.close()
    store.close()
