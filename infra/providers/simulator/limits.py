"""Rate limits as the Cloud API keeps them: a burst that may be borrowed, then a steady rate."""


class RateLimit:
    """One number per key: the time at which everything borrowed is paid back (GCRA)."""

    PRUNE_AT = 100_000

    def __init__(self) -> None:
        self._paid_at: dict[str, float] = {}

    def take(self, key: str, now: float, interval_s: float, burst: float) -> bool:
        """True when one more is allowed now; refused attempts cost nothing."""
        paid_at = max(self._paid_at.get(key, 0.0), now)
        # A hair of tolerance, or rounding would refuse the last of a full burst.
        if paid_at - now > (burst - 1) * interval_s + 1e-9:
            return False
        if len(self._paid_at) >= self.PRUNE_AT:
            self._paid_at = {k: t for k, t in self._paid_at.items() if t > now}
        self._paid_at[key] = paid_at + interval_s
        return True
