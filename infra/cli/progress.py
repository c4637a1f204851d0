"""How far a rebuild is, on standard error: a bar on a terminal, now and then a line elsewhere."""

import sys
import time
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from projections.rebuilding import Progress as Told

LINE_S: Final = 5.0


class Bar:
    """Used as a context; `told` moves it."""

    def __init__(self) -> None:
        self.position = 0
        self._console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[words]}"),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("filling", total=None, words="")
        self._started = self._said = time.monotonic()
        self._first: int | None = None
        self._phase = ""

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def told(self, at: Told) -> None:
        """Rate and remaining time are those of this run, not of one that was broken off."""
        self.position = at.position
        if self._first is None:
            self._first = at.position - at.records
            self._bar.reset(self._task, total=at.head, completed=self._first)
        now = time.monotonic()
        rate = at.records / max(now - self._started, 0.001)
        words = f"position {at.position:,} of {at.head:,}, {rate:,.0f} records a second"
        self._bar.update(
            self._task, description=at.phase, completed=at.position, total=at.head, words=words
        )
        if not self._console.is_terminal and (at.phase != self._phase or now - self._said > LINE_S):
            left = (at.head - at.position) / rate if rate > 1 else 0.0
            sys.stderr.write(f"{at.phase}: {words}, {left:.0f} s left\n")
            self._said = now
        self._phase = at.phase
