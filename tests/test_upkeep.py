"""Webhook bodies that are done, and receipts, are kept for a month; what is open stays."""

import itertools
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event, func, select

from commands.policies.inbox import InboxPolicy
from infra.database import connect
from infra.event_store import open_store
from infra.event_store.inbox import Inbox
from infra.event_store.tables import receipts, webhook_inbox
from infra.migrate import migrate_store
from infra.upkeep import FEW_AT_ONCE, KEPT_FOR, UpkeepPolicy, forget_bodies, forget_receipts
from tests.bench.scale_load import connection
from tests.migrated import migrated
from tests.plans import plan
from tests.stage import Stage, now
from tests.store_facts import WORKSPACE, append, receipt
from tests.test_waha_compare import bodies, furnish

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
OLD, YOUNG = NOW - KEPT_FOR - timedelta(seconds=1), NOW - KEPT_FOR + timedelta(seconds=1)
names = itertools.count()


@pytest.fixture
def engine(store_database):
    engine = connect(store_database)
    yield engine
    engine.dispose()


@pytest.fixture
def upkeep(engine, tmp_path):
    read = connect(migrated(f"sqlite:///{tmp_path}/read.sqlite", "read"))
    yield UpkeepPolicy(read, engine)
    read.dispose()


def heard(engine, count, at):
    """Their ids."""
    inbox, said = Inbox(engine), [f"body {next(names)}".encode() for _ in range(count)]
    inbox.accept_many(said, at)
    with engine.connect() as opened:
        by_id = select(webhook_inbox.c.id).order_by(webhook_inbox.c.id.desc()).limit(count)
        return list(opened.scalars(by_id))


def left(engine, table=webhook_inbox):
    with engine.connect() as opened:
        return opened.scalar(select(func.count()).select_from(table))


def test_bodies_that_are_done_go_in_small_batches_when_a_month_is_over(engine, upkeep):
    inbox = Inbox(engine)
    done = heard(engine, 2 * FEW_AT_ONCE + 7, OLD)
    inbox.settle([(id_, "done", "") for id_ in done])
    inbox.settle([(id_, "done", "") for id_ in heard(engine, 3, YOUNG)])
    assert [upkeep.step(NOW) for _ in range(3)] == [FEW_AT_ONCE, FEW_AT_ONCE, 7]
    assert left(engine) == 3
    assert upkeep.step(NOW + KEPT_FOR) == 0, "it rests when nothing more was there"


def test_what_is_not_done_stays_however_old_it_is(engine):
    inbox = Inbox(engine)
    kept, waiting, *_ = heard(engine, 3, OLD - timedelta(days=400))
    inbox.settle([(kept, "kept", "strange")])
    inbox.later([waiting], OLD, "not yet")
    with engine.begin() as opened:
        assert forget_bodies(opened, NOW) == 0
    assert inbox.counts() == {"kept": 1, "new": 1, "waiting": 1}


def test_a_body_put_off_for_long_is_kept_from_its_last_look(engine):
    inbox, (id_,) = Inbox(engine), heard(engine, 1, OLD)
    inbox.later([id_], YOUNG, "not yet")
    inbox.settle([(id_, "done", "")])
    with engine.begin() as opened:
        assert forget_bodies(opened, NOW - KEPT_FOR) == 0
        assert forget_bodies(opened, NOW) == 1


def test_the_same_body_is_taken_anew_once_it_is_forgotten(engine):
    inbox = Inbox(engine)
    assert inbox.accept(b"same", OLD)
    inbox.settle([(inbox.take(1, OLD)[0].id, "done", "")])
    assert not inbox.accept(b"same", NOW)
    with engine.begin() as opened:
        forget_bodies(opened, NOW - KEPT_FOR)
    assert inbox.accept(b"same", NOW)
    assert [item.body for item in inbox.take(5, NOW)] == [b"same"]


def test_what_waha_told_leads_to_nothing_when_it_comes_again_after_it_was_forgotten(tmp_path):
    """Of the Cloud API's kinds, `test_inbox_kinds.py` says so."""
    stage = Stage(tmp_path)
    furnish(stage.store, stage.ws)
    said, policy = bodies(), stage.policy(InboxPolicy, stage.inbox)
    for _ in range(2):
        stage.project()
        before = stage.store.head()
        assert all(stage.inbox.accept_many(said, OLD, "waha"))
        policy.step(now())
        assert stage.inbox.counts() == {}
        with stage.engine.begin() as opened:
            assert forget_bodies(opened, NOW - KEPT_FOR) == len(said)
    assert before == stage.store.head() > len(said)
    stage.close()


def test_receipts_go_in_small_batches_and_their_keys_are_good_again(store_database, upkeep):
    store = open_store(store_database)
    old = [f"old {n}" for n in range(FEW_AT_ONCE + 5)]
    for key in old:
        store.append([], OLD, receipt(uuid4(), key))
    store.append([append()], YOUNG, receipt(uuid4(), "young"))
    assert [upkeep.step(NOW) for _ in range(2)] == [FEW_AT_ONCE, 5]
    assert left(store.engine, receipts) == 1
    assert store.receipt(WORKSPACE, "POST /groups", "young") is not None
    assert store.receipt(WORKSPACE, "POST /groups", old[0]) is None
    store.append([append()], NOW, receipt(uuid4(), old[0], fingerprint="another request"))
    assert store.receipt(WORKSPACE, "POST /groups", old[0]).fingerprint == "another request"
    store.close()


def test_a_key_that_is_spent_again_meanwhile_is_not_forgotten(store_database):
    store = open_store(store_database)
    store.append([], OLD, receipt(uuid4()))
    between = []

    def spent_again(_connection, _cursor, statement, *_):
        if statement.startswith("DELETE") and not between:
            between.append(statement)
            with store.engine.begin() as other:
                other.execute(receipts.update().values(created_at=NOW))

    with store.engine.connect() as opened:
        event.listen(opened, "before_cursor_execute", spent_again)
        assert forget_receipts(opened, NOW - KEPT_FOR) == 0
    assert between
    store.close()


def test_open_bodies_are_counted_and_old_ones_found_by_an_index(mysql_databases):
    url = mysql_databases()
    migrate_store(url)
    engine, store, asked = connect(url), open_store(url), {}
    inbox = Inbox(engine)
    for days in (0, 10, 20, 40):
        done = heard(engine, 1000, NOW - timedelta(days=days))
        inbox.settle([(id_, "done", "") for id_ in done])
        for n in range(100):
            store.append([], NOW - timedelta(days=days), receipt(uuid4(), f"{days} {n}"))
    heard(engine, 20, NOW)
    with connection(url) as opened:
        opened.cursor().execute("ANALYZE TABLE webhook_inbox, receipts")
        event.listen(engine, "before_cursor_execute", lambda *about: asked.update([about[2:4]]))
        assert inbox.counts() == {"new": 20}
        with engine.begin() as transaction:
            assert forget_bodies(transaction, NOW - KEPT_FOR) == FEW_AT_ONCE
            assert forget_receipts(transaction, NOW - KEPT_FOR) == 100
        looks = {text: values for text, values in asked.items() if text.startswith("SELECT")}
        steps = [step for about in looks.items() for step in plan(opened.cursor(), *about)]
    keys = ["inbox_to_do", "inbox_to_do", "receipts_by_age"]
    assert [step.key for step in steps] == keys
    assert not any(step.scans or step.sorts for step in steps), steps
    store.close()
    engine.dispose()
