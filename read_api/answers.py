"""The answer that a page's rows make: its items, what is beside them, and the ways on."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from starlette.datastructures import URL

from read_api.columns import Shape, stored
from read_api.paging import Edge
from read_api.query import Derived, Many
from read_api.source import Rows

Seal = Callable[[Any], str]


class Page(NamedTuple):
    """`found` are rows of the list, one more than `limit` if there are; `beside` those beside."""

    endpoint: Many
    edge: Edge
    limit: int
    found: Rows
    beside: Sequence[Rows] = ()
    seen: Any = None
    """Of a search: the key up to which was looked, if there is more behind it."""
    sought: bool = False
    """Rows of a search end with their key."""

    @property
    def rows(self) -> Rows:
        """Those of the page, in the list's order."""
        rows = self.found[: self.limit]
        return rows[::-1] if self.edge.way == "before" else rows

    @property
    def goes_on(self) -> bool:
        """Whether there is something behind it."""
        return len(self.found) > self.limit or self.edge.way == "before"

    def items(self) -> list[dict[str, Any]]:
        """What is shown of the rows."""
        rows = [row[:-1] for row in self.rows] if self.sought else self.rows
        items = objects(self.endpoint.shape, rows, self.endpoint.derived)
        self._set_beside(items)
        return items

    def body(self, seal: Seal, url: URL) -> dict[str, Any]:
        """Its items and the ways on. `seal` makes a cursor of a key."""
        rows = self.rows
        begun = [one.name for one in self.endpoint.filters if not one.sealed]
        last = self._key(rows[-1], seal) if rows and self.goes_on else None
        last = seal(self.seen) if last is None and self.seen is not None else last
        body = {"items": self.items(), **_way("next", "after", last, url, begun)}
        if self.endpoint.both_ways:
            # There may be news at any time, so the way to them is always told.
            newer = self._key(rows[0], seal) if rows else self.edge.cursor or None
            body |= _way("previous", "before", newer, url, begun)
        return body

    def _key(self, row: Sequence[Any], seal: Seal) -> str:
        key, shape = self.endpoint.key, self.endpoint.shape
        return seal(stored(row[-1], key) if self.sought else shape.stored(row, key))

    def _set_beside(self, items: list[dict[str, Any]]) -> None:
        for beside, rows in zip(self.endpoint.besides, self.beside, strict=True):
            key, own = beside.shape.names[0], str(beside.of.name)
            of: dict[Any, list[dict[str, Any]]] = {}
            for record in beside.shape.records(rows):
                of.setdefault(record.pop(key), []).append(record)
            name, none = beside.name, beside.shown([])
            for item in items:
                item[name] = none
            if of:
                shown = {of_: beside.shown(some) for of_, some in of.items()}
                for item in items:
                    if item[own] in shown:
                        item[name] = shown[item[own]]


def _way(
    name: str, parameter: str, cursor: str | None, url: URL, unsealed: Sequence[str]
) -> dict[str, str | None]:
    if cursor is None:
        return {name: None, f"{name}_url": None}
    there = url.remove_query_params(["after", "before", *unsealed])
    return {name: cursor, f"{name}_url": str(there.include_query_params(**{parameter: cursor}))}


def objects(shape: Shape, rows: Rows, derived: Sequence[Derived]) -> list[dict[str, Any]]:
    """Rows as they are shown, with the figures computed from them."""
    bodies = shape.records(rows)
    for figure in derived:
        for body in bodies:
            body[figure.name] = figure.value(body)
    return bodies
