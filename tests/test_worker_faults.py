"""The worker at its worst moments: killed at each marked point, stopped while it waits, overtaken."""

import asyncio
import signal
from threading import Event as Signal

import pytest
from sqlalchemy import text

from projections.digest import digest
from projections.lifetime import log_id
from projections.places import stay
from projections.sink import Sink
from tests.log_facts import PARTITIONS, append_many, content, new_store, new_topic, relayed
from tests.tallies import counting, names, naming, rows, tables_at, tally
from tests.worker_process import applied, projector, until

FACTS = 12_000  # more than one transaction takes
MARKS = ("sink.before_commit", "sink.after_commit", "worker.after_ack")


@pytest.fixture(scope="module")
def log(kafka, tmp_path_factory):
    store = new_store(f"sqlite:///{tmp_path_factory.mktemp('log') / 'store.sqlite'}")
    append_many(store, FACTS, workspaces=40)
    topic = new_topic(kafka)
    relayed(store, kafka, topic)
    yield topic
    store.close()


@pytest.fixture
def engine(mysql_database):
    engine = tables_at(mysql_database)
    yield engine
    engine.dispose()


@pytest.fixture
def words(tmp_path):
    return tmp_path / "projector.log"


def test_killed_at_any_marked_point_the_next_one_applies_the_rest_once(
    log, kafka, engine, mysql_database, words
):
    # A group for each: how long Kafka keeps a dead member's partitions is not the question here.
    def arguments(life):
        return mysql_database, kafka, log, f"{log}-{life}", words

    for mark in MARKS:
        with projector(*arguments(mark), BLAZZ_KILL_AT=f"{mark}:1") as process:
            until(lambda p=process: p.process.poll() is not None or applied(engine) == FACTS)
            assert process.process.wait(20) == -signal.SIGKILL, process.words()
    with projector(*arguments("last")) as process:
        until(lambda: applied(engine) == FACTS)
        assert process.stop() == 0
    assert sum(row[1] for row in rows(engine, tally)) == FACTS
    assert sum(row[-1] for row in rows(engine, names)) == FACTS


@pytest.mark.parametrize("begun", [True, False], ids=["in a transaction", "at its start"])
def test_told_to_stop_while_it_waits_for_a_lock_it_ends_and_nothing_is_lost(
    begun, log, kafka, engine, mysql_database, words
):
    arguments = (mysql_database, kafka, log, f"{log}-stop{begun}", words)
    if begun:
        begun_before(engine, kafka, log)
    Sink(engine, [naming, counting], PARTITIONS).apply_all({p: [] for p in range(PARTITIONS)})
    with engine.begin() as holding, projector(*arguments) as process:
        holding.execute(text("SELECT * FROM checkpoints FOR UPDATE"))
        until(lambda: waits_for_a_lock(engine))
        assert process.stop() == 0
    assert applied(engine) == 0
    Sink(engine, [naming, counting], PARTITIONS).apply_all(content(kafka, log))
    assert sum(row[1] for row in rows(engine, tally)) == FACTS


def test_a_worker_whose_database_never_answers_ends_by_itself_and_says_why(
    log, kafka, engine, mysql_database, words
):
    begun_before(engine, kafka, log)
    Sink(engine, [naming, counting], PARTITIONS).apply_all({p: [] for p in range(PARTITIONS)})
    arguments = (mysql_database, kafka, log, f"{log}-stalled", words)
    with engine.begin() as holding:
        holding.execute(text("SELECT * FROM checkpoints FOR UPDATE"))
        with projector(*arguments, TEST_STALL_S="2") as process:
            code, said = process.ended(90)
    assert code == 1
    assert "none was applied for 2 s: ending, so that a fresh worker takes over" in said
    assert applied(engine) == 0


def begun_before(engine, kafka, log):
    """Checkpoints as at every start but the first, so that only a transaction waits for them."""
    at = asyncio.run(log_id(kafka, log))
    stay(engine, (naming, counting), PARTITIONS, at, Signal())


def waits_for_a_lock(engine):
    """The lock of a checkpoint that the test holds; other tests' databases do not count."""
    asked = (
        "SELECT count(*) FROM performance_schema.data_locks"
        " WHERE lock_status = 'WAITING' AND object_schema = DATABASE()"
    )
    with engine.connect() as connection:
        return connection.scalar(text(asked)) > 0


def test_a_worker_that_is_overtaken_in_mid_transaction_applies_nothing_twice(
    log, kafka, engine, mysql_database, words
):
    """Another one has taken its partitions and got on while it waited for the lock."""
    ahead = content(kafka, log)
    sink = Sink(engine, [naming, counting], PARTITIONS)
    begun_before(engine, kafka, log)
    with projector(mysql_database, kafka, log, f"{log}-late", words) as process:
        with engine.begin() as holding:
            holding.execute(text("SELECT * FROM checkpoints FOR UPDATE"))
            until(lambda: waits_for_a_lock(engine))
        sink.apply_all(ahead)
        until(lambda: applied(engine) == FACTS)
        assert process.stop() == 0
    assert sum(row[1] for row in rows(engine, tally)) == FACTS
    once = digest(engine, [names, tally])
    sink.apply_all(ahead)
    assert digest(engine, [names, tally]) == once
