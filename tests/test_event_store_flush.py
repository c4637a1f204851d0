"""Appends that are stored in one commit: each has the outcome it would have had alone, in turn."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commands.store import ReceiptExists, StoreUnavailable, VersionConflict
from infra.event_store import open_store
from infra.event_store import pending as waiting_for
from infra.event_store.batch import Batch, batch_of
from infra.event_store.pending import Pending
from tests.installation import until
from tests.store_facts import NOW, append, receipt

STREAMS, KEYS = 4, 3


@pytest.fixture
def store(store_database):
    store = open_store(store_database)
    yield store
    store.close()


@pytest.fixture
def rival(store_database, store):
    """Another process, as far as the first one can tell."""
    rival = open_store(store_database)
    yield rival
    rival.close()


def pending(store, batch):
    return Pending(batch, store.flush.database.prepare(batch))


def flushed(store, batches):
    """What became of each, told in one word or as its first position."""
    appends = [pending(store, batch) for batch in batches]
    store.flush(appends)
    return [outcome(one) for one in appends]


def outcome(one):
    try:
        return one.result()
    except (VersionConflict, ReceiptExists) as refusal:
        return type(refusal)


wanted = st.lists(
    st.tuples(
        st.lists(
            st.tuples(st.integers(0, STREAMS - 1), st.integers(0, 3), st.integers(1, 2)),
            min_size=1,
            max_size=2,
            unique_by=lambda asked: asked[0],
        ),
        st.sampled_from([None, *range(KEYS)]),
    ),
    min_size=1,
    max_size=8,
)
"""Of each append: streams with the expected version and how many facts; and its key."""
overtaking = st.lists(st.integers(0, STREAMS - 1), max_size=2, unique=True)


class Model:
    """One after the other, without a database."""

    def __init__(self, head):
        self.head, self.heads, self.spent = head, Counter(), set()

    def append(self, asked, key):
        if key is not None and key in self.spent:
            return ReceiptExists
        if any(self.heads[stream] != expected for stream, expected, _ in asked):
            return VersionConflict
        first = self.head + 1
        for stream, _, events in asked:
            self.heads[stream] += events
            self.head += events
        self.spent.add(key)
        return first


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=wanted, overtaking=overtaking, asked=wanted)
def test_each_append_of_a_flush_wins_or_loses_by_itself(store, rival, before, overtaking, asked):
    """Also where another process has moved streams on since this one last saw them."""
    ids, route, model = [uuid4() for _ in range(STREAMS)], uuid4().hex, Model(store.head())

    def batch(asked, key):
        parts = [append(ids[stream], expected, events=n) for stream, expected, n in asked]
        spent = receipt(ids[asked[0][0]], str(key))._replace(route=route)
        return batch_of(parts, NOW, None if key is None else spent)

    assert flushed(store, [batch(*one) for one in before]) == [model.append(*o) for o in before]
    moved = [([(stream, model.heads[stream], 1)], None) for stream in overtaking]
    assert flushed(rival, [batch(*one) for one in moved]) == [model.append(*o) for o in moved]
    assert flushed(store, [batch(*one) for one in asked]) == [model.append(*o) for o in asked]
    assert store.head() == model.head
    stored = store.load(ids)
    assert [len(stored[id_]) for id_ in ids] == [model.heads[n] for n in range(STREAMS)]


def test_one_that_cannot_be_stored_does_not_harm_the_others(store):
    """Nothing that a look could tell: it holds the same version twice."""
    good = [batch_of([append(events=2)], NOW, None) for _ in range(7)]
    twice = Batch([good[0].rows[0]._replace(stream_id=uuid4().bytes)] * 2, {})
    found = flushed(store, [*good[:3], twice, *good[3:]])
    assert found == [1, 3, 5, VersionConflict, 7, 9, 11, 13]
    assert store.head() == 14


def test_who_would_lose_to_one_that_cannot_be_stored_wins(store):
    good = batch_of([append()], NOW, None)
    twice = Batch([good.rows[0]] * 2, good.heads)
    assert flushed(store, [twice, good, good]) == [VersionConflict, 1, VersionConflict]


def test_an_equal_request_learns_that_it_is_one_when_the_answer_is_there(store, monkeypatch):
    """Or it would look for the receipt and find none."""
    stream, write = uuid4(), store.flush.database.write
    equal = [batch_of([append(stream)], NOW, receipt(stream)) for _ in range(2)]
    appends = [pending(store, batch) for batch in equal]

    def watched(connection, prepared):
        assert all(one.open for one in appends)
        return write(connection, prepared)

    monkeypatch.setattr(store.flush.database, "write", watched)
    store.flush(appends)
    assert [outcome(one) for one in appends] == [1, ReceiptExists]


def test_a_commit_has_room_for_500_events_and_for_any_one_append(store, monkeypatch):
    sizes, write = [], store.flush.database.write

    def counted(connection, prepared):
        sizes.append([len(rows) for _, rows in prepared])
        if len(sizes) == 1:
            waiting.set()
            assert handed_in.wait(30)
        return write(connection, prepared)

    monkeypatch.setattr(store.flush.database, "write", counted)
    waiting, handed_in = threading.Event(), threading.Event()
    with ThreadPoolExecutor(5) as threads:
        answers = [threads.submit(store.append, [append()], NOW)]
        assert waiting.wait(30)
        for events, together in ((200, 200), (250, 450), (100, 550), (600, 1150)):
            answers.append(threads.submit(store.append, [append(events=events)], NOW))
            until(lambda all_=together: store.writer._waiting == all_, "it is handed in")
        handed_in.set()
        assert [len(answer.result()) for answer in answers] == [1, 200, 250, 100, 600]
    assert sizes == [[1], [200, 250], [100], [600]]


def test_all_of_a_commit_are_woken_one_by_the_other(store, monkeypatch):
    monkeypatch.setattr(waiting_for, "LOOK_S", 50)
    monkeypatch.setattr(waiting_for, "WAIT_S", 50)
    appends = [pending(store, batch_of([append(events=2)], NOW, None)) for _ in range(6)]
    with ThreadPoolExecutor(6) as threads:
        waits = [threads.submit(one.wait) for one in appends]
        store.flush(appends)
        assert all(wait.result(30) for wait in waits)
    assert [outcome(one) for one in appends] == [1, 3, 5, 7, 9, 11]


def test_who_was_to_be_woken_by_one_that_is_gone_finds_its_answer(store, monkeypatch):
    """An interrupted caller wakes nobody."""
    monkeypatch.setattr(waiting_for, "LOOK_S", 0.1)
    appends = [pending(store, batch_of([append()], NOW, None)) for _ in range(4)]
    with ThreadPoolExecutor(3) as threads:
        waits = [threads.submit(one.wait) for one in appends[1:]]
        store.flush(appends)
        assert all(wait.result(30) for wait in waits)
    assert [outcome(one) for one in appends] == [1, 2, 3, 4]


def test_closing_stores_what_was_handed_in_and_refuses_what_comes_later(store, monkeypatch):
    write, waiting, closing = store.flush.database.write, threading.Event(), threading.Event()

    def slow(connection, prepared):
        waiting.set()
        assert closing.wait(30)
        return write(connection, prepared)

    monkeypatch.setattr(store.flush.database, "write", slow)
    with ThreadPoolExecutor(4) as threads:
        answers = [threads.submit(store.append, [append()], NOW)]
        assert waiting.wait(30)
        answers += [threads.submit(store.append, [append()], NOW) for _ in range(2)]
        until(lambda: store.writer._waiting == 2, "both wait")
        closed = threads.submit(store.writer.close)
        until(lambda: store.writer._closed, "the store is closing")
        closing.set()
        closed.result(30)
        assert sorted(answer.result(30) for answer in answers) == [[1], [2], [3]]
    with pytest.raises(StoreUnavailable, match="the event store is closed here"):
        store.append([append()], NOW)
