"""Rate limits as the provider keeps them: some at once, then one per interval.

Each is a single instant, the one by which everything taken is paid for. Times are seconds of a
monotonic clock, handed in.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

PAIR_INTERVAL_S: Final = 6.0
PAIR_BURST: Final = 40
"""The provider lets 45 through; the rest is for what a successor cannot know: see `Pairs`."""
BURST_S: Final = 0.25
"""What may leave at once is a quarter of a second's worth, so that no second sees much more."""
UNSAVED: Final = 5
"""Debts of up to so many messages are not stored: a successor takes everybody to owe as much."""
PRUNE_AT: Final = 50_000


class Bucket:
    """`rate` a second on the long run, at most `burst` at once; empty at `now`.

    It begins empty, as if its predecessor had just sent all it may. So whoever sent from the number
    before, no window of any length sees more than its share of the rate and one burst.
    """

    def __init__(self, rate: float, now: float, burst: float | None = None) -> None:
        self.rate = max(rate, 0.001)
        self._burst = max(1.0, self.rate * BURST_S if burst is None else burst)
        self._paid_at = now + self._burst / self.rate

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


class Pairs:
    """One bucket per recipient of a number, and holds where the provider asked for patience.

    `owed` are the seconds that a predecessor has left behind; who is not among them may still owe
    what was too little to be stored. A first message on top of that is not stored either, so each
    change of hands within half a minute may add one message to the burst, and nothing else does.
    """

    def __init__(
        self,
        now: float,
        owed: Mapping[bytes, float],
        interval_s: float = PAIR_INTERVAL_S,
        burst: int = PAIR_BURST,
    ) -> None:
        self._interval_s, self._burst = interval_s, burst
        self._unsaved_s = min(UNSAVED, burst - 1) * interval_s
        self._assumed = now + self._unsaved_s
        self._paid_at = {key: now + max(s, self._unsaved_s) for key, s in owed.items()}
        self._grown: set[bytes] = set()

    def take(self, to: str, now: float) -> bool:
        """True when one more may go to that recipient now; a refusal costs nothing."""
        key = _key(to)
        paid_at = max(self._paid_at.get(key, self._assumed), now)
        if paid_at - now > (self._burst - 1) * self._interval_s + 1e-6:
            return False
        if len(self._paid_at) >= PRUNE_AT:
            self._paid_at = {k: at for k, at in self._paid_at.items() if at > now}
        self._set(key, paid_at + self._interval_s, now)
        return True

    def hold(self, to: str, seconds: float, now: float) -> None:
        """Nothing to that recipient for so long."""
        key, full = _key(to), (self._burst - 1) * self._interval_s
        self._set(key, max(self._paid_at.get(key, 0.0), now + seconds + full), now)

    def grown(self, now: float) -> dict[bytes, float]:
        """What is owed by now where it has grown since the last asking and must be stored."""
        grown, self._grown = self._grown, set()
        return {key: owed for key in grown if (owed := self._paid_at.get(key, now) - now) > 0}

    def _set(self, key: bytes, paid_at: float, now: float) -> None:
        self._paid_at[key] = paid_at
        if paid_at - now > self._unsaved_s and paid_at > self._assumed + self._interval_s:
            self._grown.add(key)


def _key(to: str) -> bytes:
    return blake2b(to.encode(), digest_size=16).digest()
