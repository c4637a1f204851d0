"""Rows that MySQL loads as lines: what statements would have left, whatever is in them."""

import pytest
from sqlalchemy import create_engine, text

from projections.changes import Changes
from projections.loading import Loading, folded
from projections.rows import add, drop, put
from projections.transaction import transaction
from projections.upserts import write
from tests.tallies import START, names, rows, tables_at, tally, workspace

TEXTS = ("NULL", "\\N", "a,b'c\"d", "two\nlines\r\t", "\0\x1a\x08%s", "'", "\\", "", "Żółw 🐢 ,\\'")


@pytest.fixture
def engine(mysql_database, monkeypatch):
    monkeypatch.setattr("projections.loading.SMALLEST", 0)
    engine = tables_at(mysql_database)
    with engine.begin() as connection:
        connection.execute(text("SET GLOBAL local_infile = ON"))
    yield engine
    engine.dispose()


def named(number, **columns):
    return put(names, workspace_id=workspace(number), group_id=workspace(number), **columns)


def carried_out(engine, loading, *wanted):
    """How many times the server was asked to load something."""
    changes = Changes("mysql")
    changes.take(wanted)
    found = folded(changes)
    with transaction(engine) as connection:
        before = _loads(connection)
        loading.execute(connection, found)
        return _loads(connection) - before


def _loads(connection):
    return int(connection.execute(text("SHOW SESSION STATUS LIKE 'Com_load'")).one()[1])


def test_lines_leave_what_statements_leave(engine):
    wanted = [
        named(n, name=text_, named_at=[START, None][n % 2], renamed=-n)
        for n, text_ in enumerate(TEXTS)
    ]
    with transaction(engine) as connection:
        write(connection, wanted)
    expected = rows(engine, names)
    with engine.begin() as connection:
        connection.execute(names.delete())
    assert carried_out(engine, Loading(), *wanted) == 1
    assert rows(engine, names) == expected
    assert {row[2] for row in expected} == set(TEXTS)


def test_rows_that_were_there_are_overwritten_and_their_kind_is_not_loaded_again(engine):
    loading = Loading()
    assert carried_out(engine, loading, named(1, name="old"), named(2, name="other")) == 1
    assert carried_out(engine, loading, named(1, name="new"), named(3, name="third")) == 1
    assert {row[2] for row in rows(engine, names)} == {"new", "other", "third"}
    assert carried_out(engine, loading, named(4, name="fourth")) == 0
    assert carried_out(engine, loading, named(5, name="fifth", renamed=1)) == 1
    assert len(rows(engine, names)) == 5


def test_a_row_that_is_forgotten_first_is_forgotten_first(engine):
    loading, key = Loading(), {"workspace_id": workspace(1), "group_id": workspace(1)}
    carried_out(engine, loading, named(1, name="old", renamed=7))
    carried_out(engine, loading, drop(names, **key), named(1, name="new"))
    assert [(row[2], row[4]) for row in rows(engine, names)] == [("new", 0)]


def test_what_is_added_is_never_loaded(engine):
    for _ in range(2):
        one = add(tally, workspace_id=workspace(1), letters=3)
        assert carried_out(engine, Loading(), one) == 0
    assert [row[2] for row in rows(engine, tally)] == [6]


def test_what_does_not_fit_is_refused_and_nothing_of_it_stays(engine):
    good, bad = (put(tally, workspace_id=workspace(n), letters=n) for n in (1, -1))
    with pytest.raises(Exception, match="letters_are_counted"):
        carried_out(engine, Loading(), good, bad)
    assert rows(engine, tally) == []


def test_a_server_that_loads_nothing_from_its_clients_is_sent_statements(engine):
    without = create_engine(engine.url)  # to this client it says what it says to all if it is off
    loading = Loading()
    assert carried_out(without, loading, named(1, name="first")) == 1  # and it has refused
    assert carried_out(without, loading, named(1, name="second"), named(2, name="third")) == 0
    assert {row[2] for row in rows(engine, names)} == {"second", "third"}
    without.dispose()


def test_the_driver_reads_no_file_for_a_server_that_asks(engine, tmp_path):
    file = tmp_path / "secret"
    file.write_text("1\n")
    connection = engine.raw_connection()
    with pytest.raises(RuntimeError, match="local_infile option is false"):
        connection.cursor().execute(f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE tally (letters)")
    connection.invalidate()
    assert rows(engine, tally) == []
