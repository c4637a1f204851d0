"""An endpoint is a path and a statement. One that does not bind `workspace_id` is refused when it
is declared, so a route that could cross companies does not start.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Select, bindparam
from starlette.datastructures import QueryParams

from domain.access import FieldError, Problem
from domain.ids import PREFIXES, parse
from projections.projection import Projection
from read_api.columns import Field, fields

PAGE, LONGEST_PAGE = 50, 100
_SIZE = re.compile(r"[0-9]{1,3}")


class Filter(NamedTuple):
    """A query parameter that narrows a list: its schema, and what it adds to the statement.

    `clauses` gets the value and gives conditions and the values they bind. ValueError says what
    is wrong with a value.
    """

    name: str
    schema: dict[str, Any]
    description: str
    clauses: Callable[[str], tuple[Sequence[ColumnElement[bool]], Mapping[str, Any]]]


class Part(NamedTuple):
    """A list inside a single answer: its own statement, binding the same ids."""

    name: str
    statement: Select[Any]
    shape: list[Field]


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
    shape: list[Field]
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
    shape: list[Field]
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
    return Part(name, statement, fields(statement))


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
    return One(path, summary, statement, fields(statement), of, parts, derived)


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
    shape = fields(statement)
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


def narrowed(
    endpoint: Many, given: Mapping[str, str]
) -> tuple[Select[Any], dict[str, Any], dict[str, str]]:
    """The list's statement with the asked filters, what they bind, and the filters as given."""
    statement = endpoint.statement
    binds: dict[str, Any] = {}
    used: dict[str, str] = {}
    for filter_ in endpoint.filters:
        text = given.get(filter_.name)
        if text is None:
            continue
        try:
            clauses, values = filter_.clauses(text)
        except ValueError as error:
            raise wrong_parameter(filter_.name, str(error)) from None
        statement = statement.where(*clauses)
        binds |= values
        used[filter_.name] = text
    return statement, binds, used
