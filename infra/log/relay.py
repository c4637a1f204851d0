"""Carries facts from the store to Kafka, in order: one leader, a fenced mark, repeats but no loss.

A chunk is read, sent, awaited, and only then may the mark move. Whatever goes wrong in between,
the next publisher begins again at the mark.
"""

import asyncio
import logging
import random
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final, Protocol

from sqlalchemy import Engine

from infra.leases import owner
from infra.log.carrying import Carrier
from infra.log.facts import Facts
from infra.log.keeper import Keeper
from infra.log.mark import FencedOff, Mark, Marks
from infra.log.publisher import GOODBYE_S, Publisher
from infra.log.topic import TopicMismatch
from projections.checkpoints import PARTITIONS

LEASE_S: Final = 6.0
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
    """`engine` is the event store's database, which holds the facts and the mark."""

    def __init__(
        self,
        engine: Engine,
        leases: Leases,
        bootstrap: str,
        topic: str,
        *,
        partitions: int = PARTITIONS,
        name: str = "relay",
        lease_s: float = LEASE_S,
    ) -> None:
        self.engine, self.leases, self.bootstrap, self.topic = engine, leases, bootstrap, topic
        self.partitions, self.name, self.lease_s = partitions, name, lease_s
        self.owner = owner()
        self.marks = Marks(engine, name, topic, partitions)
        self._keeper: Keeper | None = None
        self._trouble = ""

    @property
    def mark(self) -> Mark:
        """Where the next relay would begin, as far as this one knows."""
        return self._keeper.stored if self._keeper else Mark(0, (0,) * self.partitions)

    @property
    def sent(self) -> int:
        """The last position that the log has from this relay; the mark follows it."""
        return self._keeper.sent.position if self._keeper else 0

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
        try:
            await _first(self._publish(epoch, stop), self._renew(epoch), _told(stop))
        finally:
            # Whoever waits for the lease need not wait for its end.
            await asyncio.gather(
                asyncio.to_thread(self.leases.release, self.name, self.owner, epoch),
                return_exceptions=True,
            )

    async def _renew(self, epoch: int) -> None:
        """Ends when the lease is lost; the mark's epoch guards the moments until that is seen."""
        lease = (self.name, self.owner, epoch, self.lease_s)
        held = True
        while held:
            await asyncio.sleep(self.lease_s / 3)
            held = await asyncio.to_thread(self.leases.renew, *lease)
        log.warning("relay %s lost its lease", self.name)

    async def _publish(self, epoch: int, stop: asyncio.Event) -> None:
        mark = await asyncio.to_thread(self.marks.claim, epoch)
        facts = Facts(self.engine)
        publisher = Publisher(self.bootstrap, self.topic, self.partitions)
        self._keeper = keeper = Keeper(self.marks, epoch, mark)
        try:
            await publisher.open(mark)
            log.info("relay %s leads from position %s", self.name, mark.position)
            carrier = Carrier(facts, publisher, keeper, self._relieved)
            await _first(carrier.run(stop), keeper.run())
        finally:
            # A database that is silent must not keep anybody from leading.
            closing = asyncio.create_task(asyncio.to_thread(facts.close))
            await asyncio.wait({closing}, timeout=GOODBYE_S)
            await publisher.close()

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


async def _first(*works: Coroutine[Any, Any, None]) -> None:
    """All of them until one ends; the others are ended then. Raises what any of them raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error


async def _told(stop: asyncio.Event) -> None:
    """Ends some time after `stop`: by then the work should have ended by itself."""
    await stop.wait()
    await asyncio.sleep(GRACE_S)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
