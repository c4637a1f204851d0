"""What the relay's surroundings do to it: it is killed, the broker goes away and comes back."""

import asyncio
import signal
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
PATIENCE_S = 60
ROOT = Path(__file__).parents[1]


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


def started(url, kafka, topic, *at):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.relay_process", url, kafka, topic, *at], cwd=ROOT
    )


def until(reached):
    deadline = time.monotonic() + PATIENCE_S
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.002)


@pytest.mark.parametrize("mark", ["before_produce", "after_produce", "after_checkpoint"])
def test_killed_at_each_step_it_leaves_repeats_but_no_holes(store, url, kafka, mark):
    topic = new_topic(kafka)
    append_many(store, FACTS)
    process = started(url, kafka, topic, f"relay.{mark}", "2")
    assert process.wait(PATIENCE_S) == -signal.SIGKILL
    relayed(store, kafka, topic)
    repeats = everything_in_order(kafka, topic, FACTS)
    assert repeats > 0 or mark != "after_produce"


def test_a_relay_that_was_stopped_and_goes_on_while_another_leads_ends(store, url, kafka):
    topic = new_topic(kafka)
    append_many(store, 100)
    sleeper = started(url, kafka, topic)
    try:
        until(lambda: position(store) == 100)
        sleeper.send_signal(signal.SIGSTOP)
        append_many(store, 100, first=100)

        async def succeed():
            relay = relay_of(store, kafka, topic, lease_s=4.0)
            async with running(relay):
                await caught_up(relay, 200, within_s=PATIENCE_S)
                sleeper.send_signal(signal.SIGCONT)
                append_many(store, 300, first=200)
                await caught_up(relay, 500, within_s=PATIENCE_S)
                # It sees that it does not lead, stands by, or falls over the mark: never both.
                append_many(store, 300, first=500)
                await caught_up(relay, 800, within_s=PATIENCE_S)

        asyncio.run(succeed())
    finally:
        sleeper.kill()
        sleeper.wait(PATIENCE_S)
    everything_in_order(kafka, topic, 800)


def test_while_the_broker_is_away_facts_wait_and_then_all_go(store, tmp_path):
    folder = tmp_path / "kafka"
    folder.mkdir()

    async def work(broker, topic):
        relay = relay_of(store, broker.bootstrap, topic)
        append_many(store, 100)
        async with running(relay):
            await caught_up(relay, 100, within_s=PATIENCE_S)
            await asyncio.to_thread(broker.kill)
            append_many(store, 300, first=100)
            await asyncio.sleep(1)
            assert relay.mark.position == 100
            await asyncio.to_thread(broker.restart)
            await caught_up(relay, 400, within_s=PATIENCE_S)

    with start_kafka(folder) as broker:
        topic = new_topic(broker.bootstrap)
        asyncio.run(work(broker, topic))
        everything_in_order(broker.bootstrap, topic, 400)
