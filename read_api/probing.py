"""Which of several plans a page is found by, where that depends on how many rows match a filter.

All find the same rows, so what was found out is good for a while: an old answer costs time only.
"""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import Select

from read_api.plans import Plan
from read_api.query import Filter
from read_api.sharing import VIEWER
from read_api.source import Rows, Source, Values

KEPT: Final = 10_000
GOOD_S: Final = 30.0

Names = tuple[str, ...]


class Probes:
    """Has the filters of one list plan, and remembers it for each workspace and value."""

    def __init__(self, source: Source, filters: Sequence[Filter]) -> None:
        self._source, self._filters = source, filters
        self._known: dict[tuple[Any, ...], tuple[Any, float]] = {}
        self._prepared: dict[Select[Any], Any] = {}

    async def planned(
        self, names: tuple[Names, ...], binds: Values, *, anew: bool = False
    ) -> tuple[tuple[Names, ...], dict[str, Any]]:
        """The names that each filter binds, with those of its plan, and all that is bound."""
        out, more = list(names), dict(binds)
        for at, bound in enumerate(names):
            if bound and self._filters[at].plan is not None:
                its, values = await self._plan(at, bound, binds, anew=anew)
                out[at] = (*bound, *its)
                more |= values
        return tuple(out), more

    async def _plan(self, at: int, bound: Names, binds: Values, *, anew: bool) -> Plan:
        plan = self._filters[at].plan
        assert plan is not None
        key = (binds["workspace_id"], at, *(binds[name] for name in bound))
        asked = partial(plan, self._ask, bound, binds)
        made: Plan = await self._remembered(key, asked, anew=anew)
        return made

    async def count(self, statement: Select[Any], binds: Values) -> int:
        """The figure that this statement finds for the viewer."""
        key = (binds["workspace_id"], statement, binds[VIEWER])
        rows: Rows = await self._remembered(key, partial(self._ask, statement, binds))
        return int(rows[0][0])

    async def _remembered(
        self, key: tuple[Any, ...], ask: Callable[[], Awaitable[Any]], *, anew: bool = False
    ) -> Any:
        known, now = self._known.get(key), time.monotonic()
        if known and now < known[1] and not anew:
            return known[0]
        made = await ask()
        if len(self._known) >= KEPT:
            self._known.clear()
        self._known[key] = (made, now + GOOD_S)
        return made

    async def _ask(self, statement: Select[Any], values: Mapping[str, Any]) -> Rows:
        if statement not in self._prepared:
            self._prepared[statement] = self._source.prepare(statement)
        (rows,) = await self._source.ask((self._prepared[statement], values))
        return rows
