"""A projection is a name, a version, its tables and one pure function per event it cares about."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, TypeVar, get_type_hints

from sqlalchemy import Table

from domain.kernel import Event, Recorded
from projections.rows import Row
from projections.tally import COUNTED, Alike, Tally

Handler = TypeVar("Handler", bound=Callable[..., Row | list[Row]])


class Projection:
    """Functions take `(event, recorded)` and return what to do; they never read and never guess.

    What only counts messages takes those that count alike all at once: `counting`.
    """

    def __init__(self, name: str, *tables: Table, version: int = 1) -> None:
        self.name, self.tables, self.version = name, tables, version
        self.handlers: dict[type[Event], Callable[[Any, Recorded], Row | list[Row]]] = {}
        self.counting: Callable[[Alike], list[Row]] | None = None
        """Its columns are touched by nothing else: the order of the two does not matter."""

    @property
    def types(self) -> AbstractSet[type[Event]]:
        """The events that it does something about."""
        return self.handlers.keys() | COUNTED if self.counting else self.handlers.keys()

    def on(self, handler: Handler) -> Handler:
        """Register `handler` for the event type its first parameter is annotated with."""
        first = next(iter(get_type_hints(handler).values()))
        assert first not in self.handlers, f"{self.name} already handles {first.__name__}"
        self.handlers[first] = handler
        return handler

    def rows(self, records: Sequence[Recorded], tally: Tally | None = None) -> list[Row]:
        """What the records ask for, in order. An event type without a function asks nothing.

        `tally` is theirs, where it is known already.
        """
        out: list[Row] = []
        for recorded in records:
            if handler := self.handlers.get(type(recorded.event)):
                row = handler(recorded.event, recorded)
                if isinstance(row, list):
                    out += row
                else:
                    out.append(row)
        if self.counting is not None:
            for alike in Tally(records) if tally is None else tally:
                out += self.counting(alike)
        return out
