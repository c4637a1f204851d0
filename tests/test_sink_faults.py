"""Faults that pass are waited out; a commit whose outcome is unknown is settled by the checkpoint."""

import threading
import time

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from infra.database import connect
from projections import upserts
from projections.entries import GapFound
from projections.faults import Unwritable, fault_of
from projections.rows import add
from projections.sink import Applied, Sink
from projections.transaction import repeated
from tests.tallies import (
    counting,
    created,
    entries,
    history,
    naming,
    records,
    rows,
    tables_at,
    tally,
    workspace,
)


@pytest.fixture
def engine(mysql_database):
    engine = tables_at(mysql_database)
    yield engine
    engine.dispose()


def total(engine):
    return sum(row[1] for row in rows(engine, tally))


def end_connection(url, connection):
    """As when the server restarts or an operator ends it."""
    number = connection.connection.dbapi_connection.thread_id()
    other = connect(url)
    with other.connect() as administrator:
        administrator.execute(text(f"KILL {number}"))
    other.dispose()


def test_a_connection_lost_in_mid_transaction_is_made_again(engine, mysql_database):
    lost = []

    @event.listens_for(engine, "before_cursor_execute")
    def lose(connection, cursor, statement, *_):
        if "parked" in statement and not lost:
            lost.append(statement)
            end_connection(mysql_database, connection)

    assert Sink(engine, [naming, counting], 1).apply(0, entries(history(30))) == Applied(30, 0, 0)
    assert lost
    assert total(engine) == 30


def test_a_commit_that_happened_but_was_not_heard_of_is_not_repeated(engine):
    unheard = []

    @event.listens_for(engine, "commit")
    def lose(connection):
        if not unheard:
            unheard.append(1)
            connection.connection.dbapi_connection.commit()
            raise ConnectionResetError("the answer to COMMIT did not come")

    applied = Sink(engine, [naming, counting], 1).apply(0, entries(history(30)))
    assert unheard
    assert applied == Applied(0, 30, 0)
    assert total(engine) == 30


def test_a_deadlock_is_tried_again(engine):
    sink = Sink(engine, [naming, counting], 1)
    sink.apply(0, entries(history(4)))
    holding, locked, begun = threading.Event(), threading.Event(), []

    def rival():
        """Writes more, so that the database takes the other one back."""
        with engine.begin() as connection:
            upserts.write(connection, [add(tally, workspace_id=workspace(n)) for n in range(500)])
            holding.set()
            locked.wait(10)
            connection.execute(text("UPDATE checkpoints SET records = records + 0"))

    @event.listens_for(engine, "after_cursor_execute")
    def go(connection, cursor, statement, *_):
        if "FOR UPDATE" in statement:
            begun.append(1)
            locked.set()

    thread = threading.Thread(target=rival)
    thread.start()
    assert holding.wait(10)
    assert sink.apply(0, entries(history(30))).applied == 26
    thread.join(10)
    assert len(begun) > 1
    assert total(engine) == 30


def test_a_server_that_stays_away_is_not_waited_for_for_ever(engine, monkeypatch):
    monkeypatch.setattr("projections.transaction.LONGEST_PAUSE_S", 0.02)
    sink = Sink(connect("mysql+pymysql://nobody@127.0.0.1:1/none"), [counting], 1)
    with pytest.raises(OperationalError):
        sink.apply(0, entries(history(1)))


def test_waiting_out_a_fault_ends_at_once_when_told_to_stop():
    stopping = threading.Event()

    def fails():
        raise ConnectionResetError

    threading.Timer(0.2, stopping.set).start()
    started = time.monotonic()
    with pytest.raises(ConnectionResetError):
        repeated(fails, stopping)
    assert time.monotonic() - started < 1


def test_what_is_no_passing_fault_is_raised_at_once(engine):
    sink = Sink(engine, [counting], 1)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE tally"))
    with pytest.raises(Exception, match=r"tally.* doesn't exist"):
        sink.apply(0, entries(records(created())))
    assert sink.positions(0) == {"counting": 0}


def test_two_sinks_on_one_partition_apply_each_record_once(database):
    engine = tables_at(database)
    batch = entries(history(400))
    errors = []

    def work():
        sink = Sink(engine, [naming, counting], 1)
        start = 0
        while start < 400:
            try:
                sink.apply(0, batch[start : start + 23])
                start += 23
            except GapFound as error:
                errors.append(error)
                return

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not errors
    assert total(engine) == 400
    engine.dispose()


def test_errors_are_told_apart_by_their_numbers():
    import sqlite3

    import pymysql

    assert fault_of(pymysql.err.OperationalError(1213, "deadlock")) == "transient"
    for code in (1205, 1290, 2006, 2013):
        assert fault_of(pymysql.err.OperationalError(code, "passes")) == "transient"
    assert fault_of(pymysql.err.InterfaceError(0, "")) == "transient"
    assert fault_of(pymysql.err.DataError(1406, "too long")) == "data"
    assert fault_of(pymysql.err.ProgrammingError(1146, "no table")) == "other"
    assert fault_of(OperationalError("x", {}, pymysql.err.OperationalError(2013, ""))) == (
        "transient"
    )
    assert fault_of(Unwritable("x")) == "data"
    assert fault_of(KeyError(1213)) == "other"
    assert fault_of(ConnectionResetError()) == "transient"
    busy, full = sqlite3.OperationalError("locked"), sqlite3.OperationalError("disk full")
    busy.sqlite_errorcode, full.sqlite_errorcode = sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL
    assert (fault_of(busy), fault_of(full)) == ("transient", "other")
