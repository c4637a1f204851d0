"""A paused projection stands still; resumed, it holds what it would have held anyway."""

import threading

import pytest

from projections.checkpoints import LIVE, checkpoints
from projections.pausing import NotPaused, pause, resume
from projections.projection import Projection
from projections.rebuild import Refused, rebuild
from projections.runner import Runner
from projections.sink import Sink
from tests.tallies import (
    Kept,
    by_partition,
    column,
    counting,
    created,
    history,
    names,
    naming,
    record,
    rows,
    set_aside,
    tally,
)

BOTH = [naming, counting]
PARTITIONS = 4


def live(engine, found, projections=BOTH):
    sink = Sink(engine, projections, PARTITIONS)
    sink.apply_all(by_partition(found, PARTITIONS))
    return sink


def test_its_tables_stand_still_while_the_others_go_on(engine):
    found = history(900, workspaces=30)
    live(engine, found[:300])
    pause(engine, counting, PARTITIONS)
    live(engine, found)
    assert sum(row[1] for row in rows(engine, tally)) == 300
    assert sum(row[-1] for row in rows(engine, names)) == 900


def test_resumed_it_holds_what_it_would_have_held_and_goes_on_in_kafka(engine):
    found = history(1200, workspaces=30)
    live(engine, found[:300])
    pause(engine, counting, PARTITIONS)
    sink = live(engine, found[:900])
    told = []
    missed = resume(Kept(found[:900]), engine, counting, PARTITIONS, lambda *at: told.append(at))
    assert 600 <= missed <= 900
    assert told[-1] == (900, 900)
    assert sum(row[1] for row in rows(engine, tally)) == 900
    assert set(column(engine, checkpoints, "state")) == {LIVE}
    # Each fetched record says which one was sent before it: none of them is missing now.
    sink.apply_all(by_partition(found, PARTITIONS))
    assert sum(row[1] for row in rows(engine, tally)) == 1200
    assert None not in sink.offsets().values()


def test_bad_records_it_missed_are_parked_by_the_resumption(engine):
    found = history(300, workspaces=3)
    for position, name in ((100, "poison"), (200, "negative")):
        found[position - 1] = record(position, created(1, name, position))
    pause(engine, counting, PARTITIONS)
    live(engine, found)
    resume(Kept(found), engine, counting, PARTITIONS)
    assert [(name, at) for name, at, _ in set_aside(engine)] == [
        ("counting", 100),
        ("counting", 200),
    ]
    assert sum(row[1] for row in rows(engine, tally)) == 298


def test_it_is_resumed_while_the_others_are_being_written(engine):
    found = history(6000, workspaces=20)
    log, stop = Kept(found[:1000]), threading.Event()
    runner = Runner(log, Sink(engine, BOTH, 1))
    runner.step()
    pause(engine, counting, 1)
    thread = threading.Thread(target=runner.run, args=(stop,))
    thread.start()
    growing = threading.Thread(target=lambda: [log.found.append(one) for one in found[1000:]])
    growing.start()
    try:
        for _ in range(5):
            resume(log, engine, counting, 1)
            pause(engine, counting, 1)
        growing.join()
        resume(log, engine, counting, 1)
    finally:
        stop.set()
        thread.join()
    while runner.step():
        pass
    assert sum(row[1] for row in rows(engine, tally)) == 6000
    assert sum(row[-1] for row in rows(engine, names)) == 6000


def test_only_a_live_one_is_paused_and_only_a_paused_one_resumed(engine):
    found = history(30)
    live(engine, found)
    with pytest.raises(NotPaused, match="counting is live; there is nothing to resume"):
        resume(Kept(found), engine, counting, PARTITIONS)
    pause(engine, counting, PARTITIONS)
    with pytest.raises(NotPaused, match="counting is paused; only a live one can be paused"):
        pause(engine, counting, PARTITIONS)
    with pytest.raises(Refused, match="counting: paused; `blazz projections resume` comes first"):
        rebuild(Kept(found), engine, BOTH, PARTITIONS)
    newer = Projection("naming", names, version=2)
    with pytest.raises(NotPaused, match="naming is unbuilt"):
        pause(engine, newer, PARTITIONS)


def test_what_is_being_rebuilt_cannot_be_paused(engine):
    found = history(30)
    live(engine, found)

    def attempt(_):
        with pytest.raises(NotPaused, match="counting is being rebuilt"):
            pause(engine, counting, PARTITIONS)

    rebuild(Kept(found), engine, [counting], PARTITIONS, attempt)


def test_one_not_begun_yet_can_be_paused(engine):
    found = history(900, workspaces=30)
    pause(engine, counting, PARTITIONS)
    live(engine, found)
    assert rows(engine, tally) == []
    assert resume(Kept(found), engine, counting, PARTITIONS) == 900
    assert sum(row[1] for row in rows(engine, tally)) == 900
