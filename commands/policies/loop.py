"""Runs policies side by side, each in a thread of its own, none able to stop another."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, Protocol

from commands.policies.rounds import Rounds
from commands.policies.turn import Turn
from commands.store import StoreUnavailable

SHORTEST_IDLE_S: Final = 0.005
LONGEST_IDLE_S: Final = 0.1
"""Unless more is said of a policy."""
GATHER_S: Final = 0.02
"""After some work the next is let gather: many small commits cost more than one. So long, unless
more is said of a policy."""
BLIND_S: Final = 30.0
"""What no lookout sees is looked for so often."""
UPKEEP_S: Final = 1.0
"""Whoever waits for its lookout shows so often that it is there."""
STANDBY_S: Final = 0.25
"""While it is another process's turn."""
FIRST_BACKOFF_S: Final = 0.2
LONGEST_BACKOFF_S: Final = 10.0

log = logging.getLogger("blazz.policies")


class Policy(Protocol):
    """Does what is to be done now, as far as the read models show it."""

    @property
    def name(self) -> str: ...

    def step(self, now: datetime) -> int:
        """How much it did; 0 when there was nothing to do."""


class Health:
    """How a policy fares, for metrics. Written by its thread, read by others."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.steps = self.done = self.failures = self.failures_in_a_row = 0
        self.last_error = ""
        self.rounds = Rounds()


class Lookout(Protocol):
    """Knows for less than a step costs whether a step may find something to do."""

    def wait(self, within_s: float) -> bool:
        """True as soon as it may; False if it has not been so for that long."""


def start_policies(
    policies: Sequence[Policy],
    stop: threading.Event,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    turn: Callable[[str], Turn] | None = None,
    rests: Mapping[str, float] | None = None,
    lookouts: Mapping[str, Lookout] | None = None,
    gathers: Mapping[str, float] | None = None,
) -> tuple[list[threading.Thread], list[Health]]:
    """Threads that run until `stop`; a step under way is finished first.

    With `turn`, each policy works only while it is its turn in this process. `rests` are the
    seconds after which one that had nothing to do looks again at the latest; one with a lookout
    waits for that, too. `gathers` are those after which one that had something to do goes on.
    """
    healths = [Health(policy.name) for policy in policies]
    rests, lookouts, gathers = rests or {}, lookouts or {}, gathers or {}
    threads = []
    for policy, health in zip(policies, healths, strict=True):
        name = policy.name
        pauses = _Pauses(
            stop,
            rests.get(name, LONGEST_IDLE_S),
            gathers.get(name, GATHER_S),
            lookouts.get(name),
        )
        work = policy, health, stop, clock, turn(name) if turn else None, pauses
        threads.append(threading.Thread(target=_run, args=work, name=f"policy-{name}"))
    for thread in threads:
        thread.start()
    return threads, healths


def _run(
    policy: Policy,
    health: Health,
    stop: threading.Event,
    clock: Callable[[], datetime],
    turn: Turn | None,
    pauses: "_Pauses",
) -> None:
    while not stop.is_set():
        health.rounds.next()
        try:
            ours = turn is None or turn.ours()
            stepping = ours and pauses.over()
            done = policy.step(clock()) if stepping else 0
        except StoreUnavailable as error:
            log.warning("policy %s waits for the store: %s", policy.name, error)
            stop.wait(_failed(health, error))
            continue
        except Exception as error:
            log.exception("policy %s failed", policy.name)
            stop.wait(_failed(health, error))
            continue
        health.steps, health.done = health.steps + stepping, health.done + done
        health.failures_in_a_row = 0
        pauses.wait(done, ours=ours)
    if turn is not None:
        _end(turn, policy.name)


class _Pauses:
    """Those of one policy between its steps."""

    def __init__(
        self, stop: threading.Event, longest_s: float, gather_s: float, lookout: Lookout | None
    ) -> None:
        self._stop, self._lookout = stop, lookout
        self._longest_s, self._gather_s = longest_s, gather_s
        self._idle_s, self._stepped_at, self._worth = SHORTEST_IDLE_S, 0.0, True

    def over(self) -> bool:
        """Whether to step now, which is then taken to be done."""
        if not self._worth and time.monotonic() - self._stepped_at < BLIND_S:
            return False
        self._stepped_at, self._worth = time.monotonic(), True
        return True

    def wait(self, done: int, *, ours: bool) -> None:
        if not ours:
            self._stop.wait(STANDBY_S)
            return
        if done:
            self._idle_s = SHORTEST_IDLE_S
            self._stop.wait(self._gather_s)
            return
        if self._worth:
            self._idle_s = min(self._idle_s * 2, self._longest_s)
            self._stop.wait(self._idle_s)
        rested = self._idle_s == self._longest_s
        if rested and self._lookout is not None and not self._stop.is_set():
            self._worth = self._lookout.wait(UPKEEP_S)


def _end(turn: Turn, name: str) -> None:
    try:
        turn.end()
    except Exception:
        log.exception("the turn of policy %s ends by itself", name)


def _failed(health: Health, error: Exception) -> float:
    """Counts it; how long to wait before the next step."""
    health.failures += 1
    health.failures_in_a_row += 1
    health.last_error = f"{type(error).__name__}: {error}"
    doublings = min(health.failures_in_a_row - 1, 10)
    return min(FIRST_BACKOFF_S * float(2**doublings), LONGEST_BACKOFF_S)
