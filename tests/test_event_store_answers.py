"""What MySQL answers to statements without rows is read as the driver reads it."""

import threading
from contextlib import closing, suppress

import pymysql
import pytest
from sqlalchemy import make_url

from infra.database import connect_alone
from infra.event_store.answers import ids
from infra.event_store.reader import Reader

PATIENCE_S = 30


@pytest.fixture
def connection(mysql_database):
    pooled = connect_alone(mysql_database).raw_connection()
    connection = pooled.driver_connection
    pooled.detach()
    with suppress(pymysql.err.Error), closing(connection):
        connection.cursor().execute("CREATE TABLE counters (id INT PRIMARY KEY, n BIGINT)")
        connection.cursor().execute("INSERT INTO counters VALUES (1, 0)")
        connection.commit()
        yield connection


def drawn(n):
    return b"UPDATE counters SET n = LAST_INSERT_ID(%d) WHERE id = 1" % n


@pytest.mark.parametrize("n", [1, 250, 251, 252, 65_535, 65_536, 2**24 - 1, 2**24, 2**63 - 1])
def test_numbers_of_every_length_are_read(connection, n):
    assert ids(connection, drawn(n)) == [n]
    assert ids(connection, b";".join([b"DO 1", drawn(n), b"COMMIT"])) == [0, n, 0]


def test_more_answers_than_a_packet_has_numbers_for_are_read(connection):
    found = ids(connection, b";".join(drawn(n) for n in range(1, 701)))
    assert found == list(range(1, 701))


def test_many_rows_at_once_are_one_answer(connection):
    rows = b",".join(b"(%d,%d)" % (n, n) for n in range(2, 3002))
    assert ids(connection, b"INSERT INTO counters VALUES " + rows + b";COMMIT") == [0, 0]


def test_a_refused_statement_ends_the_rest_and_the_connection_goes_on(connection):
    text = b";".join([drawn(7), b"INSERT INTO counters VALUES (1, 1)", drawn(9), b"COMMIT"])
    with pytest.raises(pymysql.err.IntegrityError, match="Duplicate entry '1'"):
        ids(connection, text)
    assert ids(connection, b"SET @a = 1") == [0]
    cursor = connection.cursor()
    cursor.execute("SELECT n FROM counters")
    assert cursor.fetchall() == ((7,),)
    connection.rollback()
    cursor.execute("SELECT n FROM counters")
    assert cursor.fetchall() == ((0,),)


def test_rows_where_none_belong_close_the_connection(connection):
    with pytest.raises(pymysql.err.OperationalError, match="out of order"):
        ids(connection, b"SELECT n FROM counters")
    assert not connection.open


def test_a_connection_that_dies_in_the_middle_is_lost(connection, mysql_database):
    failures = []

    def wait():
        try:
            ids(connection, b"DO 1;DO SLEEP(300)")
        except pymysql.err.OperationalError as error:
            failures.append(error)

    id_ = connection.thread_id()
    thread = threading.Thread(target=wait)
    thread.start()
    reader = Reader(connect_alone(mysql_database))
    shown = "SELECT COUNT(*) FROM information_schema.processlist WHERE id = ? AND info LIKE ?"
    while not reader.read(shown, (id_, "DO SLEEP%"))[0][0]:
        assert thread.is_alive()
    where = make_url(mysql_database)
    with pymysql.connect(host=where.host, port=where.port, user=where.username) as other:
        other.cursor().execute(f"KILL {id_}")
    thread.join(PATIENCE_S)
    reader.connections.close()
    assert failures[0].args[0] in {2013, 1317}
    with pytest.raises((pymysql.err.OperationalError, pymysql.err.InterfaceError)):
        ids(connection, b"DO 1")
