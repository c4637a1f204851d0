"""One page of a list: what its filters bind, and the statements that they make of the list's."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from sqlalchemy import Select, bindparam

from read_api.parameters import wrong_parameter
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
            used[filter_.name] = text
            binds |= values
        elif filter_.required:
            raise wrong_parameter(filter_.name, "is missing", "missing")
        names.append(tuple(values))
    return binds, used, tuple(names)


def page_of(
    endpoint: Many, names: Iterable[tuple[str, ...]], way: Way = "first"
) -> list[Select[Any]]:
    """The statement of a page under filters that bind these names, and those of what is beside.

    A page before another one is read backwards: its first row is the one next to the cursor.
    """
    statement, key, bound = endpoint.statement, endpoint.key, list(names)
    for filter_, its in zip(endpoint.filters, bound, strict=True):
        if its:
            statement = filter_.narrow(statement, its)
            key = key if filter_.key is None else filter_.key
    if endpoint.walked and (index := endpoint.walked([name for its in bound for name in its])):
        statement = statement.with_hint(endpoint.key.table, f"FORCE INDEX ({index})", "mysql")
    falling = endpoint.descending != (way == "before")
    if way != "first":
        last = bindparam("behind", type_=key.type)
        statement = statement.where(key < last if falling else key > last)
    page = statement.order_by(key.desc() if falling else key.asc()).limit(bindparam("page"))
    return [page, *(_beside(beside, page) for beside in endpoint.besides)]


def _beside(beside: Any, page: Select[Any]) -> Select[Any]:
    """Of the rows of that page only."""
    shown = page.with_only_columns(beside.of, maintain_column_froms=True).subquery("page")
    statement: Select[Any] = beside.statement
    return statement.join(shown, shown.c[beside.of.name] == beside.to)
