"""One page of a list: what its filters bind, and the statements that they make of the list's."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, select, union_all

from read_api.parameters import wrong_parameter
from read_api.plans import BEHIND, Search
from read_api.query import Many

Way = Literal["first", "after", "before"]


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
    endpoint: Many, names: Iterable[tuple[str, ...]], way: Way = "first"
) -> list[Select[Any]]:
    """The statement of a page under filters that bind these names; a search has one more at times.

    A page before another one is read backwards: its first row is the one next to the cursor.
    """
    statement, key, bound = endpoint.statement, endpoint.key, list(names)
    for filter_, its in zip(endpoint.filters, bound, strict=True):
        if its:
            statement = filter_.narrow(statement, its)
            key = key if filter_.key is None else filter_.key
    if found := searched(endpoint, bound, way):
        search, its = found
        others = search.others(its)
        return [search.page(statement, its), *(() if others is None else (others,))]
    all_names = [name for its in bound for name in its]
    index = endpoint.walked(all_names) if endpoint.walked else None
    falling = endpoint.descending != (way == "before")
    if way != "first":
        last = bindparam(BEHIND, type_=key.type)
        statement = statement.where(key < last if falling else key > last)
    order = key.desc() if falling else key.asc()
    parts = endpoint.apart(all_names) if endpoint.apart else ()
    if parts:
        statement = _of_each(endpoint, statement, parts, order, str(index))
    elif index:
        statement = statement.with_hint(key.table, f"FORCE INDEX ({index})", "mysql")
    return [statement.order_by(order).limit(bindparam("page"))]


def searched(
    endpoint: Many, names: Iterable[tuple[str, ...]], way: Way
) -> tuple[Search, tuple[str, ...]] | None:
    """The search that takes this page over, if one is asked for, and what it is told."""
    for filter_, its in zip(endpoint.filters, names, strict=True):
        if its and filter_.search is not None:
            return filter_.search, its if way == "first" else (*its, BEHIND)
    return None


def _of_each(
    endpoint: Many,
    statement: Select[Any],
    parts: Sequence[ColumnElement[bool]],
    order: ColumnElement[Any],
    index: str,
) -> Select[Any]:
    """The list, of a page of each part: every part lies in its order in the index."""
    table, where = endpoint.key.table, statement.whereclause
    assert where is not None
    keys = list(table.primary_key.columns)
    pages = [
        select(*keys)
        .where(where, part)
        .with_hint(table, f"FORCE INDEX ({index})", "mysql")
        .order_by(order)
        .limit(bindparam("page"))
        .subquery(f"part{n}")
        for n, part in enumerate(parts)
    ]
    together = union_all(*(select(page) for page in pages)).subquery("parts")
    same = [together.c[column.name] == column for column in keys]
    return endpoint.statement.join(together, and_(*same)).prefix_with(
        "/*+ JOIN_PREFIX(parts) */", dialect="mysql"
    )
