"""A list inside each item of a page: what it is read by, and how it is shown."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, get_type_hints

from sqlalchemy import Column, Select, bindparam

from read_api.columns import Shape, schema, shape_of
from read_api.plans import KEYS
from read_api.sharing import insist_bound

Shown = Callable[[list[dict[str, Any]]], list[dict[str, Any]] | dict[str, Any] | None]


class Beside(NamedTuple):
    """A list inside each item of a page: rows of a table whose `to` is the item's key `of`.

    The first column of `statement` is `to`, and not shown. It is read for the rows of which `has`
    says that they may have some, from their columns `told`; where a list has few of them all in
    all (`few`), all of these are read with the page. `shown` makes of an item's rows what is
    shown: a list in its order, or one row or none, if it says so; `more` is what it adds to each.
    """

    name: str
    statement: Select[Any]
    to: Column[Any]
    of: Column[Any]
    shape: Shape
    shown: Shown
    more: Mapping[str, dict[str, Any]]
    told: tuple[str, ...]
    has: Callable[..., bool]
    few: bool

    @property
    def of_rows(self) -> Select[Any]:
        """What stands beside the rows with these keys."""
        return self.statement.where(self.to.in_(bindparam(KEYS, expanding=True)))

    @property
    def of_list(self) -> Select[Any] | None:
        """All of the list; as many as a page has rows have been cut off."""
        return self.statement.limit(bindparam("page")) if self.few else None

    @property
    def schema(self) -> dict[str, Any]:
        """Of what each item gets under this name."""
        row = schema(Shape(self.shape.fields[1:]), **self.more)
        if get_type_hints(self.shown)["return"] == list[dict[str, Any]]:
            return {"type": "array", "items": row}
        return {**row, "type": ["object", "null"]}


def beside(
    name: str,
    statement: Select[Any],
    to: Column[Any],
    of: Column[Any],
    shown: Shown,
    *,
    told: tuple[str, ...],
    has: Callable[..., bool] = bool,
    few: bool = False,
    **more: dict[str, Any],
) -> Beside:
    """A list inside each item of a page."""
    insist_bound(name, statement)
    return Beside(name, statement, to, of, shape_of(statement), shown, more, told, has, few)
