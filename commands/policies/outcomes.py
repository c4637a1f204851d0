"""Facts that arrive one by one, stored many at a time: what became of each message sent.

Whoever hands one in waits until it is durable. While the store is away they wait on, so a sender
soon stops by itself; what is still waiting when it ends is found by the `unresolved` policy.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final, NamedTuple

from commands.execute import Ask, Done, execute_many
from commands.store import EventStore, StoreUnavailable
from commands.stream import Stream
from commands.streams import Streams
from domain.kernel import Metadata, Rejected

GATHER_S: Final = 0.02
ENOUGH: Final = 200
MOST: Final = 500
STORE_AWAY_S: Final = 0.5

log = logging.getLogger("blazz.sender")


class _Waiting(NamedTuple):
    asks: Sequence[Ask]
    metadata: Metadata
    stream: Stream | None
    stored: "asyncio.Future[Done | Rejected]"


class Outcomes:
    """One flusher for all numbers of a sender. `run` until cancelled, after `drained`."""

    def __init__(self, store: EventStore, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock
        # Of its own: what has been sent is stored however many want to send more.
        self._thread = ThreadPoolExecutor(1, "outcomes")
        self._waiting: list[_Waiting] = []
        self._some = asyncio.Event()
        self._enough = asyncio.Event()

    async def append(
        self, asks: Sequence[Ask], metadata: Metadata, stream: Stream | None = None
    ) -> Done | Rejected:
        """All asks or none, in one of the next commits. `stream` spares reading the first one's."""
        stored: asyncio.Future[Done | Rejected] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(asks, metadata, stream, stored))
        self._some.set()
        if len(self._waiting) >= ENOUGH:
            self._enough.set()
        return await stored

    async def run(self) -> None:
        try:
            await self._store_on()
        finally:
            self._thread.shutdown(wait=False)

    async def _store_on(self) -> None:
        while True:
            await self._some.wait()
            await self._gather()
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            if not self._waiting:
                self._some.clear()
            self._enough.clear()
            if batch:
                await self._store_all(batch)

    async def _gather(self) -> None:
        if len(self._waiting) < ENOUGH:
            try:
                await asyncio.wait_for(self._enough.wait(), GATHER_S)
            except TimeoutError:
                return

    async def _store_all(self, batch: Sequence[_Waiting]) -> None:
        while True:
            try:
                loop = asyncio.get_running_loop()
                results = await loop.run_in_executor(self._thread, self._execute, batch)
            except StoreUnavailable as error:
                log.warning("outcomes wait for the store: %s", error)
                await asyncio.sleep(STORE_AWAY_S)
            except Exception as error:
                if len(batch) > 1:
                    # One outcome that cannot be stored must not take the others with it.
                    for waiting in batch:
                        await self._store_all([waiting])
                    return
                log.exception("an outcome cannot be stored")
                batch[0].stored.set_exception(error)
                return
            else:
                break
        for waiting, result in zip(batch, results, strict=True):
            if not waiting.stored.done():
                waiting.stored.set_result(result)

    def _execute(self, batch: Sequence[_Waiting]) -> list[Done | Rejected]:
        streams = Streams(self._store)
        streams.adopt({w.asks[0].stream_id: w.stream for w in batch if w.stream is not None})
        groups, metadata = [w.asks for w in batch], [w.metadata for w in batch]
        return execute_many(self._store, groups, metadata, self._clock(), streams)
