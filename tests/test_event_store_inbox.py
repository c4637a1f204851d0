"""A webhook body is kept once, as it came, until it was turned into facts."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from commands.store import StoreUnavailable
from infra.database import connect
from infra.event_store.inbox import MAX_BODY, Inbox, InboxItem
from infra.event_store.tables import webhook_inbox
from tests.store_facts import NOW

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def engine(store_database):
    engine = connect(store_database)
    yield engine
    engine.dispose()


@pytest.fixture
def inbox(engine):
    return Inbox(engine)


def bodies(taken):
    return [item.body for item in taken]


def test_a_body_is_taken_as_it_came(inbox):
    raw = b'{"entry": "\x00\xff\'\\"}'
    assert inbox.accept(raw, NOW) is True
    assert inbox.take(10, NOW) == [InboxItem(1, NOW, raw, attempts=0)]


def test_the_same_body_is_kept_once(inbox):
    assert [inbox.accept(b"a", NOW), inbox.accept(b"a", LATER)] == [True, False]
    assert inbox.accept_many([b"b", b"a", b"b", b"c"], NOW) == [True, False, False, True]
    assert inbox.accept_many([], NOW) == []
    assert bodies(inbox.take(10, NOW)) == [b"a", b"b", b"c"]


def test_receivers_at_the_same_time_keep_each_body_once(inbox):
    receivers, wanted = 8, [f"body {n}".encode() for n in range(60)]
    together = threading.Barrier(receivers)

    def receive(receiver):
        together.wait(30)
        mine = wanted[receiver:] + wanted[:receiver]
        if receiver % 2:
            return sum(inbox.accept(body, NOW) for body in mine)
        return sum(sum(inbox.accept_many(mine[i : i + 7], NOW)) for i in range(0, 60, 7))

    with ThreadPoolExecutor(receivers) as threads:
        assert sum(threads.map(receive, range(receivers))) == len(wanted)
    assert sorted(bodies(inbox.take(1000, NOW))) == sorted(wanted)


def test_taking_is_oldest_first_and_limited(inbox):
    inbox.accept(b"second", LATER)
    inbox.accept(b"first", NOW)
    assert bodies(inbox.take(1, LATER)) == [b"first"]
    assert bodies(inbox.take(2, LATER)) == [b"first", b"second"]


def test_what_is_settled_is_not_taken_again_and_keeps_its_reason(inbox, engine):
    inbox.accept_many([b"a", b"b", b"c"], NOW)
    inbox.settle([(1, "done", ""), (2, "kept", "unknown field")])
    assert bodies(inbox.take(10, LATER)) == [b"c"]
    assert inbox.counts() == {"kept": 1, "new": 1}, "what is done is not counted"
    with engine.connect() as connection:
        reasons = select(webhook_inbox.c.reason).order_by(webhook_inbox.c.id)
        assert connection.execute(reasons).scalars().all() == ["", "unknown field", ""]


def test_what_is_put_off_comes_back_when_due_with_one_more_attempt(inbox):
    inbox.accept(b"a", NOW)
    inbox.later([1], LATER, "the contact is not known yet")
    assert inbox.take(10, LATER - timedelta(microseconds=1)) == []
    assert inbox.counts() == {"waiting": 1}
    assert inbox.take(10, LATER) == [InboxItem(1, NOW, b"a", attempts=1)]
    inbox.later([1], LATER, "still not")
    assert inbox.take(10, LATER)[0].attempts == 2
    inbox.settle([(1, "done", "")])
    assert inbox.take(10, LATER) == []


def test_repeats_leave_room_for_what_is_new(inbox):
    inbox.accept_many([f"old {n}".encode() for n in range(10)], NOW)
    inbox.later(range(1, 11), NOW, "")
    inbox.accept_many([f"new {n}".encode() for n in range(10)], NOW)
    taken = bodies(inbox.take(6, NOW))
    assert [body[:3] for body in taken] == [b"old"] * 3 + [b"new"] * 3


def test_many_are_settled_and_put_off_at_once(inbox):
    inbox.accept_many([str(n).encode() for n in range(1500)], NOW)
    ids = [item.id for item in inbox.take(1500, NOW)]
    inbox.settle([(n, "done", "") for n in ids[:1200]])
    inbox.later(ids[1200:], LATER, "")
    assert inbox.counts() == {"waiting": 300}
    assert bodies(inbox.take(1500, LATER)) == [str(n).encode() for n in range(1200, 1500)]


def test_a_body_that_does_not_fit_is_refused(inbox):
    with pytest.raises(ValueError, match=f"has {MAX_BODY + 1} bytes; at most {MAX_BODY} fit"):
        inbox.accept_many([b"small", b"x" * (MAX_BODY + 1)], NOW)
    assert inbox.counts() == {}


def test_a_state_that_settles_nothing_is_refused(inbox):
    inbox.accept(b"a", NOW)
    with pytest.raises(ValueError, match="settled as done or kept, not 'new'"):
        inbox.settle([(1, "new", "")])
    assert inbox.counts() == {"new": 1}


def test_a_server_that_is_away_is_unavailable():
    engine = connect("mysql+pymysql://root@127.0.0.1:1/blazz")
    with pytest.raises(StoreUnavailable, match="the inbox cannot answer: the database is away"):
        Inbox(engine).accept(b"a", NOW)
