"""Work that goes on beside a loop, each piece in a task of its own."""

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine
from typing import Any

log = logging.getLogger("blazz.sender")


class UnderWay:
    """`wake` is called when a piece has ended and no more than `awaited` are left."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake, self.awaited = wake, sys.maxsize
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if len(self._tasks) <= self.awaited:
            self._wake()
        if not task.cancelled() and (error := task.exception()):
            log.error("a message's outcome was lost: %r", error)

    async def end(self, patience_s: float) -> None:
        """Waits so long, and gives up what has not ended then."""
        if self._tasks and patience_s > 0:
            await asyncio.wait(self._tasks, timeout=patience_s)
        for task in self._tasks:
            task.cancel()
