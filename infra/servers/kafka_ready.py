"""Whether a broker really works: a record goes in and comes out through a consumer group."""

import asyncio
import logging
import uuid
from concurrent.futures import ThreadPoolExecutor

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

TRY_SECONDS = 15.0


def round_trip(bootstrap: str) -> str | None:
    """Nothing where it worked, else what went wrong.

    An open port is not enough: a fresh broker may not know its partitions yet. It runs in
    a thread of its own, since the caller's thread may be running an event loop.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _attempt(bootstrap)).result()


async def _attempt(bootstrap: str) -> str | None:
    host, port = bootstrap.split(",", maxsplit=1)[0].rsplit(":", 1)
    # The client logs each refused connection as an error: while starting, it is none.
    log = logging.getLogger("aiokafka")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), 5)
        writer.close()
        await writer.wait_closed()
        await asyncio.wait_for(_produce_and_consume(bootstrap), TRY_SECONDS)
    except (KafkaError, OSError, TimeoutError) as trouble:
        return f"{type(trouble).__name__}: {trouble}"
    finally:
        log.setLevel(level)
    return None


async def _produce_and_consume(bootstrap: str) -> None:
    topic = f"ready-{uuid.uuid4().hex}"
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
        await _send(bootstrap, topic)
        consumer = AIOKafkaConsumer(
            topic, bootstrap_servers=bootstrap, group_id=topic, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            await consumer.getone()
        finally:
            await consumer.stop()
        await admin.delete_topics([topic])
    finally:
        await admin.close()


async def _send(bootstrap: str, topic: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        await producer.send_and_wait(topic, b"ready?")
    finally:
        await producer.stop()
