"""One leader's work: chunk after chunk from the store into the log, the next one read meanwhile."""

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Final

from prometheus_client import Counter, Histogram

from infra.log.facts import Facts
from infra.log.keeper import Keeper
from infra.log.mark import Mark
from infra.log.publisher import Prepared, Publisher

CHUNK: Final = 4000
"""Facts read and sent together, if they are not too large: some hundred of a partition make a batch
worth its round trip."""
WATERMARK_S: Final = 0.2

_events = Counter("blazz_relay_events_total", "Facts the relay has sent, repeats included.")
_chunk_seconds = Histogram(
    "blazz_relay_chunk_seconds",
    "From handing a chunk to the producer until the log had all of it.",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)


class Carrier:
    """Reads, sends and waits; `keeper` is told what arrived, `relieved` that it goes well."""

    def __init__(
        self, facts: Facts, publisher: Publisher, keeper: Keeper, relieved: Callable[[], None]
    ) -> None:
        self._facts, self._publisher, self._keeper = facts, publisher, keeper
        self._relieved = relieved
        self._quiet = self._everywhere()
        self._told = time.monotonic()

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop; the mark stands at all that was sent then."""
        reading: asyncio.Task[Prepared | None] | None = None
        try:
            while not stop.is_set():
                chunk = await (reading or self._read(self._keeper.sent))
                reading = None
                if chunk is not None:
                    if self._facts.more:
                        reading = asyncio.create_task(self._read(chunk.mark))
                    await self._send(chunk)
                if time.monotonic() - self._told >= WATERMARK_S:
                    await self._tell()
            await self._keeper.settle()
        finally:
            self._facts.halt()
            if reading is not None:
                await asyncio.gather(reading, return_exceptions=True)

    async def _read(self, mark: Mark) -> Prepared | None:
        return await asyncio.to_thread(self._next, mark)

    def _next(self, mark: Mark) -> Prepared | None:
        facts = self._facts.wait(mark.position, CHUNK, WATERMARK_S)
        return self._publisher.prepare(facts, mark) if facts else None

    async def _send(self, chunk: Prepared) -> None:
        old, new = self._keeper.sent, chunk.mark.beside(self._keeper.sent)
        self._quiet -= chunk.batches.keys()
        sys.audit("blazz.relay.before_produce")
        with _chunk_seconds.time():
            await self._publisher.send(chunk)
        sys.audit("blazz.relay.after_produce")
        _events.inc(new.position - old.position)
        self._relieved()
        await self._keeper.delivered(new)

    async def _tell(self) -> None:
        """Partitions to which nothing was sent for a while learn how far the log has got."""
        mark = self._keeper.sent
        behind = [p for p in self._quiet if mark.partitions[p] < mark.position]
        if behind:
            await self._keeper.delivered(await self._publisher.watermarks(behind, mark))
        self._quiet, self._told = self._everywhere(), time.monotonic()

    def _everywhere(self) -> set[int]:
        return set(range(self._publisher.partitions))
