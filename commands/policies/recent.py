"""What was done a moment ago and may still look undone, because read models follow the store.

Only spares asking again; were it forgotten, the streams would answer that nothing is new.
"""

import time
from collections.abc import Hashable, Iterable
from typing import Final, TypeVar

KEPT_S: Final = 5.0
MOST_KEPT: Final = 50_000

Key = TypeVar("Key", bound=Hashable)


class Recent:
    def __init__(self, kept_s: float = KEPT_S) -> None:
        self._kept_s = kept_s
        self._done: dict[Hashable, float] = {}

    def new(self, keys: Iterable[Key]) -> list[Key]:
        """Those not met in the last seconds; they count as met from now on."""
        fresh = self.unmet(keys)
        self.meet(fresh)
        return fresh

    def unmet(self, keys: Iterable[Key]) -> list[Key]:
        """Those not met in the last seconds."""
        now = time.monotonic()
        return [key for key in keys if now - self._done.get(key, -self._kept_s) >= self._kept_s]

    def meet(self, keys: Iterable[Hashable]) -> None:
        """They count as met from now on."""
        now = time.monotonic()
        if len(self._done) > MOST_KEPT:
            self._done = {key: at for key, at in self._done.items() if now - at < self._kept_s}
        self._done |= dict.fromkeys(keys, now)
