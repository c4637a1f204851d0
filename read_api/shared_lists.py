"""Lists put together: of a page of each part of them, or of each number that the viewer may see.

Who sees some numbers only does not walk past what is not theirs: where an index has the rows of
each number in order, a page of each is read; else some rows at a time are looked at.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    func,
    select,
    true,
    union_all,
)

from projections.people import number_shares
from read_api.found import LOOKS
from read_api.plans import BEHIND, WINDOW
from read_api.query import Many, by, in_workspace
from read_api.sharing import VIEWER, sees_any

_theirs: Final = number_shares.alias("theirs")


@dataclass(frozen=True)
class Walk:
    """How rows of a list are come by: by an index, of parts that it has in order."""

    endpoint: Many
    where: ColumnElement[bool]
    index: str | None
    parts: Sequence[ColumnElement[bool]] = ()
    falling: bool = True
    each_number: bool = False
    one_number: bool = False
    """A filter asks for one of them."""

    def first(self, most: str) -> Subquery:
        """The keys of the first rows, whose they are, and what they are in the order of."""
        key, limit = self.endpoint.key, bindparam(most)
        pages = [self._part(part, limit) for part in self.parts or (true(),)]
        if len(pages) == 1 and not self.each_number:
            return pages[0].subquery("parts")
        of_each = [self._of_each_number(page, n) for n, page in enumerate(pages)]
        together = union_all(*of_each).subquery("together")
        ordered = select(together).order_by(self._order(together.c[key.name]))
        return ordered.limit(limit).subquery("parts")

    def rows(self, first: Subquery) -> Select[Any]:
        """The list, of these rows only, and of what the viewer may see of them."""
        table, numbers = self.endpoint.key.table, self.endpoint.numbers
        same = [first.c[column.name] == column for column in table.primary_key.columns]
        rows = self.endpoint.statement.join(first, and_(*same))
        rows = rows if numbers is None else rows.where(numbers.seen)
        return rows.prefix_with("/*+ JOIN_PREFIX(parts) */", dialect="mysql")

    def _part(self, part: ColumnElement[bool], limit: Any) -> Select[Any]:
        key = self.endpoint.key
        columns = dict.fromkeys((*key.table.primary_key.columns, key))
        page = select(*columns).where(self.where, part).order_by(self._order(key)).limit(limit)
        if not self.index:
            return page
        return page.with_hint(key.table, f"FORCE INDEX ({self.index})", "mysql")

    def _of_each_number(self, page: Select[Any], n: int) -> Select[Any]:
        """The page, of each number that is shared with the viewer, if asked for so."""
        if not self.each_number:
            return select(page.subquery(f"part{n}"))
        number, key = self.endpoint.key.table.c.account_id, self.endpoint.key
        # MySQL sees that the index has them in order only if told of all of it.
        ordered = page.order_by(None).order_by(self._order(number), self._order(key))
        its = ordered.where(number == _theirs.c.account_id).correlate(_theirs)
        lateral = its.lateral(f"part{n}")
        pages = select(*lateral.c).select_from(_theirs.join(lateral, true()))
        pages = pages.where(in_workspace(_theirs), _theirs.c.user_id == bindparam(VIEWER))
        return pages.where(by(_theirs.c.account_id)) if self.one_number else pages

    def _order(self, key: ColumnElement[Any]) -> ColumnElement[Any]:
        return key.desc() if self.falling else key.asc()


class Looks:
    """A search for what the viewer may see, among the rows of a list in its order."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk

    def page(self, _statement: Select[Any], names: Collection[str]) -> Select[Any]:
        """Those of the rows looked at that are theirs."""
        key = self._walk.endpoint.key
        rows = self._walk.rows(self._looked(names)).add_columns(key.label("(order)"))
        return rows.order_by(key.desc()).limit(bindparam("page"))

    def looked_through(self, names: Collection[str]) -> Select[Any]:
        """How many were looked at, and which was the last of them."""
        looked = self._looked(names)
        last: Any = func.min(looked.c[self._walk.endpoint.key.name])
        return select(func.count(), last).select_from(looked)

    def others(self, _names: Collection[str]) -> None:
        """There is one plan only."""

    def looks(self, _names: Collection[str], page: int) -> Sequence[int]:
        """Most of what an agent asks for is theirs."""
        return (2 * page, *LOOKS)

    def windowed(self, _names: Collection[str]) -> bool:
        """A page is of what was looked at."""
        return True

    def _looked(self, names: Collection[str]) -> Subquery:
        key, where = self._walk.endpoint.key, and_(self._walk.where, sees_any())
        if BEHIND in names:
            where = and_(where, key < bindparam(BEHIND, type_=key.type))
        return replace(self._walk, where=where).first(WINDOW)
