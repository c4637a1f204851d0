"""Query parameters of the usual kinds: one of some words, a flag, an id."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam

from domain.ids import parse
from read_api.query import Filter
from read_api.structures import id_schema


def one_of(name: str, allowed: Sequence[str], column: ColumnElement[Any], which: str) -> Filter:
    """Rows in which the column is the word asked for."""

    def values(text: str) -> Mapping[str, Any]:
        if text not in allowed:
            raise ValueError(f"{text[:40]!r} is not one of {', '.join(allowed)}")
        return {name: text}

    return Filter(name, {"type": "string", "enum": list(allowed)}, which, values, _is(column, name))


def flag(name: str, column: ColumnElement[Any], which: str) -> Filter:
    """Rows in which it is one, or those in which it is nought."""

    def values(text: str) -> Mapping[str, Any]:
        if text not in ("true", "false"):
            raise ValueError(f"{text[:40]!r} is neither true nor false")
        return {name: int(text == "true")}

    return Filter(name, {"type": "boolean"}, which, values, _is(column, name))


def id_of(kind: str, column: ColumnElement[Any], which: str) -> Filter:
    """Rows that have that id."""
    name = f"{kind}_id"

    def values(text: str) -> Mapping[str, Any]:
        return {name: parse(kind, text[:40])}

    return Filter(kind, id_schema(kind), which, values, _is(column, name))


def _is(column: ColumnElement[Any], name: str) -> Any:
    def narrow(statement: Select[Any], _: Any) -> Select[Any]:
        return statement.where(column == bindparam(name))

    return narrow
