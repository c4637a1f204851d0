"""A clock that never goes back: what was put off by a second is due after two at the latest."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock


class Steady:
    """Follows a wall clock; while that is behind, it goes on at half its pace. Thread-safe."""

    def __init__(
        self, wall: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._now, self._at = wall(), monotonic()
        self._lock = Lock()

    def __call__(self) -> datetime:
        with self._lock:
            wall, at = self._wall(), self._monotonic()
            onwards = self._now + timedelta(seconds=(at - self._at) / 2)
            self._now, self._at = max(wall, onwards), at
            return self._now
