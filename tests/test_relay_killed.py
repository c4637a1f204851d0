"""What the relay's surroundings do to it: it is killed, the broker goes away and comes back."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from infra.event_store.tables import relay_checkpoint
from infra.servers import start_kafka
from tests.log_facts import (
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

FACTS = 20_000


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'store.sqlite'}"


@pytest.fixture
def store(url):
    store = new_store(url)
    yield store
    store.close()


def position(store):
    with store.engine.connect() as connection:
        return connection.scalar(select(relay_checkpoint.c.position)) or 0


def everything_in_order(kafka, topic, facts):
    found = content(kafka, topic)
    sent = [e.position for entries in found.values() for e in entries if e.record]
    assert set(sent) == set(range(1, facts + 1))
    for entries in found.values():
        unbroken(entries)
    return len(sent) - facts


def test_killed_again_and_again_it_leaves_repeats_but_no_holes(store, url, kafka):
    topic = new_topic(kafka)
    append_many(store, FACTS)
    for _ in range(3):
        before = position(store)
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.relay_process", url, kafka, topic],
            cwd=Path(__file__).parents[1],
        )
        deadline = time.monotonic() + 30
        while position(store) == before and before < FACTS:
            assert time.monotonic() < deadline
            time.sleep(0.002)
        process.kill()
        process.wait(10)
    relayed(store, kafka, topic)
    everything_in_order(kafka, topic, FACTS)


def test_while_the_broker_is_away_facts_wait_and_then_all_go(store, tmp_path):
    folder = tmp_path / "kafka"
    folder.mkdir()

    async def work(broker, topic):
        relay = relay_of(store, broker.bootstrap, topic)
        append_many(store, 100)
        async with running(relay):
            await caught_up(relay, 100)
            await asyncio.to_thread(broker.kill)
            append_many(store, 300, first=100)
            await asyncio.sleep(1)
            assert relay.mark.position == 100
            await asyncio.to_thread(broker.restart)
            await caught_up(relay, 400, within_s=40)

    with start_kafka(folder) as broker:
        topic = new_topic(broker.bootstrap)
        asyncio.run(work(broker, topic))
        everything_in_order(broker.bootstrap, topic, 400)
