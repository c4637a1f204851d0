"""How much of a number may be under way: what its rate lets through, and what the provider takes.

The window widens with answers and narrows with complaints; beside it some room is kept for replies.
"""

from typing import Final

from commands.policies.backoff import Backoff
from commands.policies.buckets import Bucket
from commands.policies.ports import Answer, Refused, Unknown

FIRST_WINDOW, LEAST_WINDOW, WIDEST_WINDOW = 32, 4, 256
WIDEN_BY: Final = 32
RESERVED: Final = 16
"""So many replies may be under way beside a full window, when the provider is slow to answer."""


class Flow:
    """Of one number. Times are seconds of a monotonic clock, handed in."""

    def __init__(self, rate: float, now: float) -> None:
        self._bucket, self._backoff = Bucket(rate, now), Backoff()
        self._window = FIRST_WINDOW

    def room(self, under_way: int, now: float, *, calm: bool) -> tuple[int, int]:
        """How many may be claimed now, and from how many on it is worth a commit."""
        allowed = self._backoff.allowed(now)
        if allowed is not None:
            return min(allowed - under_way, self._bucket.available(now)), 1
        # After a calm the first message goes at once; later ones wait for company.
        least = 1 if calm else max(1, min(self._window, self._bucket.burst) // 2)
        return min(self._window - under_way, self._bucket.available(now)), least

    def room_for_replies(self, under_way: int, now: float) -> int:
        """How many of them may pass campaigns that wait for the provider's answers."""
        if self._backoff.allowed(now) is not None:
            return 0
        return min(self._window + RESERVED - under_way, self._bucket.available(now))

    def wait_s(self, now: float) -> float:
        """How long until anything may leave."""
        return max(self._bucket.wait_s(now), self._backoff.wait_s(now))

    def take(self, count: int, rate: float, now: float) -> None:
        """So many are leaving, at what is the number's rate by now."""
        if rate != self._bucket.rate:
            self._bucket = Bucket(rate, now)
        self._bucket.take(count, now)

    def heed(self, answer: Answer, under_way: int, now: float) -> None:
        """What an answer means for what is claimed next."""
        match answer:
            case Refused(error_class="T"):
                self._backoff.throttled(now)
                self._window = max(self._window // 2, LEAST_WINDOW)
            case Refused(error_class="B") | Unknown():
                self._backoff.failed(now)
            case _:
                self._backoff.succeeded()
                if under_way >= self._window:
                    self._window = min(self._window + WIDEN_BY, WIDEST_WINDOW)
