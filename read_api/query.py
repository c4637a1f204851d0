"""An endpoint is a path and a statement. One that could cross workspaces is refused when it is
declared, so such a route does not start.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Select, bindparam

from domain.access import Permission
from projections.projection import Projection
from read_api.beside import Beside
from read_api.columns import Shape, shape_of
from read_api.plans import Ask, Plan, Search
from read_api.sharing import insist_bound

DENSE = "(dense)"
Apart = Callable[[Collection[str], str | None], Sequence[ColumnElement[bool]]]
"""Conditions, of what the filters in use bind and of the index that is walked."""


class Filter(NamedTuple):
    """A query parameter that narrows a list: its schema, and what it adds to the statement.

    `values` reads the parameter (ValueError says what is wrong with it) into what is bound, and
    `narrow` adds the conditions that bind these names; without any the list stays as it is. `key`
    has the values of the list's key where the rows come in their order, if not in the list's own.
    `plan` looks at what is behind what is bound, and says which further names `narrow` is told, and
    what these bind. A `search` takes the list over.
    One that is not `sealed` says where the first page begins: cursors lead beyond it.
    """

    name: str
    schema: dict[str, Any]
    description: str
    values: Callable[[str], Mapping[str, Any]]
    narrow: Callable[[Select[Any], Collection[str]], Select[Any]]
    key: Column[Any] | None = None
    plan: Callable[[Ask, Collection[str], Mapping[str, Any]], Awaitable[Plan]] | None = None
    search: Search | None = None
    required: bool = False
    sealed: bool = True


class OfNumbers(NamedTuple):
    """Of a list whose rows belong to numbers: which of them the viewer may see, and the index that
    has those of each number in the list's order, if one has, from what the filters in use bind.
    `few` names the one to walk all of theirs by, which are as many as `count` says.
    """

    seen: ColumnElement[bool]
    index: Callable[[Collection[str]], str | None]
    few: Callable[[Collection[str]], str | None] | None = None
    count: Select[Any] | None = None


class Part(NamedTuple):
    """A list inside a single answer: its own statement, binding the same ids."""

    name: str
    statement: Select[Any]
    shape: Shape


class Derived(NamedTuple):
    """Figures computed from the row: name -> (function of the row, schema)."""

    name: str
    value: Callable[[Mapping[str, Any]], Any]
    schema: dict[str, Any]


class One(NamedTuple):
    """A single row, or 404."""

    path: str
    summary: str
    statement: Select[Any]
    shape: Shape
    of: Projection
    permission: Permission
    parts: tuple[Part, ...] = ()
    derived: tuple[Derived, ...] = ()


class Many(NamedTuple):
    """A list in the order of one column, which is unique in it; paged by that column.

    Without a row of `parent` the answer is 404 instead of an empty list. `both_ways`: pages lead
    back as well. `walked` names the index to walk, from what the filters in use bind, and `apart`
    the conditions whose rows are read each for itself, where no index has them all in order. What
    of it the viewer may see is said by the statement, or by `numbers` for a list that may be long.
    """

    path: str
    summary: str
    statement: Select[Any]
    shape: Shape
    of: Projection
    permission: Permission
    key: Column[Any]
    descending: bool
    filters: tuple[Filter, ...] = ()
    derived: tuple[Derived, ...] = ()
    parent: Select[Any] | None = None
    besides: tuple[Beside, ...] = ()
    both_ways: bool = False
    walked: Callable[[Collection[str]], str | None] | None = None
    apart: Apart | None = None
    numbers: OfNumbers | None = None


Endpoint = One | Many


def in_workspace(table: Any) -> ColumnElement[bool]:
    """The condition without which no statement starts."""
    return table.c.workspace_id == bindparam("workspace_id")  # type: ignore[no-any-return]


def by(column: Column[Any]) -> ColumnElement[bool]:
    """Equal to the path parameter of the column's name."""
    return column == bindparam(column.name)


def part(name: str, statement: Select[Any]) -> Part:
    """A list inside a single answer."""
    insist_bound(name, statement)
    return Part(name, statement, shape_of(statement))


def one(
    path: str,
    summary: str,
    statement: Select[Any],
    of: Projection,
    *parts: Part,
    permission: Permission,
    derived: tuple[Derived, ...] = (),
) -> One:
    """GET `path` answers with the statement's only row, its parts and derived figures."""
    insist_bound(path, statement)
    return One(path, summary, statement, shape_of(statement), of, permission, parts, derived)


def many(
    path: str,
    summary: str,
    statement: Select[Any],
    of: Projection,
    key: Column[Any],
    *filters: Filter,
    permission: Permission,
    descending: bool = False,
    derived: tuple[Derived, ...] = (),
    parent: Select[Any] | None = None,
    besides: tuple[Beside, ...] = (),
    both_ways: bool = False,
    walked: Callable[[Collection[str]], str | None] | None = None,
    apart: Apart | None = None,
    numbers: OfNumbers | None = None,
) -> Many:
    """GET `path` answers with a page of the statement's rows in the order of `key`."""
    insist_bound(path, statement if numbers is None else statement.where(numbers.seen))
    if parent is not None:
        insist_bound(path, parent)
    about = (path, summary, statement, shape_of(statement), of, permission)
    more = (derived, parent, besides, both_ways, walked, apart, numbers)
    return Many(*about, key, descending, filters, *more)
