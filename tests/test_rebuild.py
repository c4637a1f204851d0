"""A rebuild puts new tables in the place of the live ones: what a live driver would have left."""

import pytest
from sqlalchemy import inspect, select, text, update

from infra.database import connect
from projections.alone import RebuildRuns
from projections.checkpoints import checkpoints, parked, rebuilds
from projections.digest import digest
from projections.entries import watermark
from projections.projection import Projection
from projections.rebuild import Refused, cancel, pending, rebuild
from projections.sink import Sink
from tests.tallies import (
    Kept,
    by_partition,
    counted,
    counting,
    created,
    history,
    metadata,
    names,
    naming,
    record,
    rows,
    set_aside,
    stored,
    tally,
    workspace,
)

TABLES = [names, tally]
BOTH = [naming, counting]
PARTITIONS = 4


class BrokenOff(Exception):
    pass


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr("projections.filling.CHUNK", 500)
    monkeypatch.setattr("projections.loading.SMALLEST", 0)


def live(engine, found, *projections):
    sink = Sink(engine, projections or BOTH, PARTITIONS)
    sink.apply_all(by_partition(found, PARTITIONS))
    return sink


def marks(engine, *columns):
    with engine.connect() as connection:
        order = (checkpoints.c.projection, checkpoints.c.version, checkpoints.c.partition)
        return [tuple(m) for m in connection.execute(select(*columns).order_by(*order))]


def broken_off(found, engine, at, projections=BOTH):
    """A rebuild that somebody stops when it says it has got that far."""

    def stop(progress):
        if progress.position >= at:
            raise BrokenOff

    with pytest.raises(BrokenOff):
        rebuild(Kept(found), engine, projections, PARTITIONS, stop)


def test_it_leaves_what_a_live_projector_left(engine):
    found = history(2500, workspaces=30)
    live(engine, found)
    before = digest(engine, TABLES)
    stored(engine, tally, workspace_id=workspace(999), letters=1)
    told = []
    done = rebuild(Kept(found), engine, BOTH, PARTITIONS, told.append)
    assert (done.records, done.parked, done.position) == (2500, 0, 2500)
    assert digest(engine, TABLES) == before
    filling = [at.position for at in told if at.phase == "filling"]
    assert filling == [500, 1000, 1500, 2000, 2500]
    assert {at.head for at in told} == {2500}


def test_nothing_of_it_is_left_behind(engine):
    live(engine, history(10))
    before = set(inspect(engine).get_table_names())
    rebuild(Kept(history(10)), engine, BOTH, PARTITIONS)
    assert set(inspect(engine).get_table_names()) == before
    assert rows(engine, rebuilds) == []


def test_the_new_tables_have_the_indexes_of_the_old(database):
    engine = connect(database)
    one = Projection("one", metadata.tables["names"])
    metadata.create_all(engine)
    checkpoints.metadata.create_all(engine, [checkpoints, parked, rebuilds])
    with engine.begin() as connection:
        connection.execute(text("CREATE INDEX ix_names_named ON names (named_at, name)"))
    before = inspect(engine).get_indexes("names")
    assert [index["name"] for index in before] == ["ix_names_named"]
    for _ in range(2):
        rebuild(Kept([]), engine, [one], PARTITIONS)
        assert inspect(engine).get_indexes("names") == before
    engine.dispose()


def test_tables_that_did_not_keep_up_stand_at_the_end_of_the_log(engine):
    found = history(20, workspaces=1)
    live(engine, found[:5])
    done = rebuild(Kept(found), engine, BOTH, PARTITIONS)
    assert not done.comparison.compared
    c = checkpoints.c
    assert marks(engine, c.position, c.next_offset) == [(20, None)] * 2 * PARTITIONS
    live(engine, found)
    assert [row[1] for row in rows(engine, tally)] == [20]


def test_tables_that_keep_up_are_compared_and_keep_their_place_in_kafka(engine):
    found = history(600, workspaces=30)
    live(engine, found)
    done = rebuild(Kept(found), engine, BOTH, PARTITIONS)
    assert done.comparison == (False, ())  # some partitions have nothing up to the end
    Sink(engine, BOTH, PARTITIONS).apply_all(at_the_end(found))
    before = marks(engine, *checkpoints.c)
    assert rebuild(Kept(found), engine, BOTH, PARTITIONS).comparison == (True, ())
    assert marks(engine, *checkpoints.c) == before


def at_the_end(found):
    return {partition: [watermark(found[-1].position)] for partition in range(PARTITIONS)}


def test_it_says_which_tables_were_wrong(engine):
    found = history(600, workspaces=30)
    live(engine, found).apply_all(at_the_end(found))
    assert rebuild(Kept(found), engine, BOTH, PARTITIONS).comparison == (True, ())
    stored(engine, tally, workspace_id=workspace(999), letters=1)
    with engine.begin() as connection:
        connection.execute(update(names).values(renamed=0))
    compared, differing = rebuild(Kept(found), engine, BOTH, PARTITIONS).comparison
    assert compared
    assert differing == (
        "names: 84 rows as rebuilt, but with other contents",
        "tally: 13 rows, rebuilt 12",
    )


def test_a_live_projector_goes_on_after_it_without_counting_twice(engine):
    found = history(900, workspaces=30)
    live(engine, found[:600])
    rebuild(Kept(found[:700]), engine, BOTH, PARTITIONS)
    done = live(engine, found)
    assert sum(row[1] for row in rows(engine, tally)) == 900
    assert done.positions(0)["naming"] > 700


