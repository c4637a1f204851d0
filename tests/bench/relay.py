"""How fast facts get from the store into Kafka, beside a bare producer of the same records.

The floor has the records and their headers ready in memory, and only fills and sends batches; the
relay reads the rows from MySQL, builds the headers and moves its mark with flushed commits. What
`send`, called for each of the same records, comes to is told in the settings.
"""

import asyncio
import gc
import time
from collections.abc import Iterable
from statistics import median
from typing import Any, Final
from uuid import uuid4

import uvloop
from aiokafka import AIOKafkaProducer

from infra.event_store.store import SqlEventStore, open_store
from infra.leases import Leases
from infra.log.carrying import CHUNK
from infra.log.publisher import BATCH_BYTES
from infra.log.relay import Relay
from infra.log.topic import LARGEST_RECORD, create_topic
from projections.checkpoints import PARTITIONS, partition_of
from tests.bench.figure import Figure
from tests.bench.ground import Ground
from tests.bench.message_facts import fill
from tests.kafka_records import headers_of_record

MESSAGES: Final = 40_000
ROUNDS: Final = 5
SENT_SINGLY: Final = 30_000
Message = tuple[int, bytes, bytes, Any]
"""Partition, key, value, headers."""


def run(ground: Ground) -> Iterable[Figure]:
    url = ground.database("store")
    store = open_store(url)
    facts = fill(store, MESSAGES)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        relayed, floors, singly = runner.run(_measure(store, facts, ground.kafka.bootstrap))
    bytes_each = sum(len(record.data) for record in store.read(0, 1000)) // 1000
    store.close()
    ground.drop(url)
    floor = median(floors)
    yield Figure(
        name="relay",
        value=median(relayed),
        unit="events/s",
        floor=floor,
        ratio=median(r / f for r, f in zip(relayed, floors, strict=True)),
        aim="40,000; ratio 0.60",
        settings={
            "facts": facts,
            "rounds": ROUNDS,
            "bytes_each": bytes_each,
            "partitions": PARTITIONS,
            "chunk": CHUNK,
            "floor": "aiokafka send_batch, idempotent, lz4, records and headers ready in memory",
            "each_by_send": round(singly),
        },
    )


async def _measure(
    store: SqlEventStore, facts: int, kafka: str
) -> tuple[list[float], list[float], float]:
    """Rates of the relay and of the bare producer, in turn; at last that of single records."""
    messages = _messages(store, facts)
    gc.collect()
    gc.freeze()  # the floor's millions of ready headers are not the relay's to look through
    relayed, floors = [], []
    topics = [f"bench.{uuid4().hex[:8]}.{n}" for n in range(2 * ROUNDS + 3)]
    for topic in topics:
        await create_topic(kafka, topic)
    await asyncio.sleep(1)  # partitions take a moment to know who leads them
    for taken in range(ROUNDS + 1):
        floor = await _produce(messages, kafka, topics.pop())
        rate = await _relay(store, facts, kafka, topics.pop())
        if taken:  # the first time everybody is still warming up
            floors.append(floor)
            relayed.append(rate)
    gc.unfreeze()
    return relayed, floors, await _send_singly(messages[:SENT_SINGLY], kafka, topics.pop())


async def _relay(store: SqlEventStore, facts: int, kafka: str, topic: str) -> float:
    """Facts a second, from the mark's first move to its last."""
    relay = Relay(store.engine, Leases(store.engine), kafka, topic, name=topic)
    stop = asyncio.Event()
    running = asyncio.create_task(relay.run(stop))
    first = started = 0.0
    while relay.mark.position < facts:
        assert not running.done(), running
        if relay.mark.position and not first:
            first, started = relay.mark.position, time.perf_counter()
        await asyncio.sleep(0.001)
    rate = (facts - first) / (time.perf_counter() - started)
    stop.set()
    await running
    return rate


async def _produce(messages: list[Message], kafka: str, topic: str) -> float:
    """Facts a second, from the first batch to the last answer."""
    async with _producer(kafka) as producer:
        started = time.perf_counter()
        batches: dict[int, Any] = {}
        sent = []
        for partition, key, value, headers in messages:
            batch = batches.get(partition)
            if batch is None or not _added(batch, key, value, headers):
                if batch is not None:
                    sent.append(await producer.send_batch(batch, topic, partition=partition))
                batch = batches[partition] = producer.create_batch()
                assert _added(batch, key, value, headers)
        for partition, batch in batches.items():
            sent.append(await producer.send_batch(batch, topic, partition=partition))
        await asyncio.gather(*sent)
        return len(messages) / (time.perf_counter() - started)


async def _send_singly(messages: list[Message], kafka: str, topic: str) -> float:
    """Facts a second, if the producer is left to make the batches."""
    async with _producer(kafka) as producer:
        started = time.perf_counter()
        sent = [
            await producer.send(topic, value, key, partition, headers=headers)
            for partition, key, value, headers in messages
        ]
        await asyncio.gather(*sent)
        return len(messages) / (time.perf_counter() - started)


def _producer(kafka: str) -> AIOKafkaProducer:
    return AIOKafkaProducer(
        bootstrap_servers=kafka,
        enable_idempotence=True,
        max_batch_size=BATCH_BYTES,
        max_request_size=LARGEST_RECORD,
        compression_type="lz4",
    )


def _added(batch: Any, key: bytes, value: bytes, headers: Any) -> bool:
    return batch.append(timestamp=None, key=key, value=value, headers=headers) is not None


def _messages(store: SqlEventStore, facts: int) -> list[Message]:
    messages: list[Message] = []
    last = [0] * PARTITIONS
    for start in range(0, facts, CHUNK):
        for record in store.read(start, CHUNK):
            key = record.workspace_id.hex.encode()
            partition = partition_of(record.workspace_id, PARTITIONS)
            headers = headers_of_record(record, last[partition], key)
            messages.append((partition, key, record.data, headers))
            last[partition] = record.position
    return messages
