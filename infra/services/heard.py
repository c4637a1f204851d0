"""A policy that works on what another process has stored, and is told of it."""

from datetime import datetime

from commands.policies.loop import Policy
from infra.bell import Ear


class Heard:
    """The policy, and its lookout."""

    def __init__(self, policy: Policy, ear: Ear) -> None:
        self._policy, self._ear, self.name = policy, ear, policy.name

    def step(self, now: datetime) -> int:
        self._ear.begin()
        done = self._policy.step(now)
        if done:
            self._ear.found()
        return done

    def wait(self, within_s: float) -> bool:
        self._ear.wait(within_s)
        return True
