"""One page of a list: what its filters bind, and the statements that they make of the list's."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import Column, Select, bindparam

from read_api.parameters import wrong_parameter
from read_api.plans import BEHIND, Search
from read_api.query import Many
from read_api.shared_lists import Looks, Walk

Way = Literal["first", "after", "before"]
Sight = Literal["all", "few", "by_number", "by_looks"]
"""Who asks sees all (or the list is short), or some numbers: a page of each is read, if the database
can do that. If few rows are theirs, they may be walked through.
"""


class Edge(NamedTuple):
    """Where a page begins: at the list's beginning, or behind or before the row of a cursor."""

    way: Way
    cursor: str


def edge_of(endpoint: Many, given: Mapping[str, str]) -> Edge:
    """Problem 422 if both are asked for at once."""
    after, before = given.get("after", ""), given.get("before", "")
    if after and before:
        detail = "a page is either before a cursor or after one"
        raise wrong_parameter("before", detail, "range_invalid")
    if before and endpoint.both_ways:
        return Edge("before", before)
    return Edge("after", after) if after else Edge("first", "")


def narrowing(
    endpoint: Many, given: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str], tuple[tuple[str, ...], ...]]:
    """What the asked filters bind, the filters as given, and the names that each one binds."""
    binds: dict[str, Any] = {}
    used: dict[str, str] = {}
    names: list[tuple[str, ...]] = []
    for filter_ in endpoint.filters:
        text = given.get(filter_.name)
        values: Mapping[str, Any] = {}
        if text is not None:
            try:
                values = filter_.values(text)
            except ValueError as error:
                raise wrong_parameter(filter_.name, str(error)) from None
            used |= {filter_.name: text} if filter_.sealed else {}
            binds |= values
        elif filter_.required:
            raise wrong_parameter(filter_.name, "is missing", "missing")
        names.append(tuple(values))
    return binds, used, tuple(names)


def page_of(
    endpoint: Many,
    names: Iterable[tuple[str, ...]],
    way: Way = "first",
    sight: Sight = "all",
) -> list[Select[Any]]:
    """The statement of a page under filters that bind these names; a search has one more at times.

    A page before another one is read backwards: its first row is the one next to the cursor.
    """
    bound = list(names)
    if found := searched(endpoint, bound, way, sight):
        search, its = found
        others = search.others(its)
        page = search.page(_narrowed(endpoint, bound)[0], its)
        return [page, *(() if others is None else (others,))]
    statement, key = _narrowed(endpoint, bound)
    falling = endpoint.descending != (way == "before")
    if way != "first":
        last = bindparam(BEHIND, type_=key.type)
        statement = statement.where(key < last if falling else key > last)
    order = key.desc() if falling else key.asc()
    walk = _walk(endpoint, statement, bound, sight, falling=falling)
    if walk.parts or walk.each_number:
        statement = walk.rows(walk.first("page"))
    else:
        if walk.index:
            statement = statement.with_hint(key.table, f"FORCE INDEX ({walk.index})", "mysql")
        if endpoint.numbers is not None:
            statement = statement.where(endpoint.numbers.seen)
    return [statement.order_by(order).limit(bindparam("page"))]


def searched(
    endpoint: Many, names: Iterable[tuple[str, ...]], way: Way, sight: Sight = "all"
) -> tuple[Search, tuple[str, ...]] | None:
    """The search that takes this page over, if one is asked for, and what it is told."""
    bound = list(names)
    behind = () if way == "first" else (BEHIND,)
    for filter_, its in zip(endpoint.filters, bound, strict=True):
        if its and filter_.search is not None:
            return filter_.search, (*its, *behind)
    if endpoint.numbers is None or sight == "all" or _each_number(endpoint, bound, sight):
        return None
    statement, _ = _narrowed(endpoint, bound)
    return Looks(_walk(endpoint, statement, bound, sight)), behind


def _narrowed(endpoint: Many, bound: Sequence[Collection[str]]) -> tuple[Select[Any], Column[Any]]:
    """The list under its filters, and what it is in the order of."""
    statement, key = endpoint.statement, endpoint.key
    for filter_, its in zip(endpoint.filters, bound, strict=True):
        if its:
            statement = filter_.narrow(statement, its)
            key = key if filter_.key is None else filter_.key
    return statement, key


def _each_number(endpoint: Many, bound: Sequence[Collection[str]], sight: Sight) -> str | None:
    """The index by which a page of each number of the viewer is read, if it is."""
    numbers, names = endpoint.numbers, [name for its in bound for name in its]
    if numbers is None or sight not in ("few", "by_number"):
        return None
    return numbers.index(names) or (numbers.few(names) if numbers.few and sight == "few" else None)


def _walk(
    endpoint: Many,
    statement: Select[Any],
    bound: Sequence[Collection[str]],
    sight: Sight,
    *,
    falling: bool = True,
) -> Walk:
    names, where = [name for its in bound for name in its], statement.whereclause
    assert where is not None
    of_number = _each_number(endpoint, bound, sight)
    index = of_number or (endpoint.walked(names) if endpoint.walked else None)
    parts = endpoint.apart(names, index) if endpoint.apart else ()
    one = "account_id" in names
    return Walk(endpoint, where, index, parts, falling, of_number is not None, one)
