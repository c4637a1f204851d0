"""The pages of one list: their statements, prepared once, and the rows that they find.

A search looks at things in their order, some at a time, until a page is full. What words have in
common may be far between: it ends after a while, and says where the next page begins.
"""

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any

from read_api.answers import Page
from read_api.besides import Besides
from read_api.columns import stored
from read_api.found import FEW
from read_api.paging import Edge, Sight, Way, page_of, searched
from read_api.plans import BEHIND, WINDOW
from read_api.probing import Probes
from read_api.query import Many
from read_api.source import Rows, Source, Values

PAGES_KEPT = 256
"""Of each list: one for every set of filters in use, however many words a search has."""
Names = tuple[tuple[str, ...], ...]


class Listing:
    """Finds pages of one list."""

    def __init__(self, source: Source, endpoint: Many) -> None:
        self._source, self._endpoint = source, endpoint
        self._probes = Probes(source, endpoint.filters)
        self._besides = Besides(source, endpoint)
        self._searched = lru_cache(PAGES_KEPT)(partial(searched, endpoint))
        self._page = lru_cache(PAGES_KEPT)(self._prepared_page)
        self._looked = lru_cache(PAGES_KEPT)(self._prepared_looked)

    def _prepared_page(self, names: Names, way: Way, sight: Sight) -> list[Any]:
        return [self._source.prepare(one) for one in page_of(self._endpoint, names, way, sight)]

    def _prepared_looked(self, names: Names, way: Way, sight: Sight) -> Any:
        search, its = self._searched(names, way, sight) or (None, ())
        assert search is not None
        return self._source.prepare(search.looked_through(its))

    async def _sight(self, names: Names, binds: Values) -> Sight:
        """How the viewer's rows are come by; what is few is found out only if it matters."""
        numbers = self._endpoint.numbers
        if binds["sees_all"] or numbers is None:
            return "all"
        if not self._source.lateral:
            return "by_looks"
        if numbers.count is None or numbers.index([name for its in names for name in its]):
            return "by_number"
        return "few" if await self._probes.count(numbers.count, binds) <= FEW else "by_number"

    async def find(
        self, names: Names, binds: Values, edge: Edge, limit: int, *beside: tuple[Any, Values]
    ) -> tuple[Page, list[Rows]]:
        """The page whose filters bind these names, and the rows of what is asked `beside` it."""
        binds, sight = {**binds, "page": limit + 1}, await self._sight(names, binds)
        for anew in (False, True):
            its, bound = await self._probes.planned(names, binds, anew=anew)
            search, told = self._searched(its, edge.way, sight) or (None, ())
            looks = [] if search is None else [*search.looks(told, limit + 1)]
            bound |= {WINDOW: looks[0]} if looks else {}
            asked = ((one, bound) for one in self._page(its, edge.way, sight))
            found = await self._source.ask(*beside, *asked, *self._besides.first(bound))
            others, rows = found[: len(beside)], found[len(beside) :]
            if search is None:
                return await self._besides.page(edge, limit, rows, bound), others
            if not any(rows[1:]):  # else the plan is made of other words than there are now
                break
        assert search is not None
        seen = None
        if search.windowed(told):
            rows[0], seen = await self._look_on(rows[0], its, bound, looks[1:], sight)
        return Page(self._endpoint, edge, limit, rows[0], (), seen, sought=True), others

    async def _look_on(
        self, first: Rows, names: Names, bound: Values, looks: Sequence[int], sight: Sight
    ) -> tuple[Rows, Any]:
        """All rows of the page whose first look found `first`; and, if there is more to look at
        than was looked at, the key up to which it was.
        """
        rows, values = list(first), dict(bound)
        wanted: int = values["page"]
        way: Way = "after" if BEHIND in values else "first"
        for look in (*looks, 0):
            if len(rows) >= wanted:
                return rows, None
            (looked,) = await self._source.ask((self._looked(names, way, sight), values))
            ((count, last),) = looked
            if count < values[WINDOW]:
                return rows, None
            # What came meanwhile has moved what is looked at: nothing is shown twice for that.
            behind = min(last, rows[-1][-1]) if rows else last
            values |= {BEHIND: stored(behind, self._endpoint.key), WINDOW: look}
            values["page"], way = wanted - len(rows), "after"
            if look:
                (more,) = await self._source.ask((self._page(names, way, sight)[0], values))
                rows += more
        return rows, values[BEHIND]
