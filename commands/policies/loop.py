"""Runs policies side by side, each in a thread of its own, none able to stop another."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, Protocol

from commands.policies.turn import Turn
from commands.store import StoreUnavailable

SHORTEST_IDLE_S: Final = 0.005
LONGEST_IDLE_S: Final = 0.1
"""Unless more is said of a policy."""
GATHER_S: Final = 0.02
"""After some work the next is let gather: many small commits cost more than one."""
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


def start_policies(
    policies: Sequence[Policy],
    stop: threading.Event,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    turn: Callable[[str], Turn] | None = None,
    rests: Mapping[str, float] | None = None,
) -> tuple[list[threading.Thread], list[Health]]:
    """Threads that run until `stop`; a step under way is finished first.

    With `turn`, each policy works only while it is its turn in this process. `rests` are the
    seconds after which one that had nothing to do looks again at the latest.
    """
    healths, rests = [Health(policy.name) for policy in policies], rests or {}
    threads = [
        threading.Thread(
            target=_run,
            args=(
                policy,
                health,
                stop,
                clock,
                turn(policy.name) if turn else None,
                rests.get(policy.name, LONGEST_IDLE_S),
            ),
            name=f"policy-{policy.name}",
        )
        for policy, health in zip(policies, healths, strict=True)
    ]
    for thread in threads:
        thread.start()
    return threads, healths


def _run(
    policy: Policy,
    health: Health,
    stop: threading.Event,
    clock: Callable[[], datetime],
    turn: Turn | None,
    longest_idle_s: float,
) -> None:
    idle_s = SHORTEST_IDLE_S
    while not stop.is_set():
        try:
            done = policy.step(clock()) if turn is None or turn.ours() else 0
        except StoreUnavailable as error:
            log.warning("policy %s waits for the store: %s", policy.name, error)
            stop.wait(_failed(health, error))
            continue
        except Exception as error:
            log.exception("policy %s failed", policy.name)
            stop.wait(_failed(health, error))
            continue
        health.steps, health.done = health.steps + 1, health.done + done
        health.failures_in_a_row = 0
        idle_s = min(idle_s * 2, longest_idle_s) if not done else SHORTEST_IDLE_S
        stop.wait(GATHER_S if done else idle_s)
    if turn is not None:
        _end(turn, policy.name)


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
