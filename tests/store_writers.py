"""A process that appends without rest: to streams of its own and to streams that all of them
want, with appends that are undone after their positions were drawn.
"""

import random
import threading
from uuid import UUID, uuid5

from commands.store import VersionConflict
from infra.event_store import open_store
from infra.event_store.batch import Batch, batch_of
from tests.store_facts import NOW, append

THREADS = 3
WANTED = [UUID(int=n) for n in range(1, 31)]
"""The streams that everybody appends to."""


def write(url, seed, enough, acknowledged):
    """Until the log has `enough` facts. What was acknowledged stands in a file, line by line."""
    store = open_store(url)
    with acknowledged.open("w", buffering=1) as lines:
        threads = [
            threading.Thread(target=_write, args=(store, f"{seed}.{n}", enough, lines))
            for n in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    store.close()


def _write(store, seed, enough, lines):
    luck, own, last = random.Random(seed), UUID(int=random.Random(seed).getrandbits(128)), 0
    count = 0
    while last < enough:
        count += 1
        wanted = luck.choice(WANTED)
        stands = len(store.load([wanted])[wanted]) if luck.random() < 1 / 3 else None
        appends = [
            append(uuid5(own, f"{count} {i}"), events=luck.randint(1, 4))
            for i in range(luck.randint(1, 5))
        ]
        if stands is not None and stands < 200:
            appends.append(append(wanted, stands))
        if luck.random() < 1 / 10:
            _undone(store, appends)
            continue
        try:
            positions = store.append(appends, NOW)
        except VersionConflict:
            continue
        last = positions[-1]
        _note(lines, appends, positions)


def _undone(store, appends):
    batch = batch_of(appends, NOW, None)
    try:
        store.writer.write(Batch([*batch.rows, batch.rows[0]], {}))
    except VersionConflict:
        return
    raise AssertionError("a version was stored twice")


def _note(lines, appends, positions):
    facts = (
        (one.stream_id, version)
        for one in appends
        for version, _ in enumerate(one.events, one.expected_version + 1)
    )
    lines.write("".join(f"{p} {s.hex} {v}\n" for p, (s, v) in zip(positions, facts, strict=True)))
