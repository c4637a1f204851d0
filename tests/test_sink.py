"""A batch goes in whole or not at all, once, in order, and only where it joins on."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from sqlalchemy import delete, select, update

from projections.checkpoints import (
    LIVE,
    PARTITIONS,
    PAUSED,
    REPLACED,
    checkpoints,
    parked,
    partition_of,
)
from projections.digest import digest
from projections.entries import GapFound, LogEntry
from projections.projection import Projection
from projections.sink import Applied, Sink
from tests.tallies import (
    counting,
    created,
    entries,
    history,
    names,
    naming,
    records,
    rows,
    set_aside,
    tally,
    workspace,
)

TABLES = [names, tally]


@pytest.fixture
def sink(engine):
    return Sink(engine, [naming, counting], 1)


def test_rows_and_checkpoint_of_a_batch_stand_together(engine, sink):
    found = records(created(0, "a"), created(0, "bcd", 1), created(1, "e"))
    assert sink.apply(0, entries(found)) == Applied(3, 0, 0)
    assert {row[1:] for row in rows(engine, tally)} == {(2, 4), (1, 1)}
    assert sink.positions(0) == {"naming": 3, "counting": 3}
    assert sink.offsets() == {0: 3}
    with engine.connect() as connection:
        marks = connection.execute(select(checkpoints)).all()
    assert [(m.records, m.recorded_at) for m in marks] == [(3, found[-1].recorded_at)] * 2


def test_a_batch_seen_again_changes_nothing(engine, sink):
    batch = entries(history(50))
    sink.apply(0, batch)
    before, counted = digest(engine, TABLES), _duplicates()
    assert sink.apply(0, batch) == Applied(0, 50, 0)
    assert digest(engine, TABLES) == before
    assert _duplicates() == counted + 50


def _duplicates():
    """As operators see them."""
    return REGISTRY.get_sample_value("blazz_sink_duplicates_total")


def test_a_record_at_a_lower_offset_is_a_repeat_whatever_its_position(sink):
    sink.apply(0, entries(records(created()), offset=10))
    again = LogEntry(records(created(), created())[1], 10, 2, 1)
    assert sink.apply(0, [again]) == Applied(0, 1, 0)


def test_a_record_at_a_known_position_is_a_repeat_whatever_its_offset(sink):
    sink.apply(0, entries(records(created()), offset=10))
    assert sink.apply(0, entries(records(created()), offset=11)) == Applied(0, 1, 0)


def test_a_record_twice_in_one_batch_counts_once(engine, sink):
    first, second = entries(records(created(0, "ab"), created(0, "c")))
    assert sink.apply(0, [first, second, first._replace(offset=2), second._replace(offset=3)]) == (
        Applied(2, 2, 0)
    )
    assert rows(engine, tally) == [(workspace(0), 2, 3)]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.integers(0, 59), st.integers(1, 17)), max_size=8))
def test_repeats_and_batch_sizes_leave_no_trace(engine, jumps):
    with engine.begin() as connection:
        for table in (*TABLES, checkpoints, parked):
            connection.execute(delete(table))
    sink = Sink(engine, [naming, counting], 1)
    batch = entries(history(60))
    for start, length in jumps:
        if start <= sink.positions(0)["naming"]:
            sink.apply(0, batch[start : start + length])
    sink.apply(0, batch)
    assert sum(row[1] for row in rows(engine, tally)) == 60
    assert sum(row[-1] for row in rows(engine, names)) == 60


def test_a_missing_record_stops_the_partition_and_nothing_is_written(engine, sink):
    batch = entries(history(10))
    sink.apply(0, batch[:4])
    with pytest.raises(GapFound, match=r"got to position 4, but .* follows position 5"):
        sink.apply(0, batch[5:])
    with pytest.raises(GapFound, match=r"got to position 7, but .* follows position 8"):
        sink.apply(0, [*batch[4:7], *batch[8:]])
    assert sink.positions(0) == {"naming": 4, "counting": 4}


def test_entries_without_a_chain_are_taken_as_they_come(sink):
    batch = [entry._replace(previous=None) for entry in entries(history(10))]
    assert sink.apply(0, batch[5:]).applied == 5


def test_a_watermark_moves_the_position_only(engine, sink):
    assert sink.apply(0, [LogEntry(None, 0, 40, 0)]) == Applied(1, 0, 0)
    assert sink.positions(0) == {"naming": 40, "counting": 40}
    assert sink.offsets() == {0: 1}
    assert rows(engine, tally) == []
    follower = LogEntry(records(*[created()] * 41)[40], 1, 41, 40)
    assert sink.apply(0, [follower]).applied == 1


def test_a_watermark_after_a_missing_record_shows_the_gap(sink):
    with pytest.raises(GapFound):
        sink.apply(0, [LogEntry(None, 3, 40, 39)])


def test_an_empty_batch_is_nothing(sink):
    assert sink.apply(0, []) == Applied(0, 0, 0)


def test_a_projection_ahead_of_another_waits_for_it(engine):
    batch = entries(history(20))
    Sink(engine, [naming], 1).apply(0, batch[:12])
    both = Sink(engine, [naming, counting], 1)
    assert both.offsets() == {0: None}
    assert both.apply(0, batch) == Applied(20, 0, 0)
    assert sum(row[1] for row in rows(engine, tally)) == 20
    assert sum(row[-1] for row in rows(engine, names)) == 20


def test_several_partitions_go_into_one_commit(engine):
    sink = Sink(engine, [naming, counting], 2)
    one, other = history(10), records(*(created(9, group=i) for i in range(6)))
    assert sink.apply_all({0: entries(one), 1: entries(other)}) == Applied(16, 0, 0)
    assert sink.offsets() == {0: 10, 1: 6}


def test_a_new_version_of_a_projection_begins_anew(engine):
    batch = entries(history(5))
    Sink(engine, [counting], 1).apply(0, batch)
    later = type(counting)("counting", tally, version=2)
    assert Sink(engine, [later], 1).positions(0) == {"counting": 0}


def test_old_code_beside_new_each_version_moves_only_tables_that_are_its_own(engine):
    """The new version waits for its rebuild; after the exchange the old one takes nothing."""
    batch = entries(history(30))
    old = Sink(engine, [naming, counting], 1)
    later = Projection("counting", tally, version=2)
    later.handlers |= counting.handlers
    new = Sink(engine, [naming, later], 1)
    old.apply(0, batch[:10])
    assert new.apply(0, batch[:20]) == Applied(10, 10, 0)
    assert sum(row[1] for row in rows(engine, tally)) == 10
    assert old.apply(0, batch[:20]) == Applied(10, 10, 0)
    exchange(engine, "counting", position=20, offset=20)
    assert old.apply(0, batch[10:]) == Applied(10, 10, 0)
    assert new.apply(0, batch[10:]) == Applied(10, 10, 0)
    assert sum(row[1] for row in rows(engine, tally)) == 30
    assert sum(row[-1] for row in rows(engine, names)) == 30


def exchange(engine, name, position, offset):
    """As a rebuild leaves the checkpoints: version 2 stands where version 1 stood."""
    c = checkpoints.c
    one, two = ((c.projection == name) & (c.version == version) for version in (1, 2))
    with engine.begin() as connection:
        connection.execute(update(checkpoints).where(one).values(state=REPLACED))
        live = {"state": LIVE, "position": position, "next_offset": offset}
        connection.execute(update(checkpoints).where(two).values(**live))


def test_a_batch_prepared_ahead_is_made_anew_if_it_does_not_fit_what_is_stored(engine, sink):
    batch = entries(history(30))
    sink.apply(0, batch[:10])
    ahead = sink.prepare({0: batch[10:20]})
    assert ahead is not None
    Sink(engine, [naming, counting], 1).apply(0, batch[10:15])
    assert sink.apply_all({0: batch[10:20]}, ahead) == Applied(5, 5, 0)
    behind = sink.prepare({0: batch[20:25]})
    after = sink.prepare({0: batch[25:]}, behind)
    assert sink.apply_all({0: batch[20:25]}, behind) == Applied(5, 0, 0)
    assert sink.apply_all({0: batch[25:]}, after) == Applied(5, 0, 0)
    assert sum(row[1] for row in rows(engine, tally)) == 30


def test_nothing_is_prepared_ahead_across_a_gap_or_for_an_unknown_place(sink):
    batch = entries(history(30))
    assert sink.prepare({0: batch}) is None
    sink.apply(0, batch[:10])
    assert sink.prepare({0: batch[11:]}) is None


def test_a_paused_projection_takes_nothing_and_the_others_go_on(engine, sink):
    batch = entries(history(9))
    sink.apply(0, batch[:3])
    with engine.begin() as connection:
        paused = update(checkpoints).where(checkpoints.c.projection == "naming")
        connection.execute(paused.values(state=PAUSED))
    assert sink.apply(0, batch[3:]) == Applied(6, 0, 0)
    assert sink.positions(0) == {"counting": 9}
    assert sum(row[-1] for row in rows(engine, names)) == 3


def test_nothing_is_parked_in_a_healthy_history(engine, sink):
    sink.apply(0, entries(history(200)))
    assert set_aside(engine) == []


def test_a_workspace_is_always_in_the_same_partition():
    found = {partition_of(workspace(n), PARTITIONS) for n in range(200)}
    assert found == set(range(12))
    assert partition_of(workspace(1), 12) == 1
