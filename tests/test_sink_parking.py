"""A bad record is set aside with its reason; its stream waits behind it, the rest flows."""

import re

import pytest
from sqlalchemy import event, select

from projections.checkpoints import parked
from projections.entries import LogEntry
from projections.projection import Projection
from projections.rows import put
from projections.sink import Applied, Interrupted, Sink
from tests.tallies import (
    column,
    counting,
    created,
    entries,
    history,
    names,
    naming,
    record,
    records,
    rows,
    set_aside,
    tally,
    workspace,
)

TOO_LONG = "a name that no column takes"


@pytest.fixture
def sink(engine):
    return Sink(engine, [naming, counting], 1)


def groups(engine):
    return sum(row[1] for row in rows(engine, tally))


def test_a_record_whose_function_fails_is_parked_for_that_projection_alone(engine, sink):
    bad = created(0, "poison", 1)
    batch = entries(records(created(0, "a"), bad, created(0, "b", 2)))
    assert sink.apply(0, batch) == Applied(3, 0, 1)
    assert rows(engine, tally) == [(workspace(0), 2, 2)]
    assert column(engine, names, "name") == ["a", "b", "poison"]
    ((projection, position, reason),) = set_aside(engine)
    assert (projection, position) == ("counting", 2)
    assert reason == "GroupCreated fails in counting: ArithmeticError('nobody counts poison')"


def test_a_parked_record_keeps_all_that_is_needed_to_try_it_again(engine, sink):
    bad = records(created(0, "poison"))[0]
    sink.apply(0, entries([bad], offset=7))
    with engine.connect() as connection:
        row = connection.execute(select(parked)).one()
    assert row.workspace_id == bad.workspace_id
    assert (row.stream_id, row.stream_version, row.type) == (bad.stream_id, 1, "GroupCreated")
    assert (row.metadata, row.data, row.recorded_at) == (bad.metadata, bad.data, bad.recorded_at)
    assert (row.position, row.offset, row.partition) == (1, 7, 0)


def test_later_records_of_a_parked_stream_wait_behind_it(engine, sink):
    found = records(created(0, "poison"), created(0, "a"), created(0, "b", 1), created(0, "c"))
    sink.apply(0, entries(found)[:3])
    assert sink.apply(0, entries(found)[3:]) == Applied(1, 0, 1)
    assert [(name, at) for name, at, _ in set_aside(engine)] == [("counting", n) for n in (1, 2, 4)]
    assert [reason for *_, reason in set_aside(engine)][1:] == ["waits behind position 1"] * 2
    assert groups(engine) == 1
    assert rows(engine, names)[0][-1] + rows(engine, names)[1][-1] == 4


def test_bytes_that_are_no_event_are_parked_for_everyone(engine, sink):
    bad = record(2, created(0, "x", 1), data=b'{"type":"GroupCreated","name":7}')
    first, last = record(1, created(0, "a")), record(3, created(0, "b", 2))
    assert sink.apply(0, entries([first, bad, last])) == Applied(3, 0, 2)
    assert {name for name, *_ in set_aside(engine)} == {"naming", "counting"}
    assert all("GroupCreated cannot be read" in reason for *_, reason in set_aside(engine))
    assert groups(engine) == 2


def test_an_event_type_of_the_future_is_parked(engine, sink):
    unknown = record(1, created())._replace(type="GroupPainted")
    sink.apply(0, entries([unknown]))
    assert set_aside(engine)[0] == ("counting", 1, "unknown event type 'GroupPainted'")


def test_metadata_that_cannot_be_read_parks_the_record(engine, sink):
    sink.apply(0, entries([record(1, created())._replace(metadata=b"\xff")]))
    assert "metadata of GroupCreated cannot be read" in set_aside(engine)[0][2]


def test_an_event_that_a_projection_does_not_know_asks_nothing_of_it(engine):
    silent = Projection("silent", tally)
    bad = record(1, created(), data=b"{")
    assert Sink(engine, [silent], 1).apply(0, entries([bad])) == Applied(1, 0, 0)


def test_a_record_without_readable_headers_is_parked_under_its_offset(engine, sink):
    bad = LogEntry(None, 41, 0, None, "header ce_position is missing")
    after = LogEntry(record(1, created()), 42, 1, 0)
    assert sink.apply(0, [bad, after]) == Applied(2, 0, 2)
    assert set_aside(engine) == [
        (name, -42, "header ce_position is missing") for name in ("counting", "naming")
    ]
    assert sink.offsets() == {0: 43}
    assert sink.apply(0, [bad]) == Applied(0, 1, 0)


