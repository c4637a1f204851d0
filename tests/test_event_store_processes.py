"""Sixteen processes write, two of them are killed: the log has no hole, nothing acknowledged is
missing, and a reader beside them saw each fact once and in order.
"""

import multiprocessing
import os
import threading

import pytest
from sqlalchemy import text

from infra.event_store import open_store
from infra.migrate import migrate_store
from tests.store_writers import WANTED, write

WRITERS, KILLED = 16, 2
ENOUGH = int(os.environ.get("BLAZZ_TEST_STORE_EVENTS", "20000"))
PATIENCE_S = 60 + ENOUGH / 200


@pytest.fixture
def processes(mysql_database, tmp_path):
    """Forked from a server that has the modules already: starting anew takes a second each."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.store_writers"])
    migrate_store(mysql_database)
    files = [tmp_path / f"acknowledged-{n}" for n in range(WRITERS)]
    started = [
        context.Process(target=write, args=(mysql_database, n, ENOUGH, file))
        for n, file in enumerate(files)
    ]
    for process in started:
        process.start()
    yield started, files
    for process in started:
        process.kill()
        process.join()


def tail(store, processes, seen):
    """Never looks back. Kills two of the writers on the way."""
    doomed = list(processes[:KILLED])
    while any(process.is_alive() for process in processes) or store.head() > len(seen):
        page = store.read(len(seen), 1000)
        assert [r.position for r in page] == list(range(len(seen) + 1, len(seen) + 1 + len(page)))
        seen += [(r.position, r.stream_id.hex, r.version) for r in page]
        if doomed and len(seen) > ENOUGH * (KILLED + 1 - len(doomed)) / (KILLED + 2):
            doomed.pop().kill()


def test_positions_and_versions_have_no_hole_whoever_is_killed(mysql_database, processes):
    started, files = processes
    store, seen = open_store(mysql_database), []
    reader = threading.Thread(target=tail, args=(store, started, seen))
    reader.start()
    reader.join(PATIENCE_S)
    assert not reader.is_alive()
    assert [process.exitcode for process in started] == [-9] * KILLED + [0] * (WRITERS - KILLED)
    assert [position for position, _, _ in seen] == list(range(1, store.head() + 1))
    assert len(seen) >= ENOUGH
    acknowledged = {
        (int(position), stream, int(version))
        for file in files
        for position, stream, version in map(str.split, file.read_text().splitlines(keepends=False))
    }
    assert acknowledged <= set(seen)
    assert len(acknowledged) > len(seen) * 0.9
    assert {stream for _, stream, _ in seen} >= {stream.hex for stream in WANTED}
    with store.engine.connect() as connection:
        holes = text(
            "SELECT COUNT(*) FROM (SELECT 1 FROM events GROUP BY stream_id"
            " HAVING MIN(version) <> 1 OR MAX(version) <> COUNT(*)) AS torn"
        )
        assert connection.execute(holes).scalar() == 0
    store.close()
