"""Policies that have nothing to do are left alone until a look for all of them finds something."""

import threading
import time

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from commands.policies.loop import start_policies
from commands.policies.scout import Scout
from infra.services.parts import ReadSide, WriteSide
from infra.services.policies import RESTS, all_policies, pending
from infra.services.turns import SharedLeases
from infra.settings import Settings
from projections.wakeups import wakeups
from projections.workspaces import workspaces
from tests.stage import Stage


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


class Counting:
    def __init__(self, name, there):
        self.name, self.there, self.steps = name, there, 0

    def step(self, _):
        self.steps += 1
        return 0


class Running:
    """The policies beside a scout, as in their service."""

    def __init__(self, stage, *policies):
        scout = Scout(stage.read, {p.name: p.there for p in policies}, {})
        self._stop = threading.Event()
        rests = {policy.name: 0.001 for policy in policies}
        self._threads, self.healths = start_policies(
            policies, self._stop, rests=rests, lookouts=scout.lookouts()
        )
        self._threads.append(threading.Thread(target=scout.run, args=(self._stop,)))
        self._threads[-1].start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()


def test_only_those_for_whom_there_is_something_step(stage):
    idle = Counting("idle", select(wakeups.c.due_at).exists())
    busy = Counting("busy", select(workspaces.c.workspace_id).exists())
    with Running(stage, idle, busy):
        stage.await_(lambda: busy.steps > 10, "steps of the busy one")
        assert idle.steps <= 2


def test_what_no_look_can_see_is_looked_for_by_the_policy_itself(stage, monkeypatch):
    monkeypatch.setattr("commands.policies.loop.BLIND_S", 0.2)
    monkeypatch.setattr("commands.policies.loop.UPKEEP_S", 0.01)
    idle = Counting("idle", select(wakeups.c.due_at).exists())
    with Running(stage, idle):
        stage.await_(lambda: idle.steps > 3, "steps without any sign")


def test_while_nothing_can_be_seen_each_looks_by_itself_and_says_what_is_wrong(stage, monkeypatch):
    monkeypatch.setattr("commands.policies.scout.AWAY_S", 0.01)
    stage.read.dispose()
    with stage.read.begin() as connection:
        wakeups.drop(connection)
    looking = Counting("looking", select(wakeups.c.due_at).exists())
    with Running(stage, looking):
        stage.await_(lambda: looking.steps > 5, "steps")


def test_the_stop_does_not_wait_for_those_who_wait(stage, monkeypatch):
    monkeypatch.setattr("commands.policies.loop.UPKEEP_S", 60.0)
    idle = Counting("idle", select(wakeups.c.due_at).exists())
    with Running(stage, idle) as running:
        stage.await_(lambda: running.healths[0].steps, "its first step")
        stopping = time.monotonic()
    assert time.monotonic() - stopping < 30


def test_every_policy_with_a_sign_can_be_asked_for_and_has_none_when_all_is_done(stage):
    settings = Settings(store_url=stage.store_url, read_url=stage.read_url)
    parts = all_policies(WriteSide(settings), ReadSide(settings), settings, 1)
    asked = pending(parts)
    assert set(RESTS) <= {part.name for part in parts}
    assert len(asked) >= 12
    with stage.read.connect() as connection:
        statement = select(*(there.label(f"p{n}") for n, there in enumerate(asked.values())))
        found = connection.execute(statement, {"now": stage.clock()}).one()
    assert dict(zip(asked, found, strict=True)) == dict.fromkeys(asked, False)


def test_leases_are_renewed_together_and_one_that_was_lost_is_known_to_be(stage, monkeypatch):
    shared, names = SharedLeases(stage.leases), ["policy:a", "policy:b", "policy:c"]
    epochs = {name: shared.acquire(name, "one", 60) for name in names}
    monkeypatch.setattr("infra.services.turns.RENEW_AFTER_S", 0.0)
    assert stage.leases.release("policy:b", "one", epochs["policy:b"])
    assert shared.renew("policy:a", "one", epochs["policy:a"], 60)
    assert not shared.renew("policy:b", "one", epochs["policy:b"], 60)
    monkeypatch.undo()
    monkeypatch.setattr(stage.leases, "renew_all", _unreachable)
    assert shared.renew("policy:c", "one", epochs["policy:c"], 60), "it was renewed with the others"


def test_what_others_hold_is_not_asked_for_one_by_one(stage, monkeypatch):
    mine, theirs = SharedLeases(stage.leases), SharedLeases(stage.leases)
    assert theirs.acquire("policy:a", "two", 60) == 1
    assert mine.acquire("policy:a", "one", 60) is None
    with monkeypatch.context() as patched:
        patched.setattr(stage.leases, "acquire", _unreachable)
        assert mine.acquire("policy:a", "one", 60) is None
    assert theirs.release("policy:a", "two", 1)
    stage.await_(lambda: mine.acquire("policy:a", "one", 60) == 2, "its turn")


def _unreachable(*_):
    raise OperationalError("asked", None, Exception("though it was known"))
