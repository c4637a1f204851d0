"""One history through every driver of the sink leaves the same tables, to the byte.

The oracle is the digest of each table: a SHA-256 over its rows in key order, checkpoints and parked
records left out.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import orjson
import pytest

from infra.database import connect
from infra.event_store import open_store
from infra.migrate import migrate_read, migrate_store
from projections.all import ALL
from projections.checkpoints import PARTITIONS
from projections.digest import digest
from projections.entries import gapless
from projections.rebuild import rebuild
from projections.runner import Runner
from projections.sink import Sink
from tests.log_facts import new_topic, relayed
from tests.recorded import record

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('recorded') / 'store.sqlite'}"
    migrate_store(url)
    kept = open_store(url)
    assert record(kept) > 20_000
    kept.url = url
    yield kept
    kept.close()


def projected(url):
    migrate_read(url)
    return connect(url, durable=False)


@pytest.fixture(scope="module")
def by_runner(store, tmp_path_factory):
    """What the in-process runner makes of it on SQLite: the others are measured by this."""
    engine = projected(f"sqlite:///{tmp_path_factory.mktemp('runner') / 'read.sqlite'}")
    runner = Runner(store, Sink(engine, ALL, 1))
    while runner.step():
        pass
    found = digest(engine)
    engine.dispose()
    assert len(set(found.values())) == len(found) > 20
    return found


def test_odd_batches_each_delivered_twice_leave_the_same_tables(store, by_runner, tmp_path):
    engine = projected(f"sqlite:///{tmp_path / 'read.sqlite'}")
    sink, sizes, position = Sink(engine, ALL, 1), Random(3), 0
    while records := store.read(position, sizes.choice([1, 2, 7, 97, 523, 1999])):
        for _ in range(2):
            sink.apply(0, gapless(records))
        position = records[-1].position
    assert digest(engine) == by_runner
    engine.dispose()


def test_a_rebuild_from_the_store_leaves_the_same_tables(store, by_runner, mysql_database):
    engine = projected(mysql_database)
    done = rebuild(store, engine, ALL, PARTITIONS)
    assert (done.position, done.parked) == (store.head(), 0)
    assert digest(engine) == by_runner
    engine.dispose()


@pytest.fixture(scope="module")
def topic(store, kafka):
    topic = new_topic(kafka, PARTITIONS)
    relayed(store, kafka, topic, watermarks=True, partitions=PARTITIONS)
    return topic


def test_the_worker_behind_kafka_leaves_the_same_tables(
    store, by_runner, mysql_database, kafka, topic, tmp_path
):
    environment = {
        "BLAZZ_STORE_URL": store.url,
        "BLAZZ_READ_URL": mysql_database,
        "BLAZZ_KAFKA": kafka,
        "BLAZZ_TOPIC": topic,
    }
    arguments = ["infra.cli.main", "projector"]
    assert _projected(arguments, environment, mysql_database, store, tmp_path) == by_runner
    assert _told(environment) == by_runner


def test_a_plain_aiokafka_loop_leaves_the_same_tables(
    store, by_runner, mysql_database, kafka, topic, tmp_path
):
    arguments = ["tests.bench.projecting", "aiokafka", "all", mysql_database, kafka, topic]
    assert _projected(arguments, {}, mysql_database, store, tmp_path) == by_runner


def _projected(arguments, environment, url, store, folder):
    """The digest of what a projector process makes of the topic."""
    engine, log = projected(url), folder / "projector.log"
    with log.open("wb") as words:
        projector = subprocess.Popen(
            [sys.executable, "-m", *arguments], cwd=ROOT, env=os.environ | environment, stderr=words
        )
    try:
        _caught_up(engine, store.head(), projector, log)
    finally:
        projector.terminate()
        projector.wait(20)
    assert projector.returncode == 0, log.read_text()
    found = digest(engine)
    engine.dispose()
    return found


def _caught_up(engine, head, projector, log):
    sink, deadline = Sink(engine, ALL, PARTITIONS), time.monotonic() + 90
    while min(min(sink.positions(p).values()) for p in range(PARTITIONS)) < head:
        assert projector.poll() is None, log.read_text()
        assert time.monotonic() < deadline, "the projector did not get to the end in time"
        time.sleep(0.2)


def _told(environment):
    """What `blazz projections digest --json` prints."""
    done = subprocess.run(
        [sys.executable, "-m", "infra.cli.main", "projections", "digest", "--json"],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        check=True,
    )
    return orjson.loads(done.stdout)
