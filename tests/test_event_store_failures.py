"""Whatever breaks under an append, it is stored once or not at all, and the answer says which."""

import subprocess
import sys
import threading
import time

import pymysql
import pytest
from sqlalchemy import make_url, text

from commands.store import StoreUnavailable
from domain.wire import encode
from infra.database import connect
from infra.event_store import open_store
from infra.migrate import migrate_store
from tests.breaking_wire import BreakingWire
from tests.store_facts import NOW, append, receipt

HALF_AN_APPEND = """
import sys
from sqlalchemy import text
from infra.database import connect
with connect(sys.argv[1]).begin() as connection:
    connection.execute(text("UPDATE positions SET head = head + 3"))
    for i in (1, 2, 3):
        connection.execute(text(
            "INSERT INTO events SELECT head + :i - 3, :stream, :i, :stream, 'Half',"
            " '2026-01-01 00:00:00.000000', '', '' FROM positions"
        ), {"i": i, "stream": bytes(16)})
    print("written, not committed", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def store(store_database):
    store = open_store(store_database)
    yield store
    store.close()


@pytest.fixture
def wire(mysql_database):
    migrate_store(mysql_database)
    parsed = make_url(mysql_database)
    with BreakingWire(parsed.host, parsed.port) as wire:
        yield wire


@pytest.fixture
def behind_wire(wire, mysql_database):
    readable = {"ssl_disabled": "true"}
    url = make_url(mysql_database).set(host="127.0.0.1", port=wire.port, query=readable)
    store = open_store(url.render_as_string(hide_password=False))
    store.append([append()], NOW)
    yield store
    store.close()


def test_a_writer_killed_between_insert_and_commit_leaves_no_gap(store, store_database):
    store.append([append()], NOW)
    with subprocess.Popen(
        [sys.executable, "-c", HALF_AN_APPEND, store_database],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout.readline() == "written, not committed\n"
        assert [r.position for r in store.read(0, 10)] == [1]
        assert store.head() == 1
        writer.kill()
    assert store.append([append()], NOW) == [2]
    assert [r.type for r in store.read(0, 10)] == ["GroupCreated"] * 2


def test_an_append_waits_for_a_slow_writer_and_goes_on(store, store_database):
    slow = connect(store_database).connect()
    slow.execute(text("UPDATE positions SET head = head"))
    timer = threading.Timer(1.5, slow.rollback)
    with store.flush.connections.take() as connection:
        shorten_waiting(connection)
    timer.start()
    assert store.append([append()], NOW) == [1]
    timer.join()
    slow.close()
    slow.engine.dispose()


def shorten_waiting(connection):
    if isinstance(connection, pymysql.Connection):
        connection.cursor().execute("SET SESSION innodb_lock_wait_timeout = 1")


def test_an_append_over_a_connection_that_died_while_idle_is_stored_once(mysql_database):
    migrate_store(mysql_database)
    store = open_store(mysql_database)
    store.append([append()], NOW)
    with store.flush.connections.take() as connection:
        idle = connection.thread_id()
    with connect(mysql_database).begin() as administrator:
        administrator.exec_driver_sql(f"KILL {idle}")
    assert store.append([append(events=2)], NOW) == [2, 3]
    assert len(store.read(0, 10)) == 3
    store.close()


@pytest.mark.parametrize("fate", ["committed", "lost"])
def test_a_connection_lost_during_the_commit_is_resolved_by_looking(behind_wire, wire, fate):
    wanted = append(events=3)
    wire.break_at(b"COMMIT", delivered=fate == "committed")
    assert behind_wire.append([wanted], NOW) == [2, 3, 4]
    assert wire.broken == 1
    stored = behind_wire.read(1, 10)
    assert [r.data for r in stored] == [encode(event) for event in wanted.events]


def test_a_receipt_lost_with_the_connection_is_stored_once(behind_wire, wire):
    wanted = append()
    wire.break_at(b"COMMIT", delivered=True)
    assert behind_wire.append([wanted], NOW, receipt(wanted.stream_id)) == [2]
    assert behind_wire.receipt(*receipt(wanted.stream_id)[:3]).position == 2


def test_somebody_elses_facts_at_the_same_versions_are_not_taken_for_ours(
    behind_wire, wire, mysql_database
):
    wanted = append()
    wire.break_at(b"COMMIT", delivered=False)
    other = open_store(mysql_database)
    wire.once_broken = lambda: other.append([append(wanted.stream_id, name="other")], NOW)
    with pytest.raises(Exception, match="has moved on"):
        behind_wire.append([wanted], NOW)
    assert behind_wire.head() == 2
    other.close()


def test_a_server_that_stays_away_is_unavailable_and_the_fate_is_said_to_be_unknown(
    behind_wire, wire
):
    wire.break_at(b"COMMIT", delivered=True, for_good=True)
    with pytest.raises(StoreUnavailable, match="whether the facts are stored is not known"):
        behind_wire.append([append()], NOW)
    with pytest.raises(StoreUnavailable):
        behind_wire.head()


def test_a_server_that_is_not_there_is_unavailable_at_once():
    store = open_store("mysql+pymysql://root@127.0.0.1:1/blazz")
    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match="the database is away, full or read-only"):
        store.append([append()], NOW)
    with pytest.raises(StoreUnavailable):
        store.load([append().stream_id])
    assert time.monotonic() - began < 2


def test_a_full_disk_is_unavailable_and_leaves_the_store_as_it_was(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    migrate_store(url)
    store = open_store(url)
    with store.flush.connections.take() as connection:
        ((pages,),) = connection.execute("PRAGMA page_count").fetchall()
        connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreUnavailable, match="database or disk is full"):
        store.append([append(name="x" * 100_000)], NOW)
    with store.flush.connections.take() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
    assert store.head() == 0
    assert store.append([append(name="x" * 100_000)], NOW) == [1]
    store.close()


def test_a_file_that_is_no_database_is_unavailable(tmp_path):
    file = tmp_path / "store.sqlite"
    file.write_bytes(b"this is a letter, not a database" * 40)
    with pytest.raises(StoreUnavailable, match="file is not a database"):
        open_store(f"sqlite:///{file}").head()


def test_a_store_without_tables_says_what_is_missing(database):
    store = open_store(database)
    with pytest.raises(Exception, match="positions"):
        store.head()
    store.close()
