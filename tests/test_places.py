"""Offsets are of one log only: a projector that meets another one is refused until told to go on."""

import asyncio
from threading import Event as Signal

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError

from infra.database import connect
from infra.log.topic import create_topic
from infra.migrate import migrate_read
from projections import places
from projections.checkpoints import PAUSED, UNBUILT, checkpoints
from projections.lifetime import log_id
from projections.places import OtherLog, locked
from projections.rebuild import rebuild
from projections.sink import Sink
from projections.transaction import transaction
from tests.installation import blazz
from tests.log_facts import append_many, content, new_store, new_topic, relayed
from tests.tallies import (
    Kept,
    by_partition,
    counting,
    history,
    names,
    naming,
    rows,
    tables_at,
    tally,
)
from tests.worker_process import applied, projector, until

BOTH = (naming, counting)
PARTITIONS = 4
FACTS = 400


def stay(engine, log):
    places.stay(engine, BOTH, PARTITIONS, log, Signal())


def change(engine, **values):
    with engine.begin() as connection:
        connection.execute(update(checkpoints).values(**values))


def logs(engine):
    with engine.connect() as connection:
        return set(connection.execute(select(checkpoints.c.log_id, checkpoints.c.next_offset)))


def test_at_the_first_start_every_partition_belongs_to_the_log_that_is_there(engine):
    stay(engine, "a/t")
    assert len(rows(engine, checkpoints)) == len(BOTH) * PARTITIONS
    assert logs(engine) == {("a/t", None)}
    stay(engine, "a/t")


def test_one_partition_is_worked_on_while_another_is_locked(mysql_database):
    engine = tables_at(mysql_database)
    try:
        stay(engine, "a/t")
        with transaction(engine) as one, transaction(engine) as other:
            other.execute(text("SET SESSION innodb_lock_wait_timeout = 1"))
            locked(one, BOTH, [0, 2])
            assert {key[2] for key in locked(other, BOTH, [1, 3])} == {1, 3}
            with pytest.raises(OperationalError, match="Lock wait timeout"):
                locked(other, BOTH, [2])
    finally:
        engine.dispose()


def test_checkpoints_from_before_logs_were_told_apart_belong_to_the_first_one_seen(engine):
    Sink(engine, BOTH, PARTITIONS).apply_all(by_partition(history(50), PARTITIONS))
    assert {log for log, _ in logs(engine)} == {None}
    stay(engine, "a/t")
    assert {log for log, _ in logs(engine)} == {"a/t"}


def test_another_log_is_refused_and_nothing_is_changed(engine):
    Sink(engine, BOTH, PARTITIONS).apply_all(by_partition(history(50), PARTITIONS))
    stay(engine, "a/t")
    before = rows(engine, checkpoints)
    words = "of the log a/t, but this is the log b/t .* `blazz projections adopt`"
    with pytest.raises(OtherLog, match=words):
        stay(engine, "b/t")
    assert rows(engine, checkpoints) == before


def test_offsets_that_nobody_goes_by_tie_to_no_log(engine):
    stay(engine, "a/t")
    change(engine, next_offset=0)
    for state in (PAUSED, UNBUILT):
        change(engine, state=state, log_id="a/t")
        stay(engine, "b/t")
        assert logs(engine) == {("b/t", 0)}


def test_offset_0_is_a_place_too(engine):
    stay(engine, "a/t")
    change(engine, next_offset=0)
    with pytest.raises(OtherLog):
        stay(engine, "b/t")


def test_tables_that_were_rebuilt_still_know_their_log(engine):
    found = history(50)
    Sink(engine, BOTH, PARTITIONS).apply_all(by_partition(found, PARTITIONS))
    stay(engine, "a/t")
    rebuild(Kept(found), engine, [naming], PARTITIONS)
    assert {log for log, _ in logs(engine)} == {"a/t"}


def test_an_operator_lets_the_projector_go_on_in_another_log(tmp_path):
    url = f"sqlite:///{tmp_path / 'read.sqlite'}"
    migrate_read(url)
    engine = connect(url)
    stay(engine, "a/t")
    change(engine, next_offset=7, position=9)
    done = blazz("projections", "adopt", BLAZZ_READ_URL=url)
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    stay(engine, "b/t")
    assert logs(engine) == {("b/t", None)}
    assert {row[3] for row in rows(engine, checkpoints)} == {9}
    engine.dispose()


def test_a_cluster_in_the_place_of_another_is_refused_until_it_is_adopted(
    kafka, own_kafka, mysql_database, tmp_path
):
    """Same topic, same facts and more of them: every offset looks right."""
    engine, topic = tables_at(mysql_database), new_topic(kafka)
    asyncio.run(create_topic(own_kafka.bootstrap, topic, PARTITIONS))
    for number, bootstrap in enumerate((kafka, own_kafka.bootstrap), 1):
        store = new_store(f"sqlite:///{tmp_path / f'{number}.sqlite'}")
        append_many(store, FACTS * number)
        relayed(store, bootstrap, topic)
        store.close()
    group = (topic, topic, tmp_path / "projector.log")
    Sink(engine, BOTH, PARTITIONS).apply_all(content(kafka, topic))
    stay(engine, asyncio.run(log_id(kafka, topic)))
    before = rows(engine, tally)
    with projector(mysql_database, own_kafka.bootstrap, *group) as process:
        code, said = process.ended()
    assert code == 1
    assert f"/{topic}, but this is the log " in said
    assert "Traceback" not in said
    assert rows(engine, tally) == before
    places.leave(engine)
    with projector(mysql_database, own_kafka.bootstrap, *group) as process:
        until(lambda: applied(engine) == 2 * FACTS)
        assert process.stop() == 0
    assert sum(row[1] for row in rows(engine, tally)) == 2 * FACTS
    assert sum(row[-1] for row in rows(engine, names)) == 2 * FACTS
    engine.dispose()
