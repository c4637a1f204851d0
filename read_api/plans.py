"""How a page is found where that depends on how many rows match: what lists and filters agree on."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Select

from read_api.source import Rows

WINDOW = "window"
"""Binds how many things a search looks at at a time."""
BEHIND = "behind"
"""Binds the cursor's key, where a page is behind one."""
KEYS = "keys"
"""Binds the keys of the rows that something stands beside."""


Plan = tuple[tuple[str, ...], Mapping[str, Any]]
"""Names, and what they bind."""
Ask = Callable[[Select[Any], Mapping[str, Any]], Awaitable[Rows]]
"""The rows of a statement that is there as long as the filter is."""


class Search(Protocol):
    """What takes a list over: its hits come in an order of their own, some at a time."""

    def page(self, statement: Select[Any], names: Collection[str]) -> Select[Any]:
        """The rows of the list that it finds; what they are ordered by is their last column."""

    def looked_through(self, names: Collection[str]) -> Select[Any]:
        """How many were looked at for a page, and which was the last of them."""

    def others(self, names: Collection[str]) -> Select[Any] | None:
        """Finds a row if the plan does not hold any more."""

    def looks(self, names: Collection[str], page: int) -> Sequence[int]:
        """How many things are looked at for a page, from one look to the next."""

    def windowed(self, names: Collection[str]) -> bool:
        """Whether a page is of what was looked at, which need not be everything."""
