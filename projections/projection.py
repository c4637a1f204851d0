"""A projection is a name, a version, its tables and one pure function per event it cares about."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar, get_type_hints

from sqlalchemy import Table

from domain.kernel import Event, Recorded
from projections.rows import Row

Handler = TypeVar("Handler", bound=Callable[..., Row | list[Row]])


class Projection:
    """Functions take `(event, recorded)` and return what to do; they never read and never guess."""

    def __init__(self, name: str, *tables: Table, version: int = 1) -> None:
        self.name, self.tables, self.version = name, tables, version
        self.handlers: dict[type[Event], Callable[[Any, Recorded], Row | list[Row]]] = {}

    def on(self, handler: Handler) -> Handler:
        """Register `handler` for the event type its first parameter is annotated with."""
        first = next(iter(get_type_hints(handler).values()))
        assert first not in self.handlers, f"{self.name} already handles {first.__name__}"
        self.handlers[first] = handler
        return handler

    def rows(self, records: Iterable[Recorded]) -> list[Row]:
        """What the records ask for, in order. An event type without a function asks nothing."""
        out: list[Row] = []
        for recorded in records:
            if handler := self.handlers.get(type(recorded.event)):
                row = handler(recorded.event, recorded)
                if isinstance(row, list):
                    out += row
                else:
                    out.append(row)
        return out
