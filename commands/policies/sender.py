"""Sends what is queued: leases numbers that have something to send and runs each by itself.

A number whose lease could not be renewed stops claiming at once; the streams' versions keep its
last attempts apart from those of whoever took over.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import Engine, or_, select

from commands.policies.number import NumberSender
from commands.policies.numbers import ASKED, may_send, rate
from commands.policies.outcomes import Outcomes
from commands.policies.overheard import Overheard
from commands.policies.parcels import Parcels
from commands.policies.ports import Leases, PairDebts, Provider
from commands.policies.reactions import Number
from commands.policies.rounds import Rounds
from commands.policies.steady import Steady
from commands.policies.tools import Tools
from commands.policies.zones import Zones
from commands.store import EventStore
from domain.file_storage import FileStorage
from projections.accounts import accounts
from projections.queue import lanes

LEASE_S: Final = 10.0
RENEW_AFTER_S: Final = 3.0
LOST_AFTER_S: Final = 7.0
"""Without a renewal for so long a lease counts as lost, however the database is."""
LOOK_S: Final = 0.1
LEASES_AT_ONCE: Final = 4
COOL_S: Final = 2.0
"""A number that stopped by itself is left alone until the read model shows why."""
GOODBYE_S: Final = 25.0

T = TypeVar("T")

log = logging.getLogger("blazz.sender")


class Held:
    """A number that is ours, its lease and its sending."""

    def __init__(self, sending: NumberSender, epoch: int, renewed_at: float) -> None:
        self.sending, self.epoch, self.renewed_at = sending, epoch, renewed_at
        self.task = asyncio.create_task(sending.run())

    @property
    def lease(self) -> str:
        return f"number:{self.sending.number.account_id.hex}"


class Sender:
    """`run` in one event loop; several senders share the numbers between them."""

    def __init__(
        self,
        store: EventStore,
        read: Engine,
        leases: Leases,
        debts: PairDebts,
        provider: Provider,
        files: FileStorage,
        owner: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._read, self._leases, self._owner = read, leases, owner
        self.rounds = Rounds()
        steady = Steady(clock)
        self._outcomes = Outcomes(store, steady)
        parcels, zones = Parcels(provider, files), Zones(read)
        self._tools = Tools(store, read, provider, parcels, zones, self._outcomes, debts, steady)
        # Of its own: a lease is not kept waiting by the claims of twenty other numbers.
        self._threads = ThreadPoolExecutor(LEASES_AT_ONCE, "leases")
        self._overheard = Overheard(store)
        self._held: dict[UUID, Held] = {}
        self._cooling: dict[UUID, float] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; then claims no more, waits for the last answers and stores them."""
        flusher = asyncio.create_task(self._outcomes.run())
        try:
            while not stop.is_set():
                self.rounds.next()
                try:
                    await self._tend()
                except Exception:
                    log.exception("the sender cannot look after its numbers")
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), LOOK_S)
        finally:
            await self._let_go()
            flusher.cancel()
            with suppress(asyncio.CancelledError):
                await flusher
            self._threads.shutdown(wait=False)

    async def _aside(self, call: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *arguments)

    async def _tend(self) -> None:
        await self._renew()
        await self._reap()
        await self._aside(self._overheard.look)
        wanted = await self._aside(self._wanted, self._overheard.numbers)
        new = [
            n for n in wanted if n.account_id not in self._held and not self._cools(n.account_id)
        ]
        # Side by side: of many companies that begin at once, none waits for the others' leases.
        await asyncio.gather(*map(self._take_on, new))
        for account_id, held in self._held.items():
            if replies := self._overheard.take(account_id):
                held.sending.hear(replies)

    async def _take_on(self, number: Number) -> None:
        asked_at = time.monotonic()
        lease = f"number:{number.account_id.hex}"
        epoch = await self._aside(self._leases.acquire, lease, self._owner, LEASE_S)
        if epoch is not None:
            sending = NumberSender(number, self._tools)
            self._held[number.account_id] = Held(sending, epoch, asked_at)

    def _cools(self, account_id: UUID) -> bool:
        until = self._cooling.pop(account_id, 0.0)
        if until > time.monotonic():
            self._cooling[account_id] = until
            return True
        return False

    def _wanted(self, heard: list[UUID]) -> list[Number]:
        a = accounts.c
        waiting = select(lanes.c.account_id).where(
            lanes.c.state == "running", lanes.c.pending_count > 0
        )
        statement = select(*(a[name] for name in ASKED)).where(
            may_send(), or_(a.account_id.in_(waiting), a.account_id.in_(heard))
        )
        with self._read.connect() as connection:
            return [
                Number(
                    row.workspace_id, row.account_id, row.phone_number_id, rate(row), row.provider
                )
                for row in connection.execute(statement)
            ]

    async def _renew(self) -> None:
        for held in list(self._held.values()):
            asked_at = time.monotonic()
            if asked_at - held.renewed_at < RENEW_AFTER_S or held.task.done():
                continue
            try:
                kept = await self._aside(
                    self._leases.renew, held.lease, self._owner, held.epoch, LEASE_S
                )
            except Exception:
                log.exception("the lease %s could not be renewed", held.lease)
                kept = asked_at - held.renewed_at < LOST_AFTER_S
            else:
                if kept:
                    held.renewed_at = asked_at
            if not kept:
                log.warning("the lease %s is lost", held.lease)
                held.sending.stop()

    async def _reap(self) -> None:
        for account_id, held in list(self._held.items()):
            if not held.task.done():
                continue
            del self._held[account_id]
            if not held.sending.idle:
                self._cooling[account_id] = time.monotonic() + COOL_S
            if error := held.task.exception():
                log.error("number %s broke: %r", held.sending.number.phone_number_id, error)
            await self._release(held)

    async def _release(self, held: Held) -> None:
        try:
            await self._aside(self._leases.release, held.lease, self._owner, held.epoch)
        except Exception:
            log.exception("the lease %s ends by itself", held.lease)

    async def _let_go(self) -> None:
        for held in self._held.values():
            held.sending.stop()
        if tasks := [held.task for held in self._held.values()]:
            await asyncio.wait(tasks, timeout=GOODBYE_S)
        for held in self._held.values():
            held.task.cancel()
            await self._release(held)
        self._held.clear()
