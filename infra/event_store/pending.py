"""An append on its way: its rows, whoever waits for it, and what became of it."""

import threading
from collections.abc import Sequence
from typing import Any, Final

from infra.event_store.batch import Batch

WAIT_S: Final = 10.0


class Pending:
    """Either the writer takes it, or the one who waits withdraws it: never both."""

    __slots__ = ("_answered", "_error", "_first", "_ticket", "batch", "events", "rows")

    def __init__(self, batch: Batch, rows: Sequence[Any]) -> None:
        self.batch, self.rows, self.events = batch, rows, len(rows)
        self._first = 0
        self._error: BaseException | None = None
        self._ticket = [True]
        self._answered = threading.Lock()
        self._answered.acquire()

    def take(self) -> bool:
        """For the writer: False if it was withdrawn. Popping is atomic, so one of the two gets it."""
        return self._draw()

    def wait(self) -> bool:
        """Until it is answered. False if it was not begun in time, and now never will be."""
        if self._answered.acquire(timeout=WAIT_S):
            return True
        if self._draw():
            return False
        self._answered.acquire()
        return True

    @property
    def open(self) -> bool:
        """Nobody has answered yet."""
        return self._first == 0 and self._error is None

    @property
    def accepted(self) -> bool:
        """It is stored."""
        return self._first != 0

    def stored(self, first: int) -> None:
        """Its rows are stored from that position on."""
        self._first = first
        self._answered.release()

    def refused(self, error: BaseException) -> None:
        """Nothing of it is stored, unless the error says that this is not known."""
        self._error = error
        self._answered.release()

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
