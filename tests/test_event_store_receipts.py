"""An idempotency key is spent in the same commit as the facts it stands for, once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from commands.store import ReceiptExists, StoredReceipt
from infra.event_store import open_store
from tests.store_facts import NOW, WORKSPACE, append, receipt

ROUTE = "POST /groups"


@pytest.fixture
def store(store_database):
    store = open_store(store_database)
    yield store
    store.close()


def test_a_key_that_was_not_spent_has_no_receipt(store):
    assert store.receipt(WORKSPACE, ROUTE, "key-1") is None


def test_a_receipt_stands_at_the_last_fact_of_its_stream(store):
    stream = uuid4()
    store.append([append()], NOW)
    store.append([append(stream, events=2), append(events=3)], NOW, receipt(stream))
    expected = StoredReceipt("f", 201, "grp_1", version=2, position=3)
    assert store.receipt(WORKSPACE, ROUTE, "key-1") == expected


def test_a_receipt_for_a_stream_that_got_no_fact_stands_at_the_last_of_all(store):
    store.append([append(events=3)], NOW, receipt(uuid4()))
    assert store.receipt(WORKSPACE, ROUTE, "key-1")[3:] == (3, 3)


def test_a_receipt_without_facts_stands_where_its_stream_stands(store):
    stream = uuid4()
    store.append([append(), append(stream, events=2)], NOW)
    assert store.append([], NOW, receipt(stream)) == []
    assert store.append([], NOW, receipt(uuid4(), key="key-2")) == []
    assert store.receipt(WORKSPACE, ROUTE, "key-1")[3:] == (2, 3)
    assert store.receipt(WORKSPACE, ROUTE, "key-2")[3:] == (0, 0)
    assert store.head() == 3


def test_a_spent_key_is_refused_and_nothing_is_stored(store):
    stream = uuid4()
    store.append([append(stream)], NOW, receipt(stream))
    with pytest.raises(ReceiptExists):
        store.append([append()], NOW, receipt(uuid4(), fingerprint="g"))
    with pytest.raises(ReceiptExists):  # rather than the conflict that it is as well
        store.append([append(stream)], NOW, receipt(stream))
    assert store.head() == 1
    assert store.receipt(WORKSPACE, ROUTE, "key-1").fingerprint == "f"


def test_keys_are_told_apart_by_case_space_route_and_workspace(store):
    keys = ["key", "KEY", "key ", "k\u00e9y"]
    for key in keys:
        store.append([append()], NOW, receipt(uuid4(), key=key))
    other = receipt(uuid4(), key="key")
    store.append([append()], NOW, other._replace(route="POST /contacts"))
    store.append([append()], NOW, other._replace(workspace_id=UUID(int=8)))
    assert store.head() == 6
    assert store.receipt(UUID(int=9), ROUTE, "key") is None


def test_a_key_that_is_no_text_is_refused_before_it_can_harm_others(store):
    with pytest.raises(UnicodeEncodeError):
        store.append([append()], NOW, receipt(uuid4(), key="\ud800"))
    assert store.head() == 0


@pytest.mark.parametrize("same_stream", [True, False], ids=["same stream", "new ids"])
def test_of_fifty_equal_requests_at_once_exactly_one_is_stored(store, same_stream):
    requests, stream = 50, uuid4()
    together = threading.Barrier(requests)

    def request(_):
        target = stream if same_stream else uuid4()
        together.wait(30)
        try:
            store.append([append(target, events=2), append()], NOW, receipt(target))
        except ReceiptExists:
            return "replayed"
        return "stored"

    with ThreadPoolExecutor(requests) as threads:
        answers = list(threads.map(request, range(requests)))
    assert sorted(set(answers)) == ["replayed", "stored"]
    assert answers.count("stored") == 1
    assert store.head() == 3
    assert len(store.read(0, 100)) == 3
    assert store.receipt(WORKSPACE, ROUTE, "key-1")[3:] == (2, 2)


def test_an_equal_request_stored_between_two_looks_is_a_spent_key_not_a_conflict(
    store_database, store, monkeypatch
):
    stream, rival = uuid4(), open_store(store_database)
    write = store.flush.database.write

    def overtaken(*args):
        monkeypatch.undo()
        rival.append([append(stream)], NOW, receipt(stream))
        return write(*args)

    monkeypatch.setattr(store.flush.database, "write", overtaken)
    with pytest.raises(ReceiptExists):
        store.append([append(stream)], NOW, receipt(stream))
    rival.close()
    assert store.head() == 1
