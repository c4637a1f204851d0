"""A rebuild leaves the tables and checkpoints that a live driver would have left."""

import threading

import pytest
from sqlalchemy import select, text, update

from projections.checkpoints import checkpoints
from projections.digest import digest
from projections.entries import GapFound
from projections.rebuild import CHUNK, ProjectorRuns, rebuild
from projections.sink import Sink
from tests.tallies import (
    Kept,
    by_partition,
    counting,
    created,
    history,
    names,
    naming,
    record,
    rows,
    set_aside,
    stored,
    tables_at,
    tally,
    workspace,
)

TABLES = [names, tally]
PARTITIONS = 4


@pytest.fixture
def engine(database):
    engine = tables_at(database)
    yield engine
    engine.dispose()


def live(engine, found, *projections):
    sink = Sink(engine, projections or (naming, counting), PARTITIONS)
    sink.apply_all(by_partition(found, PARTITIONS))
    return sink


def test_it_leaves_what_a_live_projector_left(engine):
    found = history(CHUNK + 500, workspaces=30)
    live(engine, found)
    before = digest(engine, TABLES)
    stored(engine, tally, workspace_id=workspace(999), letters=1)
    told = []
    done = rebuild(Kept(found), engine, [naming, counting], PARTITIONS, lambda *at: told.append(at))
    assert done == (CHUNK + 500, 0, CHUNK + 500)
    assert digest(engine, TABLES) == before
    assert told == [(CHUNK, CHUNK + 500), (CHUNK + 500, CHUNK + 500)]


def test_every_partition_stands_at_the_end_of_the_log(engine):
    found = history(20, workspaces=1)
    rebuild(Kept(found), engine, [naming], PARTITIONS)
    with engine.connect() as connection:
        marks = connection.execute(select(checkpoints)).all()
    assert [(m.position, m.next_offset) for m in marks] == [(20, None)] * PARTITIONS


def test_it_says_from_where_on_the_tables_are_complete_again(engine):
    found, halfway = history(CHUNK + 500, workspaces=1), []

    def look(*_):
        with engine.connect() as connection:
            halfway.extend(connection.execute(select(checkpoints)))

    rebuild(Kept(found), engine, [naming], PARTITIONS, look)
    first, last = halfway[:PARTITIONS], halfway[-PARTITIONS:]
    assert {mark.complete_from for mark in halfway} == {CHUNK + 500}
    assert all(mark.position <= CHUNK for mark in first)
    assert max(mark.position for mark in last) == CHUNK + 500
    with engine.connect() as connection:
        marks = connection.execute(select(checkpoints)).all()
    assert all(mark.position >= mark.complete_from for mark in marks)


def test_a_live_projector_goes_on_after_it_without_counting_twice(engine):
    found = history(900, workspaces=30)
    live(engine, found[:600])
    rebuild(Kept(found[:700]), engine, [naming, counting], PARTITIONS)
    done = live(engine, found)
    assert sum(row[1] for row in rows(engine, tally)) == 900
    assert done.positions(0)["naming"] > 700


def test_only_the_chosen_projections_are_touched(engine):
    found = history(50)
    live(engine, found[:20])
    rebuild(Kept(found), engine, [counting], PARTITIONS)
    sink = Sink(engine, [naming, counting], PARTITIONS)
    assert sum(row[1] for row in rows(engine, tally)) == 50
    assert sum(row[-1] for row in rows(engine, names)) == 20
    assert max(sink.positions(p)["naming"] for p in range(PARTITIONS)) <= 20


def test_records_parked_before_are_forgotten_and_bad_ones_parked_anew(engine):
    found = history(30)
    found[9] = record(10, created(3, "poison", 77))
    live(engine, found)
    assert rebuild(Kept(found), engine, [naming, counting], PARTITIONS).parked == 1
    assert [(name, at) for name, at, _ in set_aside(engine)] == [("counting", 10)]


def test_an_empty_log_leaves_empty_tables(engine):
    live(engine, history(10))
    assert rebuild(Kept([]), engine, [naming, counting], PARTITIONS) == (0, 0, 0)
    assert rows(engine, tally) == rows(engine, names) == []


def test_while_the_tables_are_being_emptied_no_projector_can_add_to_them(engine):
    found = history(10)
    sink = live(engine, found)
    with engine.begin() as connection:
        connection.execute(update(checkpoints).values(position=-1))
    with pytest.raises(GapFound, match="a rebuild of naming has begun and not ended"):
        sink.apply_all(by_partition(found, PARTITIONS))
    rebuild(Kept(found), engine, [naming, counting], PARTITIONS)
    assert sum(row[1] for row in rows(engine, tally)) == 10


def test_it_refuses_while_a_projector_is_writing(mysql_database):
    engine = tables_at(mysql_database)
    live(engine, history(10))
    before = digest(engine, TABLES)
    with engine.begin() as projector:
        projector.execute(text("SELECT * FROM checkpoints FOR UPDATE"))
        with pytest.raises(ProjectorRuns, match="a projector is writing to naming, counting"):
            rebuild(Kept(history(10)), engine, [naming, counting], PARTITIONS)
    assert digest(engine, TABLES) == before
    engine.dispose()


def test_a_projector_beside_it_does_no_harm(engine):
    found = history(4 * CHUNK, workspaces=20)
    live(engine, found[:1000])
    refused = []

    def projector():
        sink = Sink(engine, [naming, counting], PARTITIONS)
        for _ in range(40):
            try:
                sink.apply_all(by_partition(found, PARTITIONS))
            except GapFound as gap:
                refused.append(gap)

    thread = threading.Thread(target=projector)
    try:
        rebuild(Kept(found), engine, [naming, counting], PARTITIONS, lambda *_: start(thread))
    finally:
        thread.join(60)
    assert sum(row[1] for row in rows(engine, tally)) == 4 * CHUNK
    assert sum(row[-1] for row in rows(engine, names)) == 4 * CHUNK


def start(thread):
    if not thread.ident:
        thread.start()
