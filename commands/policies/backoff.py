"""When to leave a number alone because the provider throttles it or is away.

Closed while answers come; a throttle, or several failures to reach the provider in a row, open it
for a time that doubles. After that a single message tries; its success closes it again.
"""

from typing import Final

FIRST_S: Final = 0.25
LONGEST_S: Final = 60.0
FAILURES_TO_OPEN: Final = 5


class Backoff:
    """Times are seconds of a monotonic clock, handed in."""

    def __init__(self) -> None:
        self._until, self._pause_s, self._failures = 0.0, 0.0, 0

    def allowed(self, now: float) -> int | None:
        """None: as many as you like; else how many may be tried now."""
        if not self._pause_s:
            return None
        return 0 if now < self._until else 1

    def wait_s(self, now: float) -> float:
        """How long until something may be tried."""
        return max(0.0, self._until - now)

    def succeeded(self) -> None:
        """An answer other than a throttle or an absence came."""
        self._failures, self._pause_s = 0, 0.0

    def failed(self, now: float) -> None:
        """The provider could not be reached or had no answer."""
        self._failures += 1
        if self._failures >= FAILURES_TO_OPEN or self._pause_s:
            self.throttled(now)

    def throttled(self, now: float) -> None:
        """Answers to what left before the pause began do not lengthen it."""
        if now >= self._until:
            self._pause_s = min(max(FIRST_S, self._pause_s * 2), LONGEST_S)
            self._until = now + self._pause_s
