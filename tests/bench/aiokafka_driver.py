"""The plain driver of the same sink: an aiokafka group consumer in a loop, no Faust.

It shows what Faust costs, and that the sink does not depend on it.
"""

import asyncio
import sys
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from sqlalchemy import Engine

from projections.checkpoints import PARTITIONS
from projections.intake import Intake, Refused, check_offset
from projections.lifetime import first, told_to_stop
from projections.projection import Projection
from projections.sink import Sink
from projections.waiting import BYTES_A_FETCH, RECORDS_A_FETCH, Fetched
from projections.worker import SESSION_S, TURN_S


def run_plain(
    bootstrap: str,
    topic: str,
    engine: Engine,
    projections: Sequence[Projection],
    group: str,
    *,
    partitions: int = PARTITIONS,
) -> int:
    """Work until SIGTERM or SIGINT; the exit code, as the Faust worker's."""
    sink = Sink(engine, projections, partitions)
    try:
        asyncio.run(_work(bootstrap, topic, sink, group))
    except Refused as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


async def _work(bootstrap: str, topic: str, sink: Sink, group: str) -> None:
    told, intake = told_to_stop(), Intake(sink)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_poll_records=RECORDS_A_FETCH,
        max_partition_fetch_bytes=BYTES_A_FETCH,
        session_timeout_ms=int(SESSION_S * 1000),
        heartbeat_interval_ms=int(SESSION_S * 200),
    )
    listener = _Assigned(consumer, sink, topic)
    consumer.subscribe([topic], listener=listener)
    await consumer.start()
    try:
        await first(told, intake.run(), _fetch(consumer, intake, listener))
    finally:
        sink.stopping.set()
        await consumer.stop()


class _Assigned(ConsumerRebalanceListener):
    """Begins where the checkpoints say; whatever was fetched before is then no longer current."""

    def __init__(self, consumer: AIOKafkaConsumer, sink: Sink, topic: str) -> None:
        self.consumer, self.sink, self.topic = consumer, sink, topic
        self.generation = 0

    async def on_partitions_revoked(self, _revoked) -> None:
        self.generation += 1

    async def on_partitions_assigned(self, assigned) -> None:
        stored = await asyncio.to_thread(self.sink.offsets)
        begins = await self.consumer.beginning_offsets(assigned)
        ends = await self.consumer.end_offsets(assigned)
        for place in assigned:
            at = check_offset(place.partition, stored[place.partition], begins[place], ends[place])
            self.consumer.seek(place, at)


async def _fetch(consumer: AIOKafkaConsumer, intake: Intake, listener: _Assigned) -> None:
    while True:
        generation = listener.generation
        assigned = consumer.assignment()
        wanted = [place for place in assigned if not intake.full(place.partition)]
        if assigned and not wanted:
            await asyncio.sleep(0.005)
            continue
        wait_ms = 1000 if len(wanted) == len(assigned) else int(TURN_S * 1000)
        for place, records in (await consumer.getmany(*wanted, timeout_ms=wait_ms)).items():
            end = {TopicPartition(*place): records[-1].offset + 1}
            await intake.put(
                Fetched(
                    place.partition,
                    records,
                    lambda since=generation: since == listener.generation,
                    lambda end=end: _told(consumer, end),
                )
            )


async def _told(consumer: AIOKafkaConsumer, end) -> None:
    """The group's offsets are a hint for lag displays; nothing waits for them."""