def test_a_value_too_long_for_its_column_is_found_and_parked(engine, sink):
    found = history(60)
    bad = record(31, created(3, TOO_LONG, 99))
    found[30] = bad
    assert sink.apply(0, entries(found)).parked == 1
    ((projection, position, reason),) = set_aside(engine)
    assert (projection, position) == ("naming", 31)
    assert reason == "GroupCreated does not fit naming: names.name takes 20 characters, not 27"
    assert groups(engine) == 60
    assert sum(row[-1] for row in rows(engine, names)) == 59
    assert sink.positions(0) == {"naming": 60, "counting": 60}


def test_the_stream_of_a_refused_record_waits_too(engine, sink):
    found = records(created(0, TOO_LONG), created(0, "short"), created(0, "other", 1))
    assert sink.apply(0, entries(found)) == Applied(3, 0, 2)
    assert set_aside(engine)[1][1:] == (2, "waits behind position 1")
    assert column(engine, names, "name") == ["other"]


def test_text_that_is_no_unicode_is_parked_not_fatal(engine):
    awkward = Projection("awkward", names)

    @awkward.on
    def named(event: type(created()), recorded: object):
        name = "\ud800" if event.name == "half" else event.name
        return names_row(event, name)

    found = records(created(0, "half"), created(0, "whole", 1))
    assert Sink(engine, [awkward], 1).apply(0, entries(found)) == Applied(2, 0, 1)
    assert column(engine, names, "name") == ["whole"]


def test_a_value_of_a_kind_no_column_has_is_parked(engine):
    awkward = Projection("awkward", names)

    @awkward.on
    def named(event: type(created()), recorded: object):
        return names_row(event, {"a": 1} if event.name == "dict" else event.name)

    found = records(created(0, "dict"), created(0, "text", 1))
    assert Sink(engine, [awkward], 1).apply(0, entries(found)) == Applied(2, 0, 1)
    assert re.search("value of <class 'dict'> cannot be stored", set_aside(engine)[0][2])


def test_null_where_the_column_wants_a_value_is_parked(engine):
    awkward = Projection("awkward", names)

    @awkward.on
    def named(event: type(created()), recorded: object):
        return names_row(event, None if event.name == "null" else event.name)

    found = records(created(0, "null"), created(0, "text", 1))
    assert Sink(engine, [awkward], 1).apply(0, entries(found)) == Applied(2, 0, 1)
    assert column(engine, names, "name") == ["text"]


def names_row(event, name):
    return put(names, workspace_id=event.workspace_id, group_id=event.group_id, name=name)


def test_a_whole_number_beyond_its_column_is_parked(engine):
    awkward = Projection("awkward", names)

    @awkward.on
    def named(event: type(created()), recorded: object):
        number = 2**31 if event.name == "huge" else 2**31 - 1
        return put(names, workspace_id=workspace(0), group_id=event.group_id, renamed=number)

    found = records(created(0, "huge"), created(0, "large", 1))
    assert Sink(engine, [awkward], 1).apply(0, entries(found)) == Applied(2, 0, 1)
    assert column(engine, names, "renamed") == [2**31 - 1]


def test_what_only_the_database_can_refuse_is_found_and_parked(engine, sink):
    found = history(60)
    found[30] = record(31, created(3, "negative", 99))
    assert sink.apply(0, entries(found)) == Applied(60, 0, 1)
    ((projection, position, reason),) = set_aside(engine)
    assert (projection, position) == ("counting", 31)
    assert reason.startswith("the database refuses the rows of counting: ")
    assert groups(engine) == 59
    assert sum(row[-1] for row in rows(engine, names)) == 60


def test_what_the_database_refuses_is_searched_for_by_halves(engine, sink):
    found = history(512)
    found[300] = record(301, created(3, "negative", 99))
    sink.apply(0, [])
    begun = []
    event.listen(engine, "begin", lambda _: begun.append(1))
    assert sink.apply(0, entries(found)) == Applied(512, 0, 1)
    assert len(begun) <= 2 + 2 * 9 + 3
    assert groups(engine) == 511


def test_a_sink_that_is_told_to_stop_leaves_the_rest_of_a_bad_batch_for_later(engine, sink):
    found = records(*(created(0, "negative", n) for n in range(8)))
    sink.stopping.set()
    with pytest.raises(Interrupted):
        sink.apply(0, entries(found))
    assert sink.positions(0) == {"naming": 0, "counting": 0}
    sink.stopping.clear()
    assert sink.apply(0, entries(found)).parked == 8


def test_values_that_look_like_sql_are_only_values(engine, sink):
    spelled = ["'); DROP--", "\\' OR 1=1", '"%s %d"', "\x00\x1a\n\r", "💬 ü"]
    sink.apply(0, entries(records(*(created(0, name, n) for n, name in enumerate(spelled)))))
    assert sorted(column(engine, names, "name")) == sorted(spelled)
