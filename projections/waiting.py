"""Fetched batches on their way into transactions. Partitions take turns, so that one with a long
backlog does not keep what comes for the others waiting behind all of it.

Of a backlog a transaction takes as much as it can from one partition: facts about the same thing
lie some thousands apart there, and those that meet in a transaction are one change of its row.
"""

from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, NamedTuple

RECORDS_A_FETCH: Final = 4000
BYTES_A_FETCH: Final = 4 * 1024 * 1024
"""Of one partition: some thousand records also where they are not compressed."""
LITTLE: Final = 500
"""No backlog: taken along whole, before anybody has a turn."""


class Fetched(NamedTuple):
    """One partition's records as they came. `ack` tells Kafka, once they are applied."""

    partition: int
    records: Sequence[Any]
    current: Callable[[], bool]
    ack: Callable[[], Awaitable[object]]


class Waiting:
    """One queue for each partition; whoever has just had its turn is the last to have the next."""

    def __init__(self) -> None:
        self._queues: dict[int, deque[Fetched]] = {}
        self._records: Counter[int] = Counter()

    @property
    def records(self) -> int:
        """How many wait in all."""
        return self._records.total()

    def of(self, partition: int) -> int:
        """How many wait of that partition."""
        return self._records[partition]

    def add(self, fetched: Fetched) -> None:
        """Behind what waits of its partition."""
        self._queues.setdefault(fetched.partition, deque()).append(fetched)
        self._records[fetched.partition] += len(fetched.records)

    def take(self, records: int) -> list[Fetched]:
        """Batch by batch, until there are so many records or none are left."""
        taken: list[Fetched] = []
        turns = sorted(self._queues, key=lambda partition: self._records[partition] > LITTLE)
        for partition in turns:
            if records <= 0:
                break
            queue = self._queues.pop(partition)
            while queue and records > 0:
                taken.append(queue.popleft())
                self._records[partition] -= len(taken[-1].records)
                records -= len(taken[-1].records)
            if queue:
                self._queues[partition] = queue
        return taken
