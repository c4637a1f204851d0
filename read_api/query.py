"""An endpoint is a path and a statement. One that does not bind `workspace_id` is refused when it
is declared, so a route that could cross companies does not start.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Select, bindparam
from starlette.datastructures import QueryParams

from domain.access import FieldError, Problem
from domain.ids import PREFIXES, parse
from projections.projection import Projection
from read_api.columns import Shape, shape_of

PAGE, LONGEST_PAGE = 50, 100
DENSE = "(dense)"
_SIZE = re.compile(r"[0-9]{1,3}")


class Filter(NamedTuple):
    """A query parameter that narrows a list: its schema, and what it adds to the statement.

    `values` reads the parameter (ValueError says what is wrong with it) into what is bound, and
    `narrow` adds the conditions that bind these names; without any the list stays as it is. `key`
    has the values of the list's key where the rows come in their order, if not in the list's own.
    `probe` finds a row if very much is behind what is bound; `narrow` is then told `DENSE`, too.
    """

    name: str
    schema: dict[str, Any]
    description: str
    values: Callable[[str], Mapping[str, Any]]
    narrow: Callable[[Select[Any], Collection[str]], Select[Any]]
    key: Column[Any] | None = None
    probe: Callable[[Collection[str]], Select[Any]] | None = None


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
    parts: tuple[Part, ...] = ()
    derived: tuple[Derived, ...] = ()


class Many(NamedTuple):
    """A list in the order of one column, which is unique in it; paged by that column.

    Without a row of `parent` the answer is 404 instead of an empty list.
    """

    path: str
    summary: str
    statement: Select[Any]
    shape: Shape
    of: Projection
    key: Column[Any]
    descending: bool
    filters: tuple[Filter, ...] = ()
    derived: tuple[Derived, ...] = ()
    parent: Select[Any] | None = None


Endpoint = One | Many


def in_workspace(table: Any) -> ColumnElement[bool]:
    """The condition without which no statement starts."""
    return table.c.workspace_id == bindparam("workspace_id")  # type: ignore[no-any-return]


def by(column: Column[Any]) -> ColumnElement[bool]:
    """Equal to the path parameter of the column's name."""
    return column == bindparam(column.name)


def part(name: str, statement: Select[Any]) -> Part:
    """A list inside a single answer."""
    _bound(name, statement)
    return Part(name, statement, shape_of(statement))


def one(
    path: str,
    summary: str,
    statement: Select[Any],
    of: Projection,
    *parts: Part,
    derived: tuple[Derived, ...] = (),
) -> One:
    """GET `path` answers with the statement's only row, its parts and derived figures."""
    _bound(path, statement)
    return One(path, summary, statement, shape_of(statement), of, parts, derived)


def many(
    path: str,
    summary: str,
    statement: Select[Any],
    of: Projection,
    key: Column[Any],
    *filters: Filter,
    descending: bool = False,
    derived: tuple[Derived, ...] = (),
    parent: Select[Any] | None = None,
) -> Many:
    """GET `path` answers with a page of the statement's rows in the order of `key`."""
    _bound(path, statement)
    shape = shape_of(statement)
    if parent is not None:
        _bound(path, parent)
    return Many(path, summary, statement, shape, of, key, descending, filters, derived, parent)


def _bound(what: str, statement: Select[Any]) -> None:
    binds = statement.compile().params
    assert "workspace_id" in binds, f"{what} would cross workspaces"


def path_ids(given: Mapping[str, str]) -> dict[str, Any]:
    """The ids of a path. Problem 404 for whatever cannot be one: it is nobody's."""
    found: dict[str, Any] = {}
    for name, text in given.items():
        kind = name.removesuffix("_id")
        if kind not in PREFIXES:
            found[name] = text
            continue
        try:
            found[name] = parse(kind, text)
        except ValueError:
            raise Problem(404, "not_found", f"no {kind} {text[:60]!r} in this workspace") from None
    return found


def page_size(given: Mapping[str, str]) -> int:
    """The asked `limit`. Problem 422 outside 1 to 100."""
    text = given.get("limit", str(PAGE))
    if _SIZE.fullmatch(text) and 1 <= int(text) <= LONGEST_PAGE:
        return int(text)
    raise wrong_parameter("limit", f"{text[:40]!r} is not a whole number from 1 to {LONGEST_PAGE}")


def wrong_parameter(name: str, detail: str, code: str = "invalid_value") -> Problem:
    """One query parameter that cannot be honoured."""
    return wrong_parameters([FieldError(pointer=f"?{name}", code=code, detail=detail)])


def wrong_parameters(errors: Sequence[FieldError]) -> Problem:
    """Query parameters that cannot be honoured, all at once."""
    detail = "; ".join(f"{error.pointer.removeprefix('?')}: {error.detail}" for error in errors)
    return Problem(422, "invalid", detail, errors=errors)


def known_only(given: QueryParams, known: Sequence[str]) -> None:
    """Problem 422 for a parameter nobody reads: a misspelt filter must not answer everything."""
    names = [name for name, _ in given.multi_items()]
    for name in names:
        if name not in known:
            allowed = ", ".join(known) or "none"
            raise wrong_parameter(name[:40], f"not a parameter here; known: {allowed}", "unknown")
        if names.count(name) > 1:
            raise wrong_parameter(name, "may be given once", "repeated")
