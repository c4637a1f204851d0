"""A record produced, consumed and written as one row, flushed: what Kafka and MySQL take alone."""

import asyncio
import time
from typing import Any

import pymysql
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from sqlalchemy import make_url

from infra.log.topic import create_topic


async def rows_from_kafka(kafka: str, topic: str, url: str, records: int) -> list[float]:
    """Milliseconds from producing to committed, one record after the other."""
    where = make_url(url)
    table = pymysql.connect(
        host=where.host, port=where.port or 0, user=where.username, database=where.database
    )
    table.cursor().execute("CREATE TABLE IF NOT EXISTS seen (id INT PRIMARY KEY, body BLOB)")
    await create_topic(kafka, topic, 1)
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="earliest")
    producer = AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True)
    await producer.start()
    await consumer.start()
    taken = []
    try:
        for number in range(records):
            started = time.perf_counter()
            await producer.send(topic, b"x" * 400, partition=0)
            record = await consumer.getone()
            await asyncio.to_thread(_insert, table, number, record.value)
            taken.append((time.perf_counter() - started) * 1000)
            await asyncio.sleep(0.01)
    finally:
        await consumer.stop()
        await producer.stop()
        table.close()
    return sorted(taken[records // 10 :])


def _insert(table: Any, number: int, body: bytes | None) -> None:
    table.cursor().execute("REPLACE INTO seen VALUES (%s, %s)", (number, body))
    table.commit()
