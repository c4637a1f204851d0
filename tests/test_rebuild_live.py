"""A rebuild beside a live projector and readers, and one that is killed at every marked point."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select

from infra.database import connect
from infra.migrate import migrate_read
from projections.campaigns import campaigns
from projections.checkpoints import PARTITIONS, partition_of, rebuilds
from projections.digest import digest
from projections.entries import chained, watermark
from projections.messages import messages
from projections.rebuild import rebuild
from projections.sink import Sink
from tests.bench.campaign_log import campaign_log
from tests.rebuild_process import CHOSEN, log
from tests.tallies import Kept

TABLES = [table for projection in CHOSEN for table in projection.tables]
REST_S = 0.002
"""As between two batches of a real one. SQLite has no queue for writers: beside one that never
rests, others may wait for ever."""
MARKS = [
    "created 1",
    "before_commit 2",
    "after_commit 3",
    "indexed 1",
    "before_swap 1",
    "after_swap 1",
]


def migrated(url):
    migrate_read(url)
    return connect(url, durable=False)


@pytest.fixture
def engine(database):
    engine = migrated(database)
    yield engine
    engine.dispose()


class Live:
    """A projector as Kafka feeds one: each record says which was sent to its partition before it,
    so whatever is lost or goes back at the seam stops it.
    """

    def __init__(self, engine, log, found):
        self.sink, self.log, self.found = Sink(engine, CHOSEN, PARTITIONS), log, found
        self.last = dict.fromkeys(range(PARTITIONS), 0)
        self.counted = threading.Event()

    def run(self):
        for start in range(0, len(self.found), 40):
            some = self.found[start : start + 40]
            self.log.found.extend(some)
            self.take(some)
            time.sleep(REST_S)
            if start > len(self.found) // 3:
                self.counted.set()
        self.counted.set()

    def take(self, some):
        split = {partition: [] for partition in range(PARTITIONS)}
        for record in some:
            split[partition_of(record.workspace_id, PARTITIONS)].append(record)
        batches = {}
        for partition, records in split.items():
            batches[partition] = [
                *chained(records, self.last[partition]),
                watermark(some[-1].position),
            ]
            self.last[partition] = records[-1].position if records else self.last[partition]
        self.sink.apply_all(batches)


class Reader:
    """Counts rows over and over. Rows only come: a smaller count is a table half built."""

    def __init__(self, engine):
        self.engine, self.stop, self.reads, self.fewer = engine, threading.Event(), 0, []

    def run(self):
        most = 0
        while not self.stop.is_set():
            with self.engine.connect() as connection:
                found = connection.scalar(select(func.count()).select_from(messages))
            if found < most:
                self.fewer.append((most, found))
            most, self.reads = max(most, found), self.reads + 1


def test_readers_and_the_projector_notice_nothing_of_it(engine, tmp_path, monkeypatch):
    monkeypatch.setattr("projections.filling.CHUNK", 1000)
    found, log = campaign_log(1000, workspaces=20, recipients=100), Kept([])
    live, reader, failed = Live(engine, log, found), Reader(engine), []
    monkeypatch.setattr(threading, "excepthook", failed.append)
    threads = [threading.Thread(target=work.run) for work in (live, reader)]
    for thread in threads:
        thread.start()
    try:
        assert live.counted.wait(60)
        seen = reader.reads
        done = [rebuild(log, engine, CHOSEN, PARTITIONS)]
        while threads[0].is_alive():
            done.append(rebuild(log, engine, CHOSEN, PARTITIONS))
    finally:
        threads[0].join()
        reader.stop.set()
        threads[1].join()
    assert not failed
    assert reader.reads > seen
    assert reader.fewer == []
    assert {one.comparison.differing for one in done} == {()}
    assert any(one.comparison.compared for one in done)
    assert digest(engine, TABLES) == fresh(found, tmp_path)
    with engine.connect() as connection:
        assert connection.scalar(select(func.sum(campaigns.c.queued_count))) == 1000


def fresh(found, folder):
    """What a rebuild into empty tables makes of it."""
    engine = migrated(f"sqlite:///{folder / 'fresh.sqlite'}")
    rebuild(Kept(found), engine, CHOSEN, PARTITIONS)
    made = digest(engine, TABLES)
    engine.dispose()
    return made


def test_killed_anywhere_the_live_tables_are_right_and_it_goes_on(engine, database):
    log_ = log()
    live = Live(engine, Kept([]), log_.found)
    live.run()
    before, tables = digest(engine, TABLES), set(inspect(engine).get_table_names())
    for mark in MARKS:
        code = ended(database, *f"rebuild.{mark}".split())
        assert code == -signal.SIGKILL, mark
        assert digest(engine, TABLES) == before, mark
        live.take(log_.found)  # repeats, as a projector that starts anew gets them
        assert digest(engine, TABLES) == before, mark
    assert ended(database) == 0
    assert digest(engine, TABLES) == before
    assert set(inspect(engine).get_table_names()) == tables
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(rebuilds)) == 0


def ended(url, *at):
    command = [sys.executable, "-m", "tests.rebuild_process", url, *at]
    return subprocess.run(
        command, cwd=Path(__file__).parents[1], check=False, timeout=120
    ).returncode
