"""What is looked up is remembered for half a second, so that what is revoked ends within a second.

What is in use is looked up again before that, beside the requests, so that none waits for it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, Generic, NamedTuple, TypeVar

V = TypeVar("V")

FRESH_S: Final = 0.5
"""How long what was found goes on being taken for so."""
AHEAD_S: Final = 0.25
"""From this age on, what is remembered is looked up anew."""
REMEMBERED: Final = 10_000


class _Kept(NamedTuple, Generic[V]):
    looked_at: float
    value: V


class Lookups(Generic[V]):
    """Remembers what `ask` answers, by the text it was asked with."""

    def __init__(self, ask: Callable[[str], Awaitable[V]]) -> None:
        self._ask = ask
        self._kept: dict[str, _Kept[V]] = {}
        self._looking: dict[str, asyncio.Task[_Kept[V]]] = {}

    def known(self, name: str) -> V | None:
        """What was found lately; looked up anew beside the caller if that is about to be too old."""
        kept = self._kept.get(name)
        age = FRESH_S if kept is None else time.monotonic() - kept.looked_at
        if kept is None or age >= FRESH_S:
            return None
        if age >= AHEAD_S:
            self._look_up(name)
        return kept.value

    async def find(self, name: str) -> V:
        """What is so now. Whatever `ask` raises goes through."""
        return (await asyncio.shield(self._look_up(name))).value

    def _look_up(self, name: str) -> "asyncio.Task[_Kept[V]]":
        """One look-up at a time for each, however many requests come with it."""
        task = self._looking.get(name)
        if task is None:
            task = self._looking[name] = asyncio.create_task(self._looked_up(name))
            task.add_done_callback(partial(self._remember, name))
        return task

    def _remember(self, name: str, task: "asyncio.Task[_Kept[V]]") -> None:
        del self._looking[name]
        if task.cancelled() or task.exception() is not None:
            return  # whoever waits is told; what is remembered is good until it is too old
        if len(self._kept) >= REMEMBERED:
            self._kept.clear()
        self._kept[name] = task.result()

    async def _looked_up(self, name: str) -> _Kept[V]:
        looked_at = time.monotonic()
        return _Kept(looked_at, await self._ask(name))
