"""Fetched batches into the sink, several partitions a transaction when there is a backlog; and the
watch over it that turns a silent standstill into an end with a reason.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import monotonic
from typing import Any, Final, NamedTuple

from projections.batch import Applied
from projections.entries import LogEntry
from projections.headers import entry_of
from projections.sink import Sink

BATCHES_WAITING: Final = 24
RECORDS_A_COMMIT: Final = 2000
ANSWER_S: Final = 10.0


class Refused(Exception):
    """The worker must not go on as things are; the message says why and what to do."""


class Fetched(NamedTuple):
    """One partition's records as they came. `ack` tells Kafka, once they are applied."""

    partition: int
    records: Sequence[Any]
    current: Callable[[], bool]
    ack: Callable[[], Awaitable[object]]


class Intake:
    """One queue, one transaction at a time."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.waiting: asyncio.Queue[Fetched] = asyncio.Queue(BATCHES_WAITING)
        self.next_offsets: dict[int, int] = {}
        self.total = Applied()

    async def run(self) -> None:
        """Until something is raised that the sink could not settle."""
        while True:
            taken = [await self.waiting.get()]
            count = len(taken[0].records)
            while count < RECORDS_A_COMMIT and not self.waiting.empty():
                taken.append(self.waiting.get_nowait())
                count += len(taken[-1].records)
            # After a rebalance the records come again, here or elsewhere, from the checkpoint on.
            taken = [fetched for fetched in taken if fetched.current()]
            if not taken:
                continue
            self.total = self.total.plus(await asyncio.to_thread(self._apply, taken))
            for fetched in taken:
                self.next_offsets[fetched.partition] = fetched.records[-1].offset + 1
                if fetched.current():
                    await fetched.ack()

    def _apply(self, taken: Sequence[Fetched]) -> Applied:
        batches: dict[int, list[LogEntry]] = {}
        for fetched in taken:
            batches.setdefault(fetched.partition, []).extend(
                entry_of(r.offset, r.headers, r.value) for r in fetched.records
            )
        return self.sink.apply_all(batches)


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
            f" {end}: it is another topic, or the broker lost records; rebuild the read models"
            " from the store"
        )
    return stored