def test_only_the_chosen_projections_are_touched(engine):
    found = history(50)
    live(engine, found[:20])
    rebuild(Kept(found), engine, [counting], PARTITIONS)
    sink = Sink(engine, BOTH, PARTITIONS)
    assert sum(row[1] for row in rows(engine, tally)) == 50
    assert sum(row[-1] for row in rows(engine, names)) == 20
    assert max(sink.positions(p)["naming"] for p in range(PARTITIONS)) <= 20


def test_records_parked_before_are_forgotten_and_bad_ones_parked_anew(engine):
    found = history(30)
    live(engine, [record(1, created(1), data=b"{"), *found[1:]])
    assert len(set_aside(engine)) > 1
    found[9] = record(10, created(3, "poison", 77))
    assert rebuild(Kept(found), engine, BOTH, PARTITIONS).parked == 1
    assert [(name, at) for name, at, _ in set_aside(engine)] == [("counting", 10)]


def test_what_was_parked_of_other_projections_stays(engine):
    found = history(30)
    found[9] = record(10, created(3, "poison", 77))
    live(engine, found)
    rebuild(Kept(found), engine, [naming], PARTITIONS)
    assert [(name, at) for name, at, _ in set_aside(engine)] == [("counting", 10)]


@pytest.mark.parametrize("bad", ["poison", "negative"])
def test_later_records_of_a_stream_wait_behind_one_that_was_parked(engine, bad):
    found = history(700, workspaces=3)
    for position in (10, 11, 650):
        found[position - 1] = record(position, created(1, bad if position < 12 else "ok", 77))
    expected = tables_of(engine, found)
    done = rebuild(Kept(found), engine, BOTH, PARTITIONS)
    assert done.parked == 3
    assert (digest(engine, TABLES), [row[:2] for row in set_aside(engine)]) == expected
    assert set_aside(engine)[-1][2] == "waits behind position 10"


def tables_of(engine, found):
    live(engine, found)
    return digest(engine, TABLES), [row[:2] for row in set_aside(engine)]


def test_a_store_that_ends_before_the_read_models_do_is_refused(engine):
    live(engine, history(10))
    with pytest.raises(
        Refused, match="hold facts up to position 10, but the event store ends at 9"
    ):
        rebuild(Kept(history(9)), engine, BOTH, PARTITIONS)
    assert sum(row[1] for row in rows(engine, tally)) == 10


def test_an_empty_log_makes_empty_tables(engine):
    assert rebuild(Kept([]), engine, BOTH, PARTITIONS)[:3] == (0, 0, 0)
    assert rows(engine, tally) == rows(engine, names) == []


def test_one_that_was_stopped_goes_on_where_it_was(engine):
    found = history(2500, workspaces=30)
    live(engine, found)
    before = digest(engine, TABLES)
    broken_off(found, engine, 1500)
    assert digest(engine, TABLES) == before
    assert pending(engine) == ["counting", "naming"]
    with pytest.raises(Refused, match=r"a rebuild of counting, naming has begun and not ended"):
        rebuild(Kept(found), engine, [naming], PARTITIONS)
    assert rebuild(Kept(found), engine, BOTH, PARTITIONS).records <= 1000
    assert digest(engine, TABLES) == before


def test_one_that_was_stopped_can_be_dropped(engine):
    found = history(1500, workspaces=30)
    live(engine, found)
    before, tables = digest(engine, TABLES), set(inspect(engine).get_table_names())
    broken_off(found, engine, 500)
    assert cancel(engine, BOTH) == ["counting", "naming"]
    assert cancel(engine, BOTH) == []
    assert digest(engine, TABLES) == before
    assert set(inspect(engine).get_table_names()) == tables
    assert rebuild(Kept(found), engine, [naming], PARTITIONS).records == 1500


def test_one_is_not_resumed_into_tables_that_lack_a_column(engine):
    found = history(1500, workspaces=30)
    broken_off(found, engine, 500)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE names ADD COLUMN more INTEGER"))
    with pytest.raises(Refused, match="names got other columns since the rebuild"):
        rebuild(Kept(found), engine, BOTH, PARTITIONS)


def test_two_at_once_are_one_too_many(engine):
    found, refused = history(1500, workspaces=30), []

    def second(progress):
        if not refused:
            for attempt in (
                lambda: rebuild(Kept(found), engine, BOTH, 4),
                lambda: cancel(engine, BOTH),
            ):
                with pytest.raises(RebuildRuns, match="a rebuild is running") as refusal:
                    attempt()
                refused.append(refusal)

    assert rebuild(Kept(found), engine, BOTH, PARTITIONS, second).records == 1500
    assert len(refused) == 2


def test_a_new_version_waits_for_its_rebuild_while_the_others_go_on(engine):
    found = history(900, workspaces=30)
    live(engine, found[:600])
    newer = Projection("counting", tally, version=2)
    newer.on(counted)
    sink = live(engine, found, naming, newer)
    assert sum(row[1] for row in rows(engine, tally)) == 600
    assert sum(row[-1] for row in rows(engine, names)) == 900
    rebuild(Kept(found), engine, [newer], PARTITIONS)
    assert sum(row[1] for row in rows(engine, tally)) == 900
    more = history(1000, workspaces=30)
    sink.apply_all(by_partition(more, PARTITIONS))
    assert sum(row[1] for row in rows(engine, tally)) == 1000


def test_older_code_leaves_the_tables_of_a_newer_version_alone(engine):
    found = history(900, workspaces=30)
    older = live(engine, found[:600])
    newer = Projection("counting", tally, version=2)
    newer.on(counted)
    rebuild(Kept(found), engine, [newer], PARTITIONS)
    older.apply_all(by_partition(found, PARTITIONS))
    assert sum(row[1] for row in rows(engine, tally)) == 900
    assert sum(row[-1] for row in rows(engine, names)) == 900
