"""What the relay reads and sends at once is bounded in bytes too, however many facts that is."""

import pytest

from infra.log.carrying import CHUNK
from infra.log.facts import Facts
from tests.log_facts import (
    PARTITIONS,
    append,
    content,
    new_store,
    new_topic,
    relayed,
    unbroken,
)
from tests.tallies import created

ROOM = 20_000
LARGE, HUGE = "x" * 6_000, "y" * 50_000
NAMES = [*["small"] * 30, *[LARGE] * 7, HUGE, LARGE, HUGE, HUGE, *[LARGE] * 5, *["small"] * 30]


@pytest.fixture
def store(database, monkeypatch):
    monkeypatch.setattr("infra.log.facts.CHUNK_BYTES", ROOM)
    monkeypatch.setattr("infra.log.facts.FIRST", 20)
    store = new_store(database)
    append(store, *[created(n % 5, name, n) for n, name in enumerate(NAMES)])
    yield store
    store.close()


def test_a_chunk_holds_so_many_bytes_at_most_and_a_larger_fact_goes_alone(store):
    facts, chunks, at = Facts(store.engine), [], 0
    while found := facts.read(at, CHUNK):
        chunks.append([len(fact[6]) + len(fact[7]) for fact in found])
        assert [int(fact[0]) for fact in found] == [*range(at + 1, at + 1 + len(found))]
        at += len(found)
        assert facts.more or at == len(NAMES)
    facts.close()
    assert at == len(NAMES)
    assert all(sum(sizes) <= ROOM or len(sizes) == 1 for sizes in chunks)
    assert sum(sum(sizes) > ROOM for sizes in chunks) == NAMES.count(HUGE)
    assert len(chunks) < len(NAMES) / 3, "small facts still go together"


def test_large_facts_reach_the_log_like_all_others(store, kafka):
    topic = new_topic(kafka)
    relayed(store, kafka, topic)
    found = content(kafka, topic)
    for entries in found.values():
        unbroken(entries)
    facts = [entry.position for p in range(PARTITIONS) for entry in found[p] if entry.record]
    assert sorted(facts) == [*range(1, len(NAMES) + 1)]
