"""Carries facts from the store to Kafka, in order: one leader, a fenced mark, repeats but no loss.

A chunk is read, sent, awaited, and only then does the mark move. Whatever goes wrong in between,
the next publisher begins again at the mark.
"""

import asyncio
import logging
import os
import random
import socket
from typing import Final, Protocol
from uuid import uuid4

from sqlalchemy import Engine

from infra.log.mark import FencedOff, Mark, Marks
from infra.log.publisher import Prepared, Publisher
from infra.log.topic import TopicMismatch
from projections.checkpoints import PARTITIONS
from projections.entries import Log

CHUNK: Final = 2000
LEASE_S: Final = 6.0
WATERMARK_S: Final = 0.2
SHORTEST_IDLE_S: Final = 0.005
LONGEST_IDLE_S: Final = 0.02
FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 3.0
GRACE_S: Final = 3.0

log = logging.getLogger("blazz.relay")


class Leases(Protocol):
    """Who may do what only one may do."""

    def acquire(self, name: str, owner: str, ttl_s: float) -> int | None: ...

    def renew(self, name: str, owner: str, epoch: int, ttl_s: float) -> bool: ...

    def release(self, name: str, owner: str, epoch: int) -> object: ...


class Relay:
    """`store` is read, `engine` holds the mark; both are the event store's database."""

    def __init__(
        self,
        store: Log,
        engine: Engine,
        leases: Leases,
        bootstrap: str,
        topic: str,
        *,
        partitions: int = PARTITIONS,
        name: str = "relay",
        lease_s: float = LEASE_S,
    ) -> None:
        self.store, self.leases, self.bootstrap, self.topic = store, leases, bootstrap, topic
        self.partitions, self.name, self.lease_s = partitions, name, lease_s
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self.marks = Marks(engine, name, topic, partitions)
        self.mark = Mark(0, (0,) * partitions)
        self._trouble = ""

    async def run(self, stop: asyncio.Event) -> None:
        """Lead whenever the lease can be had. Raises FencedOff or TopicMismatch, else never."""
        pause = FIRST_PAUSE_S
        while not stop.is_set():
            try:
                epoch = await asyncio.to_thread(
                    self.leases.acquire, self.name, self.owner, self.lease_s
                )
                if epoch is None:
                    await _wait(stop, self.lease_s / 4)
                    continue
                await self._lead(epoch, stop)
            except (FencedOff, TopicMismatch):
                raise
            except Exception as error:  # noqa: BLE001 - database or Kafka away: they come back
                pause = self._put_off(error, pause)
                await _wait(stop, pause * random.uniform(0.5, 1.5))  # noqa: S311 - spreads only

    async def _lead(self, epoch: int, stop: asyncio.Event) -> None:
        leading = asyncio.create_task(self._publish(epoch, stop))
        renewing = asyncio.create_task(self._renew(epoch))
        told = asyncio.create_task(stop.wait())
        tasks = (leading, renewing, told)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if told.done():
                await asyncio.wait({leading}, timeout=GRACE_S)
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            # Whoever waits for the lease need not wait for its end.
            await asyncio.gather(
                asyncio.to_thread(self.leases.release, self.name, self.owner, epoch),
                return_exceptions=True,
            )
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _renew(self, epoch: int) -> None:
        """Ends when the lease is lost; the mark's epoch guards the moments until that is seen."""
        lease = (self.name, self.owner, epoch, self.lease_s)
        held = True
        while held:
            await asyncio.sleep(self.lease_s / 3)
            held = await asyncio.to_thread(self.leases.renew, *lease)
        log.warning("relay %s lost its lease", self.name)

    async def _publish(self, epoch: int, stop: asyncio.Event) -> None:
        self.mark = await asyncio.to_thread(self.marks.claim, epoch)
        publisher = Publisher(self.bootstrap, self.topic, self.partitions)
        try:
            await publisher.open()
            log.info("relay %s leads from position %s", self.name, self.mark.position)
            await self._chunks(publisher, epoch, stop)
        finally:
            await publisher.close()

    async def _chunks(self, publisher: Publisher, epoch: int, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        quiet, told, idle = set(range(self.partitions)), loop.time(), SHORTEST_IDLE_S
        chunk: Prepared | None = None
        while not stop.is_set():
            chunk = chunk or await asyncio.to_thread(self._next, publisher, self.mark)
            if chunk is None:
                await _wait(stop, idle)
                idle = min(idle * 1.5, LONGEST_IDLE_S)
            else:
                quiet -= chunk.batches.keys()
                chunk, idle = await self._pass_on(publisher, epoch, chunk), SHORTEST_IDLE_S
                self._relieved()
            if loop.time() - told >= WATERMARK_S:
                behind = [p for p in quiet if self.mark.partitions[p] < self.mark.position]
                self.mark = await publisher.watermarks(behind, self.mark)
                quiet, told = set(range(self.partitions)), loop.time()

    async def _pass_on(self, publisher: Publisher, epoch: int, chunk: Prepared) -> Prepared | None:
        """Send a chunk and move the mark; meanwhile the one after a full chunk is prepared."""
        old, new = self.mark, chunk.mark.beside(self.mark)
        full = new.position - old.position >= CHUNK
        coming = asyncio.to_thread(self._next, publisher, new) if full else _nothing()
        following = asyncio.create_task(coming)
        try:
            await publisher.send(chunk)
            await asyncio.to_thread(self.marks.move, epoch, old, new)
            self.mark = new
        finally:
            await asyncio.gather(following, return_exceptions=True)
        return following.result()

    def _next(self, publisher: Publisher, mark: Mark) -> Prepared | None:
        records = self.store.read(mark.position, CHUNK)
        return publisher.prepare(records, mark) if records else None

    def _put_off(self, error: Exception, pause: float) -> float:
        """Says each trouble once, however long it lasts; the next pause."""
        trouble = type(error).__name__
        if trouble == self._trouble:
            return min(pause * 2, LONGEST_PAUSE_S)
        log.warning("relay %s cannot go on and keeps trying: %s: %s", self.name, trouble, error)
        self._trouble = trouble
        return FIRST_PAUSE_S

    def _relieved(self) -> None:
        if self._trouble:
            log.warning("relay %s goes on at position %s", self.name, self.mark.position)
            self._trouble = ""


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def _nothing() -> None:
    return None
