"""Of several processes with the same policies one works; when it dies another goes on."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from commands.policies.loop import start_policies
from commands.policies.turn import TURN_S, Turn
from tests.stage import Stage

DYING = """
import sys, threading
from commands.policies.loop import start_policies
from commands.policies.turn import Turn
from infra.database import connect
from infra.leases import Leases

class Working:
    name = "working"

    def step(self, now):
        print("working", flush=True)
        return 0

leases = Leases(connect(sys.argv[1]))
start_policies([Working()], threading.Event(), turn=lambda name: Turn(leases, name, "dying"))
"""


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


class Counting:
    name = "working"

    def __init__(self):
        self.steps = 0

    def step(self, now):
        del now
        self.steps += 1
        return 0


def started(stage, policy, owner, stop):
    threads, _ = start_policies([policy], stop, turn=lambda name: Turn(stage.leases, name, owner))
    return threads


def test_one_of_two_works_and_the_other_follows_when_it_stops(stage):
    one, two, stops = Counting(), Counting(), (threading.Event(), threading.Event())
    threads = started(stage, one, "one", stops[0])
    stage.await_(lambda: one.steps > 3, "work")
    threads += started(stage, two, "two", stops[1])
    reached = one.steps
    stage.await_(lambda: one.steps > reached + 10, "more work")
    assert two.steps == 0
    stops[0].set()
    stage.await_(lambda: two.steps > 3, "the other's work")
    stops[1].set()
    for thread in threads:
        thread.join()


def test_another_goes_on_within_seconds_of_a_kill(stage):
    dying = subprocess.Popen(
        [sys.executable, "-c", DYING, stage.store_url], stdout=subprocess.PIPE, text=True
    )
    policy, stop = Counting(), threading.Event()
    with dying:
        assert dying.stdout.readline() == "working\n"
        threads = started(stage, policy, "heir", stop)
        os.kill(dying.pid, signal.SIGKILL)
        killed_at = time.monotonic()
        stage.await_(lambda: policy.steps > 0, "the heir's work")
        assert time.monotonic() - killed_at < TURN_S + 6
    stop.set()
    for thread in threads:
        thread.join()


def test_who_has_lost_its_turn_stops_until_it_has_it_again(stage, monkeypatch):
    monkeypatch.setattr("commands.policies.turn.RENEW_AFTER_S", 0.0)
    monkeypatch.setattr("commands.policies.turn.ASK_EVERY_S", 0.0)
    turn = Turn(stage.leases, "working", "one")
    assert turn.ours()
    assert stage.leases.release("policy:working", "one", 1)
    epoch = stage.leases.acquire("policy:working", "two", 60)
    assert not turn.ours()
    assert stage.leases.release("policy:working", "two", epoch)
    assert turn.ours()
