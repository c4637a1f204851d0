"""Workers share a group: whoever is told to stop leaves it, whoever waits for MySQL stays in it."""

import time

import pytest
from sqlalchemy import text

from tests.log_facts import append_many, new_store, new_topic, relayed
from tests.tallies import tables_at
from tests.worker_process import applied, members, projector, until

FACTS = 400
LONG_S = 80
SHORT_S = 6
PATIENCE_S = 60


@pytest.fixture
def store(tmp_path):
    store = new_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    append_many(store, FACTS)
    yield store
    store.close()


@pytest.fixture
def engine(mysql_database):
    engine = tables_at(mysql_database)
    yield engine
    engine.dispose()


@pytest.fixture
def topic(store, kafka):
    topic = new_topic(kafka)
    relayed(store, kafka, topic)
    return topic


def more(store, kafka, topic):
    append_many(store, FACTS, first=store.head())
    relayed(store, kafka, topic)


def test_what_a_stopped_worker_held_is_taken_over_long_before_its_session_ends(
    store, kafka, topic, engine, mysql_database, tmp_path
):
    arguments = (mysql_database, kafka, topic, topic, tmp_path / "projector.log")
    session = {"TEST_SESSION_S": str(LONG_S)}
    with projector(*arguments, **session) as first, projector(*arguments, **session) as second:
        until(lambda: len(members(kafka, topic)) == 2 and applied(engine) == FACTS)
        assert first.stop() == 0
        more(store, kafka, topic)
        until(lambda: applied(engine) == 2 * FACTS, PATIENCE_S)
        assert second.stop() == 0


def test_a_database_that_stalls_for_longer_than_a_session_costs_nobody_the_partitions(
    store, kafka, topic, engine, mysql_database, tmp_path
):
    arguments = (mysql_database, kafka, topic, topic, tmp_path / "projector.log")
    with projector(*arguments, TEST_SESSION_S=str(SHORT_S)) as process:
        until(lambda: applied(engine) == FACTS)
        (member,) = members(kafka, topic)
        with engine.begin() as holding:
            holding.execute(text("SELECT * FROM checkpoints FOR UPDATE"))
            more(store, kafka, topic)
            stalled = time.monotonic()
            until(lambda: time.monotonic() - stalled > SHORT_S + 2)
            assert members(kafka, topic) == {member}
        until(lambda: applied(engine) == 2 * FACTS)
        assert members(kafka, topic) == {member}
        assert process.stop() == 0
