"""A batch written at once leaves the tables as one operation at a time would."""

from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from projections.rows import Row, add, drop, put
from projections.transaction import transaction
from projections.upserts import write
from tests.read_models import merged
from tests.tallies import names as table
from tests.tallies import rows as rows_in
from tests.tallies import tables_at

W = UUID(int=1)
keys = st.sampled_from([UUID(int=2), UUID(int=3)])
counts = st.integers(-3, 9)
words = st.sampled_from(["", "x", 'it\'s \\ "100%" \n\0 ü 💬'])
operations = st.one_of(
    st.builds(lambda k, n: put(table, workspace_id=W, group_id=k, renamed=n), keys, counts),
    st.builds(lambda k, w: put(table, workspace_id=W, group_id=k, name=w), keys, words),
    st.builds(lambda k, n: add(table, workspace_id=W, group_id=k, renamed=n), keys, counts),
    st.builds(lambda k, w, n: Row(table, (W, k), {"name": w}, {"renamed": n}), keys, words, counts),
    st.builds(lambda k: drop(table, workspace_id=W, group_id=k), keys),
    st.builds(lambda k: put(table, workspace_id=W, group_id=k), keys),
)


def meant(rows, stored):
    """What the operations say, without any database."""
    stored = dict(stored)
    for row in rows:
        if row.fresh:
            stored.pop(row.key, None)
        if row.stands:
            columns = {"name": "", "renamed": 0, **stored.get(row.key, {}), **row.puts}
            for column, n in row.adds.items():
                columns[column] += n
            stored[row.key] = columns
    return stored


@given(st.lists(operations), st.booleans())
def test_one_batch_means_the_same_as_one_by_one(rows, seeded):
    stored = {(W.bytes, UUID(int=2).bytes): {"name": "z", "renamed": 5}} if seeded else {}
    one_by_one = [found for row in rows for found in merged([row])]
    assert meant(merged(rows), stored) == meant(one_by_one, stored)


@given(st.lists(operations))
def test_a_batch_has_one_operation_for_each_row_it_touches(rows):
    assert sorted(row.key for row in merged(rows)) == sorted(
        {tuple(part.bytes for part in row.key) for row in rows}
    )


@given(st.lists(operations))
def test_merging_leaves_the_operations_as_they_were(rows):
    before = [(dict(row.puts), dict(row.adds)) for row in rows]
    merged(rows)
    assert [(dict(row.puts), dict(row.adds)) for row in rows] == before


def test_a_row_dropped_and_made_again_by_its_key_alone_is_there():
    dropped = drop(table, workspace_id=W, group_id=W)
    (row,) = merged([dropped, put(table, workspace_id=W, group_id=W)])
    assert row.fresh
    assert row.stands
    assert not merged([dropped])[0].stands
    assert not merged([put(table, workspace_id=W, group_id=W, name="x"), dropped])[0].stands


@pytest.fixture
def engine(database):
    engine = tables_at(database)
    yield engine
    engine.dispose()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(operations, max_size=6), max_size=4))
def test_the_database_does_what_the_operations_mean(engine, batches):
    with engine.begin() as connection:
        connection.execute(delete(table))
    expected = {}
    for batch in batches:
        with transaction(engine) as connection:
            write(connection, batch)
        expected = meant(batch, expected)
    found = {row[:2]: {"name": row[2], "renamed": row[4]} for row in rows_in(engine, table)}
    assert found == expected


def test_more_rows_than_one_statement_takes_are_all_written(engine):
    ids = [UUID(int=n) for n in range(1201)]
    with transaction(engine) as connection:
        write(connection, [put(table, workspace_id=W, group_id=id_, name="n") for id_ in ids])
    assert len(rows_in(engine, table)) == 1201
    with transaction(engine) as connection:
        write(connection, [drop(table, workspace_id=W, group_id=id_) for id_ in ids[1:]])
    assert [row[1] for row in rows_in(engine, table)] == [ids[0]]
