"""A store that cannot keep up says so: what waits too long or comes on top is refused, and what was
refused is never stored.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from commands.store import StoreUnavailable
from infra.database import connect
from infra.event_store import open_store, pending, writer
from tests.command_site import command_site
from tests.installation import until
from tests.store_facts import NOW, append


@pytest.fixture
def store(store_database):
    store = open_store(store_database)
    yield store
    store.close()


@pytest.fixture
def blocked(store_database, store):
    """Somebody else holds the counter until told to let go."""
    engine = connect(store_database)
    other = engine.connect()
    other.execute(text("UPDATE positions SET head = head"))
    yield other.rollback
    other.close()
    engine.dispose()


def test_what_comes_on_top_of_a_full_queue_is_refused_at_once(store, blocked, monkeypatch):
    monkeypatch.setattr(writer, "QUEUE_EVENTS", 10)
    full = writer.REFUSED.labels("full")._value
    before = full.get()
    with ThreadPoolExecutor(4) as threads:
        answers = [threads.submit(store.append, [append()], NOW)]
        until(store.writer._turn.locked, "the first is being written")
        answers += [threads.submit(store.append, [append(events=5)], NOW) for _ in range(2)]
        until(lambda: store.writer._waiting == 10, "the queue is full")
        with pytest.raises(StoreUnavailable, match="10 events wait for the event store already"):
            store.append([append()], NOW)
        blocked()
        assert sorted(len(answer.result(30)) for answer in answers) == [1, 5, 5]
    assert full.get() == before + 1
    assert store.head() == len(store.read(0, 100)) == 11
    assert len(store.append([append(events=30)], NOW)) == 30


def test_what_waits_too_long_is_refused_and_never_stored(store, blocked, monkeypatch):
    monkeypatch.setattr(pending, "WAIT_S", 0.2)
    with ThreadPoolExecutor(6) as threads:
        first = threads.submit(store.append, [append()], NOW)
        until(store.writer._turn.locked, "the first is being written")
        late = [threads.submit(store.append, [append()], NOW) for _ in range(5)]
        # The writer's thread holds one of them already; the others are withdrawn.
        until(lambda: sum(answer.done() for answer in late) == 4, "the others gave up")
        blocked()
        answers = [answer.exception(30) for answer in late]
        assert first.result(30) == [1]
    refused = [answer for answer in answers if answer]
    assert [type(answer) for answer in refused] == [StoreUnavailable] * 4
    assert "the event store's writer was busy" in str(refused[0])
    assert store.append([append()], NOW) == [3]
    assert len(store.read(0, 100)) == 3


def test_the_api_answers_503_and_when_to_come_again(tmp_path, monkeypatch):
    monkeypatch.setattr(pending, "WAIT_S", 0.2)
    with command_site(tmp_path) as site, site.store.engine.connect() as other:
        company = site.workspace()
        other.execute(text("UPDATE positions SET head = head"))
        with ThreadPoolExecutor(3) as threads:
            answers = [
                threads.submit(company.post, "/v1/groups", {"name": f"g{n}"}) for n in range(3)
            ]
            until(lambda: any(answer.done() for answer in answers), "one gave up")
            other.rollback()
            answers = [answer.result(30) for answer in answers]
    refused = [answer for answer in answers if answer.status_code != 201]
    assert [answer.status_code for answer in refused] == [503]
    assert refused[0].headers["retry-after"] == "1"
    assert refused[0].json()["code"] == "unavailable"
