"""Whether something that goes round and round still does: a round that never ends fails nowhere."""

import time
from collections.abc import Callable


class Rounds:
    """Told by who works, asked by others, in any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun_at = clock()

    def next(self) -> None:
        """One round is over, another begins."""
        self._begun_at = self._clock()

    @property
    def taking_s(self) -> float:
        """How long the present one has been under way."""
        return self._clock() - self._begun_at
