"""An append on its way: its rows, whoever waits for it, and what became of it."""

import threading
import time
from collections.abc import Sequence
from typing import Any, Final

from infra.event_store.batch import Batch

WAIT_S: Final = 10.0
LOOK_S: Final = 1.0
"""Whoever was to wake us may have been interrupted: the answer is there all the same."""


class Pending:
    """Either the writer takes it, or the one who waits withdraws it: never both."""

    __slots__ = ("_after", "_answered", "_error", "_first", "_ticket", "batch", "events", "rows")

    def __init__(self, batch: Batch, rows: Sequence[Any]) -> None:
        self.batch, self.rows, self.events = batch, rows, len(rows)
        self._first = 0
        self._error: BaseException | None = None
        self._after: Pending | None = None
        self._ticket = [True]
        self._answered = threading.Lock()
        self._answered.acquire()

    def take(self) -> bool:
        """For the writer: False if it was withdrawn. Popping is atomic, so one of the two gets it."""
        return self._draw()

    def wait(self) -> bool:
        """Until it is answered. False if it was not begun in time, and now never will be."""
        look_s, last = min(LOOK_S, WAIT_S), time.monotonic() + WAIT_S
        while not self._answered.acquire(timeout=look_s) and self.open:
            if time.monotonic() > last and self._draw():
                return False
        if self._after is not None:
            self._after.wake()
        return True

    def wake(self) -> None:
        """Whoever waits goes on: it is answered."""
        self._answered.release()

    @property
    def open(self) -> bool:
        """Nobody has answered yet."""
        return self._first == 0 and self._error is None

    @property
    def accepted(self) -> bool:
        """It is stored."""
        return self._first != 0

    def stored(self, first: int, after: "Pending | None") -> None:
        """Its rows are stored from that position on. Whoever waits shall wake that other one."""
        self._after, self._first = after, first

    def refused(self, error: BaseException) -> None:
        """Nothing of it is stored, unless the error says that this is not known."""
        self._error = error
        self.wake()

    def result(self) -> int:
        """The position of its first row, or the error it was refused with."""
        if self._error is not None:
            raise self._error
        return self._first

    def _draw(self) -> bool:
        try:
            return self._ticket.pop()
        except IndexError:
            return False


def stored(appends: Sequence[Pending], first: int) -> None:
    """Their rows are stored from that position on, one append's after the other's.

    Each that is woken wakes the next: all at once would only wait again, for the interpreter.
    From the end, so that who looks by itself and is answered finds all after it answered, too.
    """
    after, end = None, first + sum([append.events for append in appends])
    for append in reversed(appends):
        end -= append.events
        append.stored(end, after)
        after = append
    appends[0].wake()
