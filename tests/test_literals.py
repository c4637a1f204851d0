"""Values as both databases get them: written alike, however they are told and however often."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from projections.rows import put
from projections.transaction import transaction
from projections.upserts import write
from tests.tallies import column, names, rows, tables_at, workspace

LATE = datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC)
JAKARTA, NEWFOUNDLAND = timezone(timedelta(hours=7)), timezone(-timedelta(hours=3, minutes=30))
INSTANTS = {
    LATE: LATE,
    LATE + timedelta(microseconds=5): LATE + timedelta(microseconds=5),
    LATE + timedelta(seconds=1): LATE + timedelta(seconds=1),
    datetime(2026, 3, 1, 7, 0, 2, tzinfo=JAKARTA): LATE + timedelta(seconds=3),
    datetime(2026, 2, 28, 20, 30, 4, 90, tzinfo=NEWFOUNDLAND): LATE
    + timedelta(seconds=5, microseconds=90),
    datetime(2026, 3, 1, 0, 0, 6): LATE + timedelta(seconds=7),  # noqa: DTZ001 - it is UTC
}


@pytest.fixture
def read_models(database):
    engine = tables_at(database)
    yield engine
    engine.dispose()


def named(number, **columns):
    return put(names, workspace_id=workspace(number), group_id=workspace(number), **columns)


def test_an_instant_is_kept_as_utc_to_the_microsecond_whatever_zone_it_was_told_in(read_models):
    with transaction(read_models) as connection:
        write(connection, [named(n, named_at=told) for n, told in enumerate(INSTANTS)])
    assert column(read_models, names, "named_at") == list(INSTANTS.values())


def test_an_instant_may_be_unknown(read_models):
    with transaction(read_models) as connection:
        write(connection, [named(1, named_at=LATE), named(2, named_at=None)])
        write(connection, [named(1, named_at=None), named(2, named_at=LATE)])
    assert {row[:1] + row[3:4] for row in rows(read_models, names)} == {
        (workspace(1), None),
        (workspace(2), LATE),
    }


def test_rows_put_several_times_in_one_go_keep_the_last_of_each_column(read_models):
    with transaction(read_models) as connection:
        write(connection, [named(1, name="first", named_at=LATE), named(1, name="second")])
    assert [row[2:4] for row in rows(read_models, names)] == [("second", LATE)]
