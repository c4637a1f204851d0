"""Which of two plans a page is found by, where that depends on how many rows match a filter.

Both find the same rows, so what was found out is good for a while: an old answer costs time only.
"""

import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from read_api.query import DENSE, Filter
from read_api.source import Source, Values

KEPT: Final = 10_000
GOOD_S: Final = 30.0
STATEMENTS_KEPT: Final = 64

Names = tuple[str, ...]


class Probes:
    """Asks the filters of one list, and remembers their answers for each workspace and value."""

    def __init__(self, source: Source, filters: Sequence[Filter]) -> None:
        self._source, self._filters = source, filters
        self._known: dict[tuple[Any, ...], tuple[bool, float]] = {}
        self._statement = lru_cache(STATEMENTS_KEPT)(self._prepared)

    async def marked(self, names: tuple[Names, ...], binds: Values) -> tuple[Names, ...]:
        """The names that each filter binds, with DENSE where very many rows match it."""
        out = list(names)
        for at, bound in enumerate(names):
            if (
                bound
                and self._filters[at].probe is not None
                and await self._dense(at, bound, binds)
            ):
                out[at] = (*bound, DENSE)
        return tuple(out)

    async def _dense(self, at: int, bound: Names, binds: Values) -> bool:
        key = (binds["workspace_id"], at, *(binds[name] for name in bound))
        dense, until = self._known.get(key, (False, 0.0))
        now = time.monotonic()
        if now < until:
            return dense
        (found,) = await self._source.ask((self._statement(at, bound), binds))
        if len(self._known) >= KEPT:
            self._known.clear()
        self._known[key] = (bool(found), now + GOOD_S)
        return bool(found)

    def _prepared(self, at: int, bound: Names) -> Any:
        probe = self._filters[at].probe
        assert probe is not None
        return self._source.prepare(probe(bound))
