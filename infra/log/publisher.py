"""Sends records to the log, each to the partition of its workspace, and waits for all of them.

Whole batches go to the producer: a record costs a few microseconds instead of twenty. After any
error the publisher is dropped, so that nothing later is ever sent past a lost record.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from infra.log.facts import RawFact
from infra.log.mark import Mark
from infra.log.records import (
    WATERMARK_KEY,
    WATERMARK_VALUE,
    Headers,
    headers_of,
    watermark_headers,
)
from infra.log.topic import LARGEST_RECORD, check_partitions, end_offsets, made_anew
from projections.checkpoints import partition_of

BATCH_BYTES: Final = 1024 * 1024
"""A chunk of one partition mostly fits: batches of a partition wait for each other."""
ANSWER_S: Final = 10.0
GOODBYE_S: Final = 2.0

Message = tuple[bytes, bytes, Headers]
"""Key, value, headers."""


class Prepared(NamedTuple):
    """Batches by partition, and the mark once they are all delivered."""

    mark: Mark
    batches: dict[int, list[Any]]


class Publisher:
    """Open it, send through it, close it; after an error only close it."""

    def __init__(self, bootstrap: str, topic: str, partitions: int) -> None:
        self._bootstrap, self.topic, self.partitions = bootstrap, topic, partitions
        self._ends: dict[int, int] = {}
        # Batches are complete when they are handed over, so there is nothing to linger for.
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=BATCH_BYTES,
            max_request_size=LARGEST_RECORD,
            compression_type="lz4",
        )

    async def open(self, mark: Mark) -> None:
        """Raises what Kafka says, TopicMismatch if this is not the topic that `mark` is about."""
        await asyncio.wait_for(self._producer.start(), ANSWER_S)
        found = await asyncio.wait_for(self._producer.partitions_for(self.topic), ANSWER_S)
        check_partitions(self.topic, len(found), self.partitions)
        ends = await asyncio.wait_for(end_offsets(self._bootstrap, self.topic, found), ANSWER_S)
        for partition, position in enumerate(mark.partitions):
            if position and not ends[partition]:
                raise made_anew(self.topic, partition)
        self._ends = ends

    async def close(self) -> None:
        """Without waiting for what was not delivered: it will be sent again from the mark."""
        producer: Any = self._producer
        if producer._closed:  # noqa: SLF001 - stop() flushes, which may take for ever
            return
        producer._closed = True  # noqa: SLF001
        try:
            if producer._sender.sender_task is not None:  # noqa: SLF001
                await asyncio.wait_for(producer._sender.close(), GOODBYE_S)  # noqa: SLF001
            await asyncio.wait_for(producer.client.close(), GOODBYE_S)
        except (KafkaError, OSError, TimeoutError):
            return  # It was broken; that is why it is being dropped.

    def prepare(self, facts: Sequence[RawFact], mark: Mark) -> Prepared:
        """Batches for all of `facts`, which follow `mark`. Sends nothing; any thread may call."""
        last = [b"%d" % position for position in mark.partitions]
        batches: dict[int, list[Any]] = {}
        for fact in facts:
            key, partition = _home(fact[1], self.partitions)
            headers = headers_of(fact, last[partition], key)
            self._add(batches.setdefault(partition, []), (key, fact[7], headers))
            last[partition] = fact[0]
        return Prepared(Mark(int(facts[-1][0]), tuple(map(int, last))), batches)

    async def send(self, prepared: Prepared) -> None:
        """Returns once the log has all of it."""
        sending = [self._submit(p, batches) for p, batches in prepared.batches.items()]
        await asyncio.wait_for(asyncio.gather(*sending), ANSWER_S)

    async def watermarks(self, partitions: Iterable[int], mark: Mark) -> Mark:
        """Tells partitions to which nothing was sent lately how far the log has got."""
        last, now = list(mark.partitions), datetime.now(UTC)
        batches: dict[int, list[Any]] = {}
        for partition in partitions:
            headers = watermark_headers(mark.position, last[partition], now)
            message = (WATERMARK_KEY, WATERMARK_VALUE, headers)
            self._add(batches.setdefault(partition, []), message)
            last[partition] = mark.position
        after = Mark(mark.position, tuple(last))
        await self.send(Prepared(after, batches))
        return after

    def _add(self, batches: list[Any], message: Message) -> None:
        """To the last batch, or to a new one when that is full."""
        if not batches or not _added(batches[-1], message):
            batches.append(self._producer.create_batch())
            assert _added(batches[-1], message), "an empty batch takes any record"

    async def _submit(self, partition: int, batches: Sequence[Any]) -> None:
        """One partition's batches, each when the log has those before it."""
        for batch in batches:
            batch.close()
            sent = await self._producer.send_batch(batch, self.topic, partition=partition)
            record = await sent
            # -1: the broker had the batch already, from a try whose answer was lost.
            if 0 <= record.offset < self._ends.get(partition, 0):
                raise made_anew(self.topic, partition)
            self._ends[partition] = max(record.offset + 1, self._ends.get(partition, 0))


def _added(batch: Any, message: Message) -> bool:
    key, value, headers = message
    return batch.append(timestamp=None, key=key, value=value, headers=headers) is not None


@lru_cache(maxsize=10_000)
def _home(workspace_id: bytes, partitions: int) -> tuple[bytes, int]:
    """A workspace's key and partition."""
    return workspace_id.hex().encode(), partition_of(UUID(bytes=workspace_id), partitions)
