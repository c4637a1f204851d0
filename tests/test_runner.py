"""The in-process driver: batch by batch from the store, one partition."""

import threading
import time

import pytest

from projections.digest import digest
from projections.entries import GapFound
from projections.runner import BATCH, Runner
from projections.sink import Sink
from tests.tallies import Kept, counting, history, names, naming, tally


@pytest.fixture
def sink(engine):
    return Sink(engine, [naming, counting], 1)


def test_a_step_applies_what_is_new_and_says_how_much(sink):
    log = Kept(history(BATCH + 10))
    runner = Runner(log, sink)
    assert [runner.step() for _ in range(3)] == [BATCH, 10, 0]
    log.found = history(BATCH + 30)
    assert runner.step() == 20
    assert sink.positions(0) == {"naming": BATCH + 30, "counting": BATCH + 30}


def test_a_new_runner_goes_on_where_the_last_one_stopped(engine, sink):
    Runner(Kept(history(100)), sink).step()
    before = digest(engine, [names, tally])
    assert Runner(Kept(history(100)), sink).step() == 0
    assert digest(engine, [names, tally]) == before


def test_a_projection_that_is_behind_is_caught_up_without_harm_to_the_others(engine, sink):
    Runner(Kept(history(100)), Sink(engine, [naming], 1)).step()
    assert Runner(Kept(history(100)), sink).step() == 100
    assert sum(sink.positions(0).values()) == 200


def test_after_an_error_it_looks_at_the_checkpoint_again(sink):
    log = Kept(history(30))
    runner = Runner(log, sink)
    runner.step()
    log.found = [*history(30), *history(60)[40:]]
    with pytest.raises(GapFound):
        runner.step()
    log.found = history(60)
    assert runner.step() == 30


def test_it_runs_until_told_to_stop_and_sees_what_comes(sink):
    log, stopping = Kept([]), threading.Event()
    thread = threading.Thread(target=Runner(log, sink).run, args=(stopping,))
    thread.start()
    log.found = history(2500)
    deadline = time.monotonic() + 20
    while sink.positions(0)["counting"] < 2500 and time.monotonic() < deadline:
        time.sleep(0.01)
    stopping.set()
    thread.join(5)
    assert not thread.is_alive()
    assert sink.positions(0)["counting"] == 2500
