"""The Faust worker applies every record once, whatever becomes of it on the way."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer
from sqlalchemy import text, update

from projections.checkpoints import checkpoints
from projections.digest import digest
from projections.rebuild import rebuild
from projections.runner import Runner
from projections.sink import Sink
from tests.kafka_records import headers_of_record
from tests.log_facts import PARTITIONS, append_many, content, new_store, new_topic, relayed
from tests.tallies import (
    counting,
    created,
    names,
    naming,
    record,
    rows,
    set_aside,
    tables_at,
    tally,
)
from tests.worker_process import applied, members, projector, until

TABLES = [names, tally]
FACTS = 12_000


@pytest.fixture(scope="module")
def log(kafka, tmp_path_factory):
    """A store whose facts are all in the topic: (store, topic)."""
    store = new_store(f"sqlite:///{tmp_path_factory.mktemp('log') / 'store.sqlite'}")
    append_many(store, FACTS, workspaces=40)
    topic = new_topic(kafka)
    relayed(store, kafka, topic, watermarks=True)
    yield store, topic
    store.close()


@pytest.fixture
def engine(mysql_database):
    engine = tables_at(mysql_database)
    yield engine
    engine.dispose()


@pytest.fixture
def words(tmp_path):
    return tmp_path / "projector.log"


def exact(engine, count=FACTS):
    assert sum(row[1] for row in rows(engine, tally)) == count
    assert sum(row[-1] for row in rows(engine, names)) == count
    assert applied(engine, "naming") == applied(engine, "counting") == count


def send(kafka, topic, *messages):
    """(partition, value, headers) each, by hand."""

    async def work():
        producer = AIOKafkaProducer(bootstrap_servers=kafka)
        await producer.start()
        try:
            for partition, value, headers in messages:
                await producer.send_and_wait(topic, value, partition=partition, headers=headers)
        finally:
            await producer.stop()

    asyncio.run(work())


def message(position, previous, name="by hand", group=0):
    fact = record(position, created(1, name, group))
    return 0, fact.data, headers_of_record(fact, previous, fact.workspace_id.hex.encode())


def test_three_drivers_leave_the_same_tables(log, kafka, engine, mysql_database, tmp_path, words):
    store, topic = log
    with projector(mysql_database, kafka, topic, topic, words) as process:
        until(lambda: applied(engine) == FACTS)
        assert process.stop() == 0
    exact(engine)
    through_kafka = digest(engine, TABLES)
    embedded = tables_at(f"sqlite:///{tmp_path / 'read.sqlite'}")
    runner = Runner(store, Sink(embedded, [naming, counting], 1))
    while runner.step():
        pass
    assert digest(embedded, TABLES) == through_kafka
    rebuild(store, engine, [naming, counting], PARTITIONS)
    assert digest(engine, TABLES) == through_kafka
    embedded.dispose()


def test_a_rebuilt_projector_reads_the_topic_again_and_counts_nothing_twice(
    log, kafka, engine, mysql_database, words
):
    store, topic = log
    rebuild(store, engine, [naming, counting], PARTITIONS)
    ends = {p: entries[-1].offset + 1 for p, entries in content(kafka, topic).items()}
    sink = Sink(engine, [naming, counting], PARTITIONS)
    assert sink.offsets() == dict.fromkeys(range(PARTITIONS))
    with projector(mysql_database, kafka, topic, f"{topic}-again", words) as process:
        until(lambda: sink.offsets() == ends)
        assert process.stop() == 0
    exact(engine)


@pytest.mark.parametrize("compiled", ["", "1"], ids=["cython", "pure python"])
def test_killed_in_mid_stream_the_next_one_goes_on_exactly_there(
    compiled, log, kafka, engine, mysql_database, words
):
    topic = log[1]
    group = f"{topic}-killed{compiled}"
    environment = {"NO_CYTHON": compiled} if compiled else {}
    with projector(mysql_database, kafka, topic, group, words, **environment) as process:
        until(lambda: applied(engine) > 0)
        process.kill()
    assert applied(engine) < FACTS
    with projector(mysql_database, kafka, topic, group, words, **environment) as process:
        until(lambda: applied(engine) == FACTS)
        assert process.stop() == 0
    exact(engine)


def test_workers_share_the_partitions_and_take_over_from_each_other(
    log, kafka, engine, mysql_database, words
):
    topic, group = log[1], f"{log[1]}-shared"
    arguments = (mysql_database, kafka, topic, group, words)
    with projector(*arguments) as first:
        until(lambda: applied(engine) > 0)
        with projector(*arguments) as second:
            until(lambda: len(members(kafka, group)) == 2)
            old = members(kafka, group)
            first.kill()
            with projector(*arguments) as third:
                until(lambda: len(now := members(kafka, group)) == 2 and now != old)
                until(lambda: applied(engine) == FACTS)
                assert second.stop() == 0
                assert third.stop() == 0
    exact(engine)


def test_a_missing_record_ends_it_and_nothing_behind_the_gap_is_applied(
    kafka, engine, mysql_database, words
):
    topic = new_topic(kafka)
    send(kafka, topic, message(1, 0), message(2, 1, group=1), message(9, 8, group=2))
    with projector(mysql_database, kafka, topic, topic, words) as process:
        code, said = process.ended()
    assert code == 1
    assert "the next record says it follows position 8" in said
    assert "must be rebuilt from the store" in said
    assert applied(engine) in {0, 2}


def test_bad_records_are_parked_and_the_rest_flows(kafka, engine, mysql_database, words):
    topic = new_topic(kafka)
    send(
        kafka,
        topic,
        message(1, 0, "first"),
        (0, b"garbage", []),
        message(2, 1, "poison", 1),
        (0, b"{}", [("ce_position", b"-1")]),
        message(3, 2, "waits", 1),
        message(4, 3, "last", 2),
    )
    with projector(mysql_database, kafka, topic, topic, words) as process:
        until(lambda: applied(engine) == 4)
        assert process.stop() == 0
    found = [(name, at) for name, at, _ in set_aside(engine)]
    assert found == [
        ("counting", -4),
        ("naming", -4),
        ("counting", -2),
        ("naming", -2),
        ("counting", 2),
        ("counting", 3),
    ]
    assert sum(row[1] for row in rows(engine, tally)) == 2


def test_the_first_record_ever_is_applied_though_its_offset_and_all_places_are_0(
    kafka, engine, mysql_database, words
):
    """And the other partitions are empty."""
    topic = new_topic(kafka)
    send(kafka, topic, message(1, 0, "first"))
    Sink(engine, [naming, counting], PARTITIONS).apply_all({p: [] for p in range(PARTITIONS)})
    with engine.begin() as connection:
        connection.execute(update(checkpoints).values(next_offset=0))
    with projector(mysql_database, kafka, topic, topic, words) as process:
        until(lambda: applied(engine) == 1)
        send(kafka, topic, message(2, 1, "second"))
        until(lambda: applied(engine) == 2)
        assert process.stop() == 0
    assert [row[1] for row in rows(engine, tally)] == [2]


@pytest.mark.parametrize(
    ("offset", "complaint"),
    [(10**6, "but the topic ends at"), (-5, "its retention has dropped records")],
)
def test_a_checkpoint_outside_the_topic_is_refused(
    offset, complaint, log, kafka, engine, mysql_database, words
):
    Sink(engine, [naming, counting], PARTITIONS).apply_all(content(kafka, log[1]))
    with engine.begin() as connection:
        connection.execute(update(checkpoints).values(next_offset=offset))
    with projector(mysql_database, kafka, log[1], f"{log[1]}{offset}", words) as process:
        code, said = process.ended()
    assert code == 1
    assert complaint in said
    assert "rebuild the read models from the store" in said


def test_a_topic_with_other_partitions_is_refused(log, kafka, mysql_database, words):
    with projector(mysql_database, kafka, log[1], "p", words, partitions=12) as process:
        code, said = process.ended()
    assert code == 1
    assert f"topic {log[1]} has {PARTITIONS} partitions, expected 12" in said


def test_a_database_error_ends_it_with_nothing_lost(log, kafka, engine, mysql_database, words):
    topic = log[1]
    with engine.begin() as connection:
        connection.execute(text("RENAME TABLE tally TO hidden"))
        connection.execute(text("CREATE TABLE tally (workspace_id INT)"))
    with projector(mysql_database, kafka, topic, f"{topic}-error", words) as process:
        code, said = process.ended()
    assert code == 1
    assert "Unknown column" in said
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE tally"))
        connection.execute(text("RENAME TABLE hidden TO tally"))
    with projector(mysql_database, kafka, topic, f"{topic}-error", words) as process:
        until(lambda: applied(engine) == FACTS)
        assert process.stop() == 0
    exact(engine)


def test_without_kafka_it_waits_and_can_be_stopped(mysql_database, words):
    with projector(mysql_database, "127.0.0.1:1", "none", "g", words) as process:
        until(lambda: "projector waits for Kafka" in process.words())
        assert process.stop() == 0
    assert process.words().count("waits for Kafka") == 1
