"""Many rows are read at once from what MySQL has answered, however it was cut on its way."""

import threading

import pytest
from pymysql.err import Error, OperationalError, ProgrammingError

from infra.database import connect_alone
from infra.event_store.rows import AT_ONCE, BYTES, NUMBER, TEXT, rows

COUNTED = b"SELECT * FROM JSON_TABLE(CONCAT('[0', REPEAT(',0', %d), ']'), '$[*]' COLUMNS (n FOR ORDINALITY)) t"


@pytest.fixture
def connection(mysql_database):
    engine = connect_alone(mysql_database)
    pooled = engine.raw_connection()
    yield pooled.driver_connection
    pooled.invalidate()
    engine.dispose()


def test_each_column_is_of_its_kind(connection):
    statement = b"SELECT 0x00ff, 9007199254740993, -7, 'h\xc3\xa9'"
    assert rows(connection, statement, (BYTES, NUMBER, NUMBER, TEXT)) == [
        (b"\x00\xff", 9007199254740993, -7, "h\u00e9")
    ]


def test_no_rows_are_an_empty_list(connection):
    assert rows(connection, b"SELECT 1 FROM DUAL WHERE FALSE", (NUMBER,)) == []


def test_rows_that_arrive_in_many_pieces_are_all_there_in_their_order(connection):
    found = rows(connection, COUNTED % 99_999, (NUMBER,))
    assert found == [(n,) for n in range(1, 100_001)]


@pytest.mark.parametrize("size", [0, 250, 251, 65_535, 65_536, AT_ONCE, 3 * AT_ONCE + 1])
def test_a_value_of_any_length_is_whole(connection, size):
    statement = b"SELECT 1, REPEAT('x', %d), 2 UNION ALL SELECT 3, '', 4" % size
    assert rows(connection, statement, (NUMBER, BYTES, NUMBER)) == [
        (1, b"x" * size, 2),
        (3, b"", 4),
    ]


def test_after_a_refused_statement_the_connection_goes_on(connection):
    with pytest.raises(ProgrammingError, match="no_such_table"):
        rows(connection, b"SELECT * FROM no_such_table", (BYTES,))
    assert rows(connection, b"SELECT 5", (NUMBER,)) == [(5,)]


def test_an_answer_that_the_server_breaks_off_is_an_error_not_a_short_list(connection):
    """The third row cannot be worked out; by then the first two are on their way."""
    statement = b"SELECT EXP(v.n) FROM (VALUES ROW(1), ROW(2), ROW(10000)) v(n)"
    with pytest.raises(OperationalError, match="out of range"):
        rows(connection, statement, (BYTES,))
    assert rows(connection, b"SELECT 5", (NUMBER,)) == [(5,)]


def test_a_connection_that_dies_meanwhile_is_closed_and_said_to_be_lost(connection, mysql_database):
    engine = connect_alone(mysql_database)
    other = engine.raw_connection()
    kill = threading.Timer(
        0.2, other.cursor().execute, [f"KILL CONNECTION {connection.thread_id()}"]
    )
    kill.start()
    with pytest.raises(OperationalError, match=r"Lost connection|interrupted|killed"):
        rows(connection, b"SELECT SLEEP(30)", (NUMBER,))
    kill.join()
    other.close()
    engine.dispose()
    with pytest.raises(Error):
        # Whether the news came as a packet or as an end: nobody is answered over it again.
        rows(connection, b"SELECT 5", (NUMBER,))


def test_a_value_that_is_not_of_its_kind_leaves_no_rest_for_the_next_question(connection):
    with pytest.raises(ValueError, match="invalid literal"):
        rows(connection, b"SELECT 'ten'", (NUMBER,))
    assert not connection.open
