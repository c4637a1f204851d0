"""Position order is commit order: who has seen position n has seen everything below it."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from commands.store import VersionConflict
from infra.event_store import open_store
from infra.event_store.batch import Batch, batch_of
from infra.migrate import migrate_store
from tests.store_facts import NOW, append

WRITERS = 8
READERS = 2


def write(url, seed, wanted):
    """Commits of random sizes, one in seven undone after its positions were drawn."""
    luck, store, written = random.Random(seed), open_store(url), []
    while len(written) < wanted:
        appends = [append(events=luck.randint(1, 20)) for _ in range(luck.randint(1, 6))]
        batch = batch_of(appends, NOW, None)
        if luck.random() < 1 / 7:
            twice = Batch([*batch.rows, batch.rows[0]], {})
            with pytest.raises(VersionConflict):
                store.writer.write(twice)
        else:
            store.append(appends, NOW)
            written += [row.data for row in batch.rows]
    store.close()
    return written


def tail(url, done):
    """All that a reader sees who never looks back."""
    store, seen, pages = open_store(url), [], 0
    while True:
        finished = done.is_set()
        page = store.read(len(seen), 500)
        assert [r.position for r in page] == list(range(len(seen) + 1, len(seen) + len(page) + 1))
        seen += [record.data for record in page]
        pages += bool(page)
        if finished and not page:
            store.close()
            return seen, pages


def test_a_reader_beside_eight_writers_misses_nothing_and_sees_no_gap(database):
    migrate_store(database)
    each = (50_000 if database.startswith("mysql") else 16_000) // WRITERS
    done = threading.Event()
    with ThreadPoolExecutor(WRITERS + READERS) as threads:
        tails = [threads.submit(tail, database, done) for _ in range(READERS)]
        writers = [threads.submit(write, database, seed, each) for seed in range(WRITERS)]
        try:
            written = [data for writer in writers for data in writer.result()]
        finally:
            done.set()
        for reader in tails:
            seen, pages = reader.result()
            assert pages > WRITERS
            assert len(seen) == len(written) >= each * WRITERS
            assert set(seen) == set(written)


def test_of_many_writers_to_one_stream_each_version_has_one_winner(database):
    migrate_store(database)
    stream, store, rounds = uuid4(), open_store(database), 25
    together = threading.Barrier(WRITERS)

    def compete(_):
        lost = []
        for version in range(rounds):
            together.wait(30)
            try:
                store.append([append(stream, version), append()], NOW)
            except VersionConflict as conflict:
                lost.append(conflict.stream_id)
        return lost

    with ThreadPoolExecutor(WRITERS) as threads:
        lost = [loser for losers in threads.map(compete, range(WRITERS)) for loser in losers]
    assert lost == [stream] * (WRITERS - 1) * rounds
    assert [r.version for r in store.load([stream])[stream]] == list(range(1, rounds + 1))
    assert store.head() == len(store.read(0, 1000)) == 2 * rounds
    store.close()
