"""What goes round and round and hangs fails nowhere; readiness tells it all the same."""

import threading

import pytest

from commands.policies.loop import start_policies
from commands.policies.rounds import Rounds
from infra.services import policies
from infra.services.checks import going
from tests.installation import until


class Policy:
    def __init__(self, name, work):
        self.name, self._work = name, work

    def step(self, _):
        self._work()
        return 0


@pytest.fixture
def stop():
    stop = threading.Event()
    yield stop
    stop.set()


def test_a_round_is_told_only_while_it_takes_too_long():
    now = [100.0]
    rounds = Rounds(lambda: now[0])
    now[0] += 59
    assert going(rounds, 60) == "ok"
    now[0] += 3
    assert going(rounds, 60) == "has been at one thing for 62 s"
    rounds.next()
    assert going(rounds, 60) == "ok"


def test_a_policy_whose_step_never_ends_is_named_and_one_with_nothing_to_do_is_not(
    stop, monkeypatch
):
    monkeypatch.setattr(policies, "ENDLESS_S", 2.0)
    idle, stuck = Policy("idle", lambda: None), Policy("stuck", stop.wait)
    threads, healths = start_policies([idle, stuck], stop)
    ready = policies.well(healths)
    assert ready() == {"policy idle": "ok", "policy stuck": "ok"}
    told = until(lambda: (found := ready())["policy stuck"] != "ok" and found, "its being told")
    assert told == {"policy idle": "ok", "policy stuck": "has been at one thing for 2 s"}
    stop.set()
    for thread in threads:
        thread.join()
