"""How fast facts get from Kafka into the read models, beside a loop written by hand for its tables.

Every projector is a process of its own that finds the whole topic waiting. The clock runs from the
commit by which it has applied WARM records to the last one: no start of a process, no first
connection. They take turns, so that all meet the same machine. Three tables have the hand-written
loop as their floor and then the plain driver; all read models have the plain driver over the same.
The hand-written loop's own floor is to fetch the records and do nothing with them.
"""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Final
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy import Engine, func, select

from infra.database import connect
from projections.checkpoints import PARTITIONS, checkpoints
from projections.intake import RECORDS_A_COMMIT
from tests.bench.campaign_log import EVENTS_A_MESSAGE, campaign_log, topic_of
from tests.bench.figure import Figure
from tests.bench.ground import Ground

ROOT: Final = Path(__file__).parents[2]
MESSAGES: Final = 18_000
WARM: Final = 2 * RECORDS_A_COMMIT
ROUNDS: Final = 2
WAIT_S: Final = 120
KINDS: Final = {
    "projector_handwritten": ("handwritten", "three"),
    "projector_aiokafka": ("aiokafka", "three"),
    "projector_faust_3": ("faust", "three"),
    "aiokafka, all read models": ("aiokafka", "all"),
    "projector_faust": ("faust", "all"),
}
FETCHING: Final = "aiokafka's fetching alone"
FLOORS: Final = {
    "projector_handwritten": FETCHING,
    "projector_aiokafka": "projector_handwritten",
    "projector_faust_3": "projector_aiokafka",
    "projector_faust": "aiokafka, all read models",
}
"""Of each figure, what it is compared with."""
AIMS: Final = {
    "projector_handwritten": "",
    "projector_aiokafka": "ratio 0.75",
    "projector_faust_3": "32,000; ratio 0.90",
    "projector_faust": "15,000; ratio 0.90",
}


def run(ground: Ground) -> Iterable[Figure]:
    records = campaign_log(MESSAGES)
    count = len(records)
    topic = topic_of(ground.kafka.bootstrap, f"bench.{uuid4().hex[:8]}", records)
    rates: dict[str, list[float]] = {name: [] for name in [FETCHING, *KINDS]}
    for _ in range(ROUNDS):
        rates[FETCHING].append(asyncio.run(_fetched(ground.kafka.bootstrap, topic, count)))
        for name, (kind, chosen) in KINDS.items():
            rates[name].append(_rate(ground, topic, kind, chosen, count))
    for name, beside in FLOORS.items():
        found, floor = rates[name], rates[beside]
        yield Figure(
            name=name,
            value=median(found),
            unit="events/s",
            floor=median(floor),
            ratio=median(r / f for r, f in zip(found, floor, strict=True)),
            aim=AIMS[name],
            settings={
                "events": count,
                "events_a_message": EVENTS_A_MESSAGE,
                "partitions": PARTITIONS,
                "rounds": ROUNDS,
                "records_a_commit": RECORDS_A_COMMIT,
                "warm": WARM,
                "floor": beside,
            },
        )


async def _fetched(kafka: str, topic: str, count: int) -> float:
    """Records a second, from the first WARM of them on."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    consumer.assign([TopicPartition(topic, partition) for partition in range(PARTITIONS)])
    try:
        seen, first = 0, (0, 0.0)
        while seen < count:
            found = await consumer.getmany(timeout_ms=1000, max_records=RECORDS_A_COMMIT)
            seen += sum(map(len, found.values()))
            if seen >= WARM and not first[0]:
                first = seen, time.perf_counter()
        return (count - first[0]) / (time.perf_counter() - first[1])
    finally:
        await consumer.stop()


def _rate(ground: Ground, topic: str, kind: str, chosen: str, count: int) -> float:
    url = ground.database("read")
    arguments = [kind, chosen, url, ground.kafka.bootstrap, topic]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.projecting", *arguments], cwd=ROOT
    )
    engine = connect(url)
    try:
        return _watched(engine, process, count)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        engine.dispose()
        ground.drop(url)


def _watched(engine: Engine, process: "subprocess.Popen[bytes]", count: int) -> float:
    """Events a second, from the first commit seen with WARM records applied to the last."""
    deadline, first = time.monotonic() + WAIT_S, (0, 0.0)
    while True:
        applied, now = _applied(engine), time.perf_counter()
        if applied >= count:
            return (applied - first[0]) / (now - first[1])
        if applied >= WARM and not first[0]:
            first = applied, now
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the projector got to {applied} of {count} records only")
        time.sleep(0.01)


def _applied(engine: Engine) -> int:
    """Records applied by the projection that is furthest behind."""
    c = checkpoints.c
    with engine.connect() as connection:
        sums = select(func.sum(c.records)).group_by(c.projection)
        return int(min(connection.scalars(sums), default=0))
