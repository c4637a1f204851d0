"""Whose turn a policy is: of several processes that have it, one works and the others stand by.

Two at once would do no harm, only the same work twice, so nothing is fenced: a lease kept up while
the policy steps is enough, and when its owner dies the next one goes on in `TURN_S`.
"""

import time
from typing import Final

from commands.policies.ports import Leases

TURN_S: Final = 4.0
RENEW_AFTER_S: Final = 2.0
ASK_EVERY_S: Final = 0.5


class Turn:
    """That of one policy in one process; used by one thread."""

    def __init__(self, leases: Leases, policy: str, owner: str) -> None:
        self._leases, self._name, self._owner = leases, f"policy:{policy}", owner
        self._epoch: int | None = None
        self._asked_at = -TURN_S

    def ours(self) -> bool:
        """Whether to work now. Asks the database now and then."""
        now = time.monotonic()
        if self._epoch is not None and now - self._asked_at >= RENEW_AFTER_S:
            self._asked_at = now
            if not self._leases.renew(self._name, self._owner, self._epoch, TURN_S):
                self._epoch = None
        if self._epoch is None and now - self._asked_at >= ASK_EVERY_S:
            self._asked_at = now
            self._epoch = self._leases.acquire(self._name, self._owner, TURN_S)
        return self._epoch is not None

    def end(self) -> None:
        """Another may have it at once."""
        if self._epoch is not None:
            self._leases.release(self._name, self._owner, self._epoch)
            self._epoch = None
