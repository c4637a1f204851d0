"""The leases of one process's policies, renewed together: one commit instead of one for each.

A policy that has not asked for a while, because its step hangs, is left out.
"""

import threading
import time
from typing import Final

from commands.policies.turn import RENEW_AFTER_S
from infra.leases import Leases

LATELY_S: Final = 2 * RENEW_AFTER_S
OTHERS_S: Final = 0.25
"""How old may be what is known of the leases that others have."""


class SharedLeases:
    """As `Leases`, for one owner; by many threads."""

    def __init__(self, leases: Leases) -> None:
        self._leases, self._lock = leases, threading.Lock()
        self._asked: dict[str, tuple[int, float]] = {}
        """Name -> epoch, and when its policy asked last."""
        self._renewed: dict[str, float] = {}
        self._others, self._looked_at = set[str](), -OTHERS_S

    def acquire(self, name: str, owner: str, ttl_s: float) -> int | None:
        """Asks for what others do not hold anyway."""
        with self._lock:
            if time.monotonic() - self._looked_at >= OTHERS_S:
                self._others = self._leases.of_others(owner)
                self._looked_at = time.monotonic()
            if name in self._others:
                return None
        epoch = self._leases.acquire(name, owner, ttl_s)
        if epoch is not None:
            with self._lock:
                self._asked[name] = epoch, time.monotonic()
                self._renewed[name] = time.monotonic()
        return epoch

    def renew(self, name: str, owner: str, epoch: int, ttl_s: float) -> bool:
        """True, too, if it was renewed with others' a moment ago."""
        with self._lock:
            now = time.monotonic()
            self._asked[name] = epoch, now
            if now - self._renewed.get(name, -RENEW_AFTER_S) < RENEW_AFTER_S:
                return True
            held = {n: e for n, (e, at) in self._asked.items() if now - at < LATELY_S}
            kept = self._leases.renew_all(held, owner, ttl_s)
            self._renewed = dict.fromkeys(kept, now)
            self._asked = {n: asked for n, asked in self._asked.items() if n in kept}
            return name in kept

    def release(self, name: str, owner: str, epoch: int) -> bool:
        """Let the next one have it at once."""
        with self._lock:
            self._asked.pop(name, None)
            self._renewed.pop(name, None)
        return self._leases.release(name, owner, epoch)
