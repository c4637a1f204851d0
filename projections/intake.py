"""Fetched batches into the sink, several partitions a transaction when there is a backlog; and the
watch over it that turns a silent standstill into an end with a reason.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import monotonic
from typing import Any, Final, NamedTuple

from projections.batch import Applied, Prepared
from projections.entries import LogEntry
from projections.headers import entry_of
from projections.places import stay
from projections.sink import Sink
from projections.waiting import Fetched, Waiting

RECORDS_A_COMMIT: Final = 8000
"""The more go into one transaction, the more changes of one row are made only once."""
RECORDS_AHEAD: Final = 1000
"""From here on the next transaction is prepared while the last one commits."""
RECORDS_WAITING: Final = 20_000
ANSWER_S: Final = 10.0


class Refused(Exception):
    """The worker must not go on as things are; the message says why and what to do."""


class _Ready(NamedTuple):
    batches: Mapping[int, Sequence[LogEntry]]
    prepared: Prepared | None


class Intake:
    """One transaction at a time; from a backlog, the next one is prepared meanwhile."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.next_offsets: dict[int, int] = {}
        self.total = Applied()
        self._waiting = Waiting()
        self._arrived, self._left = asyncio.Event(), asyncio.Event()

    def begin(self, log_id: str) -> None:
        """The checkpoints are there, and their offsets are of this log; else OtherLog."""
        sink = self.sink
        stay(sink.engine, sink.projections, sink.partitions, log_id, sink.stopping)

    async def put(self, fetched: Fetched) -> None:
        """Waits while enough is there: what bounds the memory is the number of records."""
        while self._waiting.records >= RECORDS_WAITING:
            self._left.clear()
            await self._left.wait()
        self._waiting.add(fetched)
        self._arrived.set()

    def full(self, partition: int) -> bool:
        """A whole transaction of it waits: more would only stand in the way of the others."""
        return self._waiting.of(partition) >= RECORDS_A_COMMIT

    async def run(self) -> None:
        """Until something is raised that the sink could not settle."""
        commit: asyncio.Task[None] | None = None
        behind: Prepared | None = None
        try:
            while True:
                await self._due(commit)
                if taken := self._take():
                    before = await self._before(commit, behind)
                    ready = None
                    if before is not None or sum(len(t.records) for t in taken) >= RECORDS_AHEAD:
                        ready = await asyncio.to_thread(self._prepare, taken, before)
                    if commit is not None:
                        await commit
                    if ready and before is not None and not self.sink.reached(before):
                        ready = ready._replace(prepared=None)
                    commit = asyncio.create_task(self._commit(taken, ready))
                    behind = ready.prepared if ready else None
        finally:
            if commit is not None:
                commit.cancel()
                await asyncio.gather(commit, return_exceptions=True)

    async def _before(
        self, commit: "asyncio.Task[None] | None", behind: Prepared | None
    ) -> Prepared | None:
        """What will stand after the transaction under way; None if there is none by now.

        Where that cannot be told it is waited for: what is prepared on a wrong guess is of no use,
        nor is what would be prepared behind it, and so on for as long as there is a backlog.
        """
        if commit is None or commit.done():
            return None
        if behind is None:
            await commit
        return behind

    async def _due(self, commit: "asyncio.Task[None] | None") -> None:
        """Until something waits: a good deal of it, while a transaction is under way."""
        while True:
            under_way = commit is not None and not commit.done()
            if self._waiting.records >= (RECORDS_AHEAD if under_way else 1):
                return
            self._arrived.clear()
            arrived = asyncio.ensure_future(self._arrived.wait())
            waits: set[asyncio.Future[Any]] = {arrived}
            if commit is not None and under_way:
                waits.add(commit)
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                arrived.cancel()
            if commit is not None and commit.done():
                commit.result()

    def _take(self) -> list[Fetched]:
        """As much as one transaction takes, unless it is no longer for us.

        After a rebalance the records come again, here or elsewhere, from the checkpoint on.
        """
        taken = self._waiting.take(RECORDS_A_COMMIT)
        self._left.set()
        return [fetched for fetched in taken if fetched.current()]

    def _prepare(self, taken: Sequence[Fetched], behind: Prepared | None) -> _Ready:
        batches: dict[int, list[LogEntry]] = {}
        for fetched in taken:
            batches.setdefault(fetched.partition, []).extend(
                [entry_of(r.offset, r.headers, r.value) for r in fetched.records]
            )
        return _Ready(batches, self.sink.prepare(batches, behind))

    async def _commit(self, taken: Sequence[Fetched], ready: _Ready | None) -> None:
        """A few records are prepared here: to change threads for them would take longer."""

        def work() -> Applied:
            found = ready or self._prepare(taken, None)
            return self.sink.apply_all(found.batches, found.prepared)

        done = await asyncio.to_thread(work)
        self.total = self.total.plus(done)
        for fetched in taken:
            self.next_offsets[fetched.partition] = fetched.records[-1].offset + 1
            if fetched.current():
                await fetched.ack()
        sys.audit("blazz.worker.after_ack")


async def watch(
    intake: Intake, ends: Callable[[], Awaitable[Mapping[int, int]]], stall_s: float
) -> None:
    """Refused when there is something to apply and nothing moves for `stall_s`.

    `ends` gives the end offset of each partition at hand; while it fails, the broker is away and
    nothing can move.
    """
    seen: dict[int, int] = {}
    since = monotonic()
    while True:
        await asyncio.sleep(min(1.0, stall_s / 4))
        try:
            found = await asyncio.wait_for(ends(), ANSWER_S)
        except Exception:  # noqa: BLE001 - whatever the reason, no end is known
            since = monotonic()
            continue
        lag = sum(max(0, end - intake.next_offsets.get(p, 0)) for p, end in found.items())
        now = {p: intake.next_offsets.get(p, 0) for p in found}
        if now != seen or not lag:
            seen, since = now, monotonic()
        elif monotonic() - since > stall_s:
            raise Refused(
                f"{lag} records wait in partitions {sorted(found)} and none was applied for"
                f" {stall_s:g} s: ending, so that a fresh worker takes over"
            )


def check_offset(partition: int, stored: int | None, earliest: int, end: int) -> int:
    """Where to begin reading. Refused if the records that come next are not in the topic."""
    if stored is None:
        return earliest
    if stored < earliest:
        raise Refused(
            f"partition {partition}: the checkpoint stands at offset {stored}, but the topic begins"
            f" at {earliest}: its retention has dropped records that were never applied; rebuild"
            " the read models from the store"
        )
    if stored > end:
        raise Refused(
            f"partition {partition}: the checkpoint stands at offset {stored}, but the topic ends at"
            f" {end}: it is another topic, or the broker lost records; if all of them are here,"
            " `blazz projections adopt`, else rebuild the read models from the store"
        )
    return stored
