"""Waiting for news of read models, beside all else that an event loop does."""

import asyncio
from collections.abc import Collection
from typing import Protocol


class Ear(Protocol):
    """Hears of partitions in which something was committed, where whoever commits tells of it."""

    def fileno(self) -> int | None:
        """What to wait at until there is something to hear; None: never."""

    def hear(self, parts: Collection[int] | None = None) -> bool:
        """Whether one of these was told of since the last look."""
        ...

    def begin(self, parts: Collection[int] | None = None) -> None:
        """Called before a look."""

    def found(self) -> None:
        """Called after a look at which there was something."""

    @property
    def alone(self) -> bool:
        """Not everything there is news of is told of."""
        ...


class Lookout:
    """Of one task, which looks by itself often where it is not told. Without an ear it never is."""

    def __init__(self, ear: Ear | None) -> None:
        self._ear = ear
        self._called = False
        self._waits: asyncio.Future[None] | None = None

    def begin(self, partitions: Collection[int]) -> None:
        """Called before a look."""
        self._called = False
        if self._ear is not None:
            self._ear.begin(partitions)

    def found(self) -> None:
        """Called after a look at which there was something new in these partitions."""
        if self._ear is not None:
            self._ear.found()

    def call(self) -> None:
        """There is another reason to look."""
        self._called = True
        self._end()

    async def wait(self, partitions: Collection[int], often_s: float, seldom_s: float) -> None:
        """Until something is told of these partitions, or nothing was for a while."""
        if self._called:
            return
        loop = asyncio.get_running_loop()
        self._waits = loop.create_future()
        alone = self._ear is None or self._ear.alone
        timer = loop.call_later(often_s if alone else seldom_s, self._end)
        there = None if self._ear is None else self._ear.fileno()
        if there is not None:
            loop.add_reader(there, self._hear, partitions)
        try:
            await self._waits
        finally:
            timer.cancel()
            if there is not None:
                loop.remove_reader(there)

    def _hear(self, partitions: Collection[int]) -> None:
        if self._ear is not None and self._ear.hear(partitions):
            self._end()

    def _end(self) -> None:
        if self._waits is not None and not self._waits.done():
            self._waits.set_result(None)
