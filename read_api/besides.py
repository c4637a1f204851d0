"""What stands beside the rows of a page, read only for those rows that may have it.

What a whole list usually has few of is read with its page already.
"""

from collections.abc import Sequence
from itertools import compress
from operator import itemgetter
from typing import Any

from read_api.answers import Page
from read_api.beside import Beside
from read_api.columns import stored
from read_api.paging import Edge
from read_api.plans import KEYS
from read_api.query import Many
from read_api.source import Rows, Source, Values


class Besides:
    """Of one list: the statements, prepared once."""

    def __init__(self, source: Source, endpoint: Many) -> None:
        self._source, self._endpoint = source, endpoint
        self._of_rows = [source.prepare(beside.of_rows) for beside in endpoint.besides]
        self._of_list = {
            n: source.prepare(beside.of_list)
            for n, beside in enumerate(endpoint.besides)
            if beside.of_list is not None
        }

    def first(self, binds: Values) -> list[tuple[Any, Values]]:
        """What is asked with the page."""
        return [(statement, binds) for statement in self._of_list.values()]

    async def page(self, edge: Edge, limit: int, found: Sequence[Rows], binds: Values) -> Page:
        """The page of the rows that were found first; behind them is what was asked with it."""
        page = Page(self._endpoint, edge, limit, found[0])
        beside: dict[int, Rows] = {
            n: rows
            for n, rows in zip(self._of_list, found[1:], strict=True)
            if len(rows) < binds["page"]
        }
        asked = {
            n: (self._of_rows[n], {**binds, KEYS: keys})
            for n, one in enumerate(self._endpoint.besides)
            if n not in beside and (keys := self._keys(one, page.rows))
        }
        if asked:
            answers = await self._source.ask(*asked.values())
            beside |= zip(asked, answers, strict=True)
        return page._replace(beside=[beside.get(n, ()) for n in range(len(self._of_rows))])

    def _keys(self, beside: Beside, rows: Rows) -> list[Any]:
        """Of the rows that may have some."""
        names = self._endpoint.shape.names
        own, told = names.index(beside.of.name), [names.index(name) for name in beside.told]
        having = map(beside.has, *(map(itemgetter(n), rows) for n in told))
        keys = dict.fromkeys(compress(map(itemgetter(own), rows), having))
        return [stored(key, beside.of) for key in keys]
