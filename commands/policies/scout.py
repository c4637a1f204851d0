"""Looks for all policies that have nothing to do, in one statement, whether that is still so.

A policy's own look costs more than what it finds out while there is nothing: a thread that wakes,
a statement, a connection. What a policy waits for is said by its `pending`; it may be true without
need, and must not be false while a step would find something.
"""

import logging
import threading
import time
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Engine, Select, select

LOOK_S: Final = 0.05
AWAY_S: Final = 0.5

log = logging.getLogger("blazz.policies")


class Scout:
    """`pending` by the policy's name, asked no oftener than `rests`. `run` in its own thread."""

    def __init__(
        self,
        read: Engine,
        pending: Mapping[str, ColumnElement[bool]],
        rests: Mapping[str, float],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._read, self._pending, self._clock = read, pending, clock
        self._waiting: dict[str, threading.Event] = {}
        self._rests, self._asked_at = rests, dict.fromkeys(pending, 0.0)
        self._statement = lru_cache(maxsize=64)(self._asking)

    def lookouts(self) -> "dict[str, Lookout]":
        return {name: Lookout(self, name) for name in self._pending}

    def wait(self, name: str, within_s: float) -> bool:
        """Whether something is pending for that policy, as soon as there is."""
        seen = self._waiting[name] = threading.Event()
        try:
            return seen.wait(within_s)
        finally:
            del self._waiting[name]

    def run(self, stop: threading.Event) -> None:
        """Until told to stop; then nobody waits any more."""
        pause_s = LOOK_S
        while not stop.wait(pause_s):
            waiting = self._waiting.copy()
            names = self._due(waiting)
            try:
                there = self._look(names) if names else ()
            except Exception as error:  # noqa: BLE001 - the policies' own looks tell what is wrong
                if pause_s != AWAY_S:
                    log.warning("all policies look by themselves: %s", type(error).__name__)
                there, pause_s = names, AWAY_S
            else:
                pause_s = LOOK_S
            for name in there:
                waiting[name].set()
        for seen in self._waiting.copy().values():
            seen.set()

    def _due(self, waiting: Container[str]) -> tuple[str, ...]:
        """For those that wait, none asked for more often than its policy would ask."""
        now = time.monotonic()
        names = tuple(
            name
            for name, at in self._asked_at.items()
            if name in waiting and now - at >= self._rests.get(name, LOOK_S)
        )
        self._asked_at |= dict.fromkeys(names, now)
        return names

    def _look(self, names: tuple[str, ...]) -> Sequence[str]:
        with self._read.connect() as connection:
            row = connection.execute(self._statement(names), {"now": self._clock()}).one()
        return [name for name, there in zip(names, row, strict=True) if there]

    def _asking(self, names: tuple[str, ...]) -> Select[Any]:
        """Made once for each set of names: making it takes longer than asking."""
        asked: list[ColumnElement[Any]] = [
            self._pending[name].label(f"p{n}") for n, name in enumerate(names)
        ]
        return select(*asked)


class Lookout:
    """That of one policy."""

    def __init__(self, scout: Scout, name: str) -> None:
        self._scout, self._name = scout, name

    def wait(self, within_s: float) -> bool:
        return self._scout.wait(self._name, within_s)
