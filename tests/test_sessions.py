"""Sessions with MySQL survive the server's side going away, and make no round trip for nothing."""

import threading
import time
from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from infra import sessions
from infra.database import connect, connect_reading

OWN = text("SELECT CONNECTION_ID()")
PATIENCE_S = 30


@pytest.fixture(params=[connect, connect_reading])
def engine(request, mysql_database):
    engine = request.param(mysql_database)
    yield engine
    engine.dispose()


@pytest.fixture
def reading(mysql_database):
    engine = connect_reading(mysql_database)
    yield engine
    engine.dispose()


@pytest.fixture
def writing(mysql_database):
    engine = connect(mysql_database)
    yield engine
    engine.dispose()


def scalar(engine, statement):
    with engine.connect() as connection:
        return connection.execute(statement).scalar()


def kill(writing, id_, *, gone=True):
    with writing.connect() as connection:
        connection.execute(text(f"KILL {id_}"))
        there = text(f"SELECT COUNT(*) FROM information_schema.processlist WHERE id = {id_}")
        deadline = time.monotonic() + PATIENCE_S
        while gone and connection.execute(there).scalar():
            assert time.monotonic() < deadline
            time.sleep(0.01)


def counted(engine, *names):
    """What the session of a pool's only connection has counted so far."""
    with engine.connect() as connection:
        rows = connection.execute(text("SHOW SESSION STATUS")).all()
    found = dict(tuple(row) for row in rows)
    return [int(found[name]) for name in names]


def test_a_connection_killed_in_the_pool_is_replaced_before_anybody_notices(engine, writing):
    first = scalar(engine, OWN)
    kill(writing, first)
    assert scalar(engine, OWN) != first


def test_all_connections_of_a_pool_may_be_killed_at_once(engine, writing):
    with engine.connect() as one, engine.connect() as other:
        ids = [c.execute(OWN).scalar() for c in (one, other)]
    for id_ in ids:
        kill(writing, id_)
    with engine.connect() as one, engine.connect() as other:
        assert not {c.execute(OWN).scalar() for c in (one, other)} & set(ids)


def test_a_read_is_repeated_when_its_connection_dies_between_two_statements(reading, writing):
    with reading.connect() as connection:
        first = connection.execute(OWN).scalar()
        kill(writing, first, gone=False)
        assert connection.execute(OWN).scalar() != first
        assert connection.execute(text("SELECT @@time_zone, @@autocommit")).one() == ("+00:00", 1)


def test_a_read_is_repeated_when_its_connection_dies_under_it(reading, writing):
    ids, answers = [], []
    began = threading.Event()

    def read():
        with reading.connect() as connection:
            ids.append(connection.execute(OWN).scalar())
            began.set()
            answers.append(connection.execute(text("SELECT SLEEP(1), CONNECTION_ID()")).one())

    thread = threading.Thread(target=read)
    thread.start()
    assert began.wait(PATIENCE_S)
    asleep = text(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT SL%'"
    )
    while not scalar(writing, asleep):
        assert thread.is_alive()
    kill(writing, ids[0])
    thread.join(PATIENCE_S)
    assert answers[0][0] == 0
    assert answers[0][1] != ids[0]


def test_a_read_that_finds_no_server_says_so(own_mysql):
    with closing_engine(connect_reading(f"{own_mysql.url}/mysql")) as engine:
        assert scalar(engine, OWN)
        own_mysql.kill()
        with pytest.raises(OperationalError):
            scalar(engine, OWN)
        own_mysql.restart()
        assert scalar(engine, OWN)


def closing_engine(engine):
    engine.close = engine.dispose
    return closing(engine)


def test_a_read_is_one_round_trip(reading):
    names = "Questions", "Com_admin_commands", "Com_rollback", "Com_commit"
    before = counted(reading, *names)
    for _ in range(10):
        assert scalar(reading, OWN)
    after = counted(reading, *names)
    assert [b - a for a, b in zip(before, after, strict=True)] == [11, 0, 0, 0]


def test_a_transaction_is_its_statements_and_the_commit(writing):
    names = "Questions", "Com_admin_commands", "Com_rollback", "Com_commit"
    with writing.begin() as connection:
        connection.execute(text("CREATE TABLE one (n INT)"))
    before = counted(writing, *names)
    for n in range(10):
        with writing.begin() as connection:
            connection.execute(text(f"INSERT INTO one VALUES ({n})"))
    after = counted(writing, *names)
    # The first count's own rollback and the second count are among the questions.
    assert [b - a for a, b in zip(before, after, strict=True)] == [22, 0, 1, 10]


def test_what_nobody_committed_is_undone_when_the_connection_goes_back(writing):
    with writing.begin() as connection:
        connection.execute(text("CREATE TABLE one (n INT PRIMARY KEY)"))
    raw = writing.raw_connection()
    id_ = raw.driver_connection.thread_id()
    raw.cursor().execute("INSERT INTO one VALUES (1)")
    raw.close()
    with writing.connect() as connection:
        assert connection.execute(OWN).scalar() == id_
        assert connection.execute(text("SELECT COUNT(*) FROM one")).scalar() == 0


def test_after_a_long_silence_the_server_is_asked_whether_it_is_there(writing, monkeypatch):
    (before,) = counted(writing, "Com_admin_commands")
    monkeypatch.setattr(sessions, "SILENT_S", 0.0)
    assert counted(writing, "Com_admin_commands") == [before + 1]


def test_nothing_can_be_written_where_only_reads_belong(reading, writing):
    with writing.begin() as connection:
        connection.execute(text("CREATE TABLE one (n INT)"))
    with pytest.raises(OperationalError, match="READ ONLY"), reading.connect() as connection:
        connection.execute(text("INSERT INTO one VALUES (1)"))
    assert scalar(writing, text("SELECT COUNT(*) FROM one")) == 0
