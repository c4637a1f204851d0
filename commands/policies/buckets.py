"""Rate limits as the provider keeps them: some at once, then one per interval.

Each is a single instant, the one by which everything taken is paid for. Times are seconds of a
monotonic clock, handed in.
"""

from typing import Final, Generic, Hashable, TypeVar  # noqa: UP035 - Hashable bounds a TypeVar

Key = TypeVar("Key", bound=Hashable)

PAIR_INTERVAL_S: Final = 6.0
PAIR_BURST: Final = 45
BURST_S: Final = 0.25
"""What may leave at once is a quarter of a second's worth, so that no second sees much more."""
PRUNE_AT: Final = 50_000


class Bucket:
    """`rate` a second on the long run, at most `burst` at once."""

    def __init__(self, rate: float, burst: float | None = None) -> None:
        self.rate = max(rate, 0.001)
        self._burst = max(1.0, self.rate * BURST_S if burst is None else burst)
        self._paid_at = 0.0

    @property
    def burst(self) -> int:
        return int(self._burst)

    def available(self, now: float) -> int:
        """How many may leave now."""
        debt = max(0.0, self._paid_at - now) * self.rate
        return max(0, int(self._burst - debt + 1e-6))

    def take(self, count: int, now: float) -> None:
        """They are leaving; the caller has asked `available` before."""
        self._paid_at = max(self._paid_at, now) + count / self.rate

    def wait_s(self, now: float) -> float:
        """How long until one may leave."""
        return max(0.0, self._paid_at - now - (self._burst - 1) / self.rate)


class Pairs(Generic[Key]):
    """One bucket per recipient of a number, and holds where the provider asked for patience."""

    def __init__(self, interval_s: float = PAIR_INTERVAL_S, burst: int = PAIR_BURST) -> None:
        self._interval_s, self._burst = interval_s, burst
        self._paid_at: dict[Key, float] = {}

    def take(self, key: Key, now: float) -> bool:
        """True when one more may go to that recipient now; a refusal costs nothing."""
        paid_at = max(self._paid_at.get(key, 0.0), now)
        if paid_at - now > (self._burst - 1) * self._interval_s + 1e-6:
            return False
        if len(self._paid_at) >= PRUNE_AT:
            self._paid_at = {k: at for k, at in self._paid_at.items() if at > now}
        self._paid_at[key] = paid_at + self._interval_s
        return True

    def hold(self, key: Key, seconds: float, now: float) -> None:
        """Nothing to that recipient for so long."""
        full = (self._burst - 1) * self._interval_s
        self._paid_at[key] = max(self._paid_at.get(key, 0.0), now + seconds + full)
