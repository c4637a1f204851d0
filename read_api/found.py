"""Search by how words begin, in a table of words. It has one of three plans.

`in_order`: a term begins few different words, and the table has what they are words of in the
list's order: that is looked at, and where its bits may tell of the other terms, these are looked for
in its own text. `few`: all that
the rarest term finds is sorted. `walk`: neither is so, and the list itself is gone through.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    Subquery,
    Table,
    and_,
    bindparam,
    func,
    or_,
    select,
    union_all,
)

from read_api.plans import BEHIND, WINDOW, Ask, Plan
from read_api.query import in_workspace

MOST_WORDS: Final = 6
FEW: Final = 3000
COUNTED: Final = 6000
"""Up to here it is told which of two terms is the rarer one."""
DIFFERENT: Final = 4
"""Words that a term may begin, for their things to be looked at in their order."""
LOOKS: Final = (400, 1600, 4000)
"""How many things a search of several terms looks at, from one look to the next."""
BITS: Final = "bits"
"""Binds what is told of all terms, under the name of its column."""
Names = Collection[str]


@dataclass(frozen=True, eq=False)
class Found:
    """Things, the table of their words, and how the two belong together.

    `order` is what lists of the things are in the order of; the words have it under its name, and
    in `same` what says whose they are. `own` is the text of a thing's own words. `shown` are those
    of the things that a walk by the index `walked` looks at.
    """

    things: Table
    words: Table
    order: str
    same: tuple[str, ...]
    own: ColumnElement[Any]
    walked: str
    shown: tuple[ColumnElement[bool], ...]

    def begins(self, n: int) -> ColumnElement[bool]:
        """The words that begin like the n-th of the search."""
        word: ColumnElement[bool] = self.words.c.word.between(
            bindparam(f"word{n}"), bindparam(f"word{n}_end")
        )
        return in_workspace(self.words) & word

    @cached_property
    def _counted(self) -> list[Select[Any]]:
        """How many rows the words of each term have."""
        some = (select(self.words.c.word).where(self.begins(n)) for n in range(MOST_WORDS))
        return [
            select(func.count()).select_from(one.limit(COUNTED).subquery("counted")) for one in some
        ]

    @cached_property
    def _next(self) -> list[Select[Any]]:
        """The first word of each term behind the last one."""
        word = self.words.c.word
        one = select(word).where(word > bindparam("last")).order_by(word).limit(1)
        return [one.where(self.begins(n)) for n in range(MOST_WORDS)]

    async def plan(self, ask: Ask, names: Names, binds: Mapping[str, Any]) -> Plan:
        """The cheapest one: how often terms are met is looked at, and which words they begin."""
        terms = range(_count(names))
        counts = [(await ask(self._counted[term], binds))[0][0] for term in terms]
        for term in sorted(terms, key=counts.__getitem__):
            words: list[str] = []
            while counts[term] and len(words) <= DIFFERENT:
                last = {"last": words[-1] if words else ""}
                found = await ask(self._next[term], {**binds, **last})
                if not found:
                    break
                words.append(found[0][0])
            if 0 < len(words) <= DIFFERENT:
                return _told("in_order", term, words)
            if counts[term] <= FEW:
                return _told("few", term)
        return _told("walk")

    def others(self, names: Names) -> Select[Any] | None:
        """A word that has come since the plan was made, and that it would miss."""
        kind, term, words = _plan(names)
        if kind != "in_order":
            return None
        word = self.words.c.word
        lead: list[Any] = [bindparam(f"lead{n}") for n in range(words)]
        gaps = [word < lead[0], *(and_(word > a, word < b) for a, b in pairwise(lead))]
        return select(word).where(self.begins(term), or_(*gaps, word > lead[-1])).limit(1)

    def windowed(self, names: Names) -> bool:
        """Whether a page is of what was looked at, which need not be everything."""
        return _plan(names)[0] != "few"

    def looks(self, names: Names, page: int) -> Sequence[int]:
        """How many things are looked at, from one look to the next. One term misses few."""
        return LOOKS if _count(names) > 1 else (2 * page, *LOOKS)

    def hits(self, names: Names) -> Subquery:
        """What is looked at, once for each thing."""
        kind, term, words = _plan(names)
        table: Table = self.things if kind == "walk" else self.words
        # Of the things themselves, the first of them is their key.
        same = self.same[:1] if kind == "walk" else self.same
        order: Column[Any] = table.c[self.order]
        one = select(*(table.c[name] for name in dict.fromkeys((self.order, *same))))
        if kind == "few":
            told = one.where(self.begins(term), _told_of(table))
            return told.distinct().subquery("hits")
        if BEHIND in names:
            one = one.where(order < bindparam(BEHIND, type_=order.type))
        latest = one.where(in_workspace(table)).order_by(order.desc()).limit(bindparam(WINDOW))
        if kind == "walk":
            latest = latest.where(*self.shown)
            return latest.with_hint(table, f"FORCE INDEX ({self.walked})", "mysql").subquery("hits")
        latest = latest.add_columns(table.c[BITS])
        each = [latest.where(self.words.c.word == bindparam(f"lead{n}")) for n in range(words)]
        if len(each) == 1:
            return each[0].subquery("hits")
        parts = [part.subquery(f"of_lead{n}") for n, part in enumerate(each)]
        together = union_all(*(select(part) for part in parts)).subquery("together")
        once = [column for column in together.c if column.name != BITS]
        bits = func.max(together.c[BITS]).label(BITS)
        found = select(*once, bits).group_by(*once).order_by(together.c[self.order].desc())
        return found.limit(bindparam(WINDOW)).subquery("hits")

    def page(self, statement: Select[Any], names: Names) -> Select[Any]:
        """Those of the hits in which all terms are found, in the order of the hits."""
        hits = self.hits(names)
        order = hits.c[self.order]
        if BEHIND in names and not self.windowed(names):
            statement = statement.where(order < bindparam(BEHIND, type_=order.type))
        same = [hits.c[name] == self.things.c[name] for name in self.same if name in hits.c]
        statement = statement.join(hits, and_(*same))
        if BITS in hits.c:
            statement = statement.where(_told_of(hits))
        for n in range(_count(names)):
            statement = statement.where(func.instr(self.own, bindparam(f"term{n}")) > 0)
        return (
            statement.add_columns(order.label("(order)"))
            .order_by(order.desc())
            .limit(bindparam("page"))
            .prefix_with("/*+ JOIN_PREFIX(hits) */", dialect="mysql")
        )

    def looked_through(self, names: Names) -> Select[Any]:
        """How many were looked at, and which was the last of them."""
        hits = self.hits(names)
        last: Any = func.min(hits.c[self.order])
        return select(func.count(), last)


def _told_of(table: Any) -> ColumnElement[bool]:
    """Where all terms may be among the words."""
    bits: ColumnElement[bool] = table.c[BITS].op("&")(bindparam(BITS)) == bindparam(BITS)
    return bits


def _told(kind: str, term: int = 0, words: Sequence[str] = ()) -> Plan:
    """What tells statements of a plan apart, and the words that they bind."""
    binds = {f"lead{n}": word for n, word in enumerate(words)}
    return (f"({kind} {term} {len(words)})",), binds


def _count(names: Names) -> int:
    return sum(name.startswith("term") for name in names)


def _plan(names: Names) -> tuple[str, int, int]:
    (said,) = (name for name in names if name.startswith("("))
    kind, term, words = said.strip("()").split()
    return kind, int(term), int(words)
