"""Fetched batches on their way into transactions. Partitions take turns, so that one with a long
backlog does not keep what comes for the others waiting behind all of it.
"""

from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple


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
        while self._queues and records > 0:
            partition = next(iter(self._queues))
            queue = self._queues.pop(partition)
            taken.append(queue.popleft())
            if queue:
                self._queues[partition] = queue
            self._records[partition] -= len(taken[-1].records)
            records -= len(taken[-1].records)
        return taken
