"""Changes as few statements, which go to MySQL together: all of them count, or none."""

import pytest

from projections import upserts
from projections.changes import Changes
from projections.rows import add, put
from projections.transaction import transaction
from tests.tallies import names, rows, tables_at, tally, workspace


def asked(engine, *wanted):
    changes = Changes(engine.dialect.name)
    changes.take(wanted)
    return upserts.statements(changes)


def name(number, text):
    return put(names, workspace_id=workspace(number), group_id=workspace(number), name=text)


def test_rows_that_add_to_different_columns_go_in_one_statement(engine):
    one = add(tally, workspace_id=workspace(1), groups_created=1)
    other = add(tally, workspace_id=workspace(2), letters=7)
    both = add(tally, workspace_id=workspace(3), letters=2, groups_created=3)
    found = asked(engine, one, other, both)
    assert len(found) == 1
    for _ in range(2):
        with transaction(engine) as connection:
            upserts.execute(connection, found)
    expected = {(workspace(1), 2, 0), (workspace(2), 0, 14), (workspace(3), 6, 4)}
    assert set(rows(engine, tally)) == expected


def test_of_several_statements_sent_together_a_refused_one_takes_the_others_with_it(engine):
    found = asked(engine, name(1, "first"), add(tally, workspace_id=workspace(1), letters=-1))
    assert len(found) == 2
    with pytest.raises(Exception, match="letters_are_counted"), transaction(engine) as connection:
        upserts.execute(connection, found)
    assert rows(engine, names) == rows(engine, tally) == []
    with transaction(engine) as connection:
        upserts.execute(connection, asked(engine, name(1, "a;b'c\\"), name(2, "second")))
    assert {row[2] for row in rows(engine, names)} == {"a;b'c\\", "second"}


def test_a_refusal_by_the_last_statement_is_heard_too(engine):
    late = asked(engine, add(tally, workspace_id=workspace(1), letters=-1))
    found = [*asked(engine, name(1, "first")), *asked(engine, name(2, "second")), *late]
    with pytest.raises(Exception, match="letters_are_counted"), transaction(engine) as connection:
        upserts.execute(connection, found)
    assert rows(engine, names) == []


def test_a_transaction_over_many_tables_is_one_request(mysql_database):
    engine = tables_at(mysql_database)
    found = [upserts.Statement(f"UPDATE tally SET letters = {n}") for n in range(20)]
    requests = []
    with transaction(engine) as connection:
        upserts.execute(connection, found)
        driver = connection.connection.dbapi_connection
        sent = driver._execute_command
        driver._execute_command = lambda *about: (requests.append(about), sent(*about))
        upserts.execute(connection, found)
    del driver._execute_command
    assert sum("UPDATE" in str(text) for _, text in requests) == 1
    engine.dispose()
