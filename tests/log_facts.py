"""A store with facts, a topic of its own, a relay for a while, and what then stands in the topic."""

import asyncio
from contextlib import asynccontextmanager
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, TopicPartition

from commands.store import Append
from domain.kernel import Metadata
from infra.event_store.store import open_store
from infra.leases import Leases
from infra.log.relay import Relay
from infra.log.topic import create_topic
from infra.migrate import migrate_store
from projections.headers import entry_of
from tests.tallies import START, created

PARTITIONS = 4


def new_topic(kafka, partitions=PARTITIONS):
    topic = f"test.{uuid4().hex[:12]}"
    asyncio.run(create_topic(kafka, topic, partitions))
    return topic


def new_store(url):
    migrate_store(url)
    return open_store(url)


def append(store, *events):
    """Each in its own stream, at the version that follows."""
    versions = {id_: len(past) for id_, past in store.load([e.group_id for e in events]).items()}
    appends = []
    for event in events:
        appends.append(Append(event.group_id, versions[event.group_id], [event], Metadata()))
        versions[event.group_id] += 1
    for append in appends:
        store.append([append], START)


def append_many(store, count, first=0, workspaces=20):
    """Facts of as many streams, in few commits."""
    facts = [created(n % workspaces, f"name {n}", n) for n in range(first, first + count)]
    for start in range(0, count, 500):
        some = facts[start : start + 500]
        store.append([Append(e.group_id, 0, [e], Metadata()) for e in some], START)


def relay_of(store, kafka, topic, **options):
    leases = Leases(store.engine)
    options = {"partitions": PARTITIONS, **options}
    return Relay(store.engine, leases, kafka, topic, **options)


@asynccontextmanager
async def running(relay):
    """It runs beside the body and is stopped after it."""
    stop = asyncio.Event()
    task = asyncio.create_task(relay.run(stop))
    try:
        yield task
    finally:
        stop.set()
        await asyncio.wait({task}, timeout=15)
        assert task.done()


async def caught_up(relay, position, watermarks=False, within_s=20):
    """Until all up to `position` is in the log, and every partition knows it if that is asked."""
    for _ in range(int(within_s * 100)):
        told = min(relay.mark.partitions) >= position or not watermarks
        if relay.mark.position >= position and told:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"the relay is at {relay.mark.position} only, not at {position}")


def relayed(store, kafka, topic, watermarks=False, **options):
    """Run a relay until the topic has all of the store."""

    async def work():
        relay = relay_of(store, kafka, topic, **options)
        async with running(relay):
            await caught_up(relay, store.head(), watermarks)
        return relay.mark

    return asyncio.run(work())


def content(kafka, topic, partitions=PARTITIONS):
    """Every record of the topic as an entry, by partition."""

    async def read():
        consumer = AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest")
        await consumer.start()
        try:
            places = [TopicPartition(topic, p) for p in range(partitions)]
            consumer.assign(places)
            ends = await consumer.end_offsets(places)
            out = {p: [] for p in range(partitions)}
            for place in places:
                while await consumer.position(place) < ends[place]:
                    for record in (await consumer.getmany(place, timeout_ms=1000)).get(place, []):
                        entry = entry_of(record.offset, record.headers, record.value)
                        out[place.partition].append(entry)
            return out
        finally:
            await consumer.stop()

    return asyncio.run(asyncio.wait_for(read(), 30))


def unbroken(entries):
    """No record is missing, though some may come again."""
    position = 0
    for entry in entries:
        assert not entry.error
        assert entry.previous <= position
        position = max(position, entry.position)
    return position
