"""Turns the audience of a launched campaign into messages, chunk by chunk.

A chunk's messages and the fact that it was queued are one commit, so after a crash the next chunk
begins exactly behind the last one. Whom the campaign must not reach is suppressed with the reason.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Engine, select

from commands.execute import Ask, Done, execute_many
from commands.policies.addressed import Work, addressed, shape_of
from commands.policies.recipients import Recipient, chunk
from commands.policies.rendering import Shape
from commands.policies.zones import Zones
from commands.store import EventStore
from domain.campaign import CampaignAudienceQueued, FailCampaign, Plan, QueueAudience, campaign
from domain.kernel import Rejected
from domain.message import QueueMessage
from projections import contacts, groups
from projections.checkpoints import checkpoints, partition_of
from projections.work import audience_work

CHUNK: Final = 500
CHUNKS_PER_STEP: Final = 4
NEEDED: Final = (contacts.projection, groups.projection)

log = logging.getLogger("blazz.policies")


class AudiencePolicy:
    name: Final = "audience"

    def __init__(self, store: EventStore, read: Engine, zones: Zones, partitions: int) -> None:
        self._store, self._read, self._zones, self._partitions = store, read, zones, partitions
        self._ahead: dict[UUID, tuple[int, UUID | None]] = {}
        """Chunk and place behind what we appended; the read model may not know it yet."""

    def step(self, now: datetime) -> int:
        """How many recipients were queued or suppressed."""
        with self._read.connect() as connection:
            rows = connection.execute(_ACTIVE).all()
            active = {row.campaign_id for row in rows}
            self._ahead = {i: ahead for i, ahead in self._ahead.items() if i in active}
            works = [work for row in rows if (work := self._work(row))]
            works = [work for work in works if self._in_time(connection, work)]
        return sum(self._chunks(work, now) for work in works)

    def _work(self, row: Any) -> Work | None:
        next_chunk, through = row.next_chunk, row.through
        ahead = self._ahead.get(row.campaign_id)
        if ahead and ahead[0] > next_chunk:
            next_chunk, through = ahead
        if next_chunk == FINISHED:
            return None
        plan = msgspec.json.decode(row.plan, type=Plan)
        return Work(
            row.workspace_id, row.campaign_id, plan, row.launched_position, next_chunk, through
        )

    def _in_time(self, connection: Connection, work: Work) -> bool:
        """Whether contacts and groups are known as they were at the launch, or later."""
        c = checkpoints.c
        partition = partition_of(work.workspace_id, self._partitions)
        reached = {
            (name, version): position
            for name, version, position in connection.execute(
                select(c.projection, c.version, c.position).where(
                    c.projection.in_([p.name for p in NEEDED]), c.partition == partition
                )
            )
        }
        return all(reached.get((p.name, p.version), 0) >= work.position for p in NEEDED)

    def _chunks(self, work: Work, now: datetime) -> int:
        recipients = 0
        shape: Shape | None = None
        for _ in range(CHUNKS_PER_STEP):
            with self._read.connect() as connection:
                shape = shape or shape_of(connection, work)
                found, through, last = _next(connection, work)
            if shape is None:
                return recipients
            if not found and work.next_chunk == 1:
                self._fail(work, now)
                break
            if not self._queue(work, shape, found, through, last, now):
                break
            recipients += len(found)
            self._ahead[work.campaign_id] = (FINISHED if last else work.next_chunk + 1, through)
            if last:
                break
            work = work._replace(next_chunk=work.next_chunk + 1, through=through)
        return recipients

    def _queue(
        self,
        work: Work,
        shape: Shape,
        found: Sequence[Recipient],
        through: UUID | None,
        last: bool,
        now: datetime,
    ) -> bool:
        asks = [addressed(work, shape, recipient) for recipient in found]
        queued = sum(isinstance(ask.command, QueueMessage) for ask in asks)
        command = QueueAudience(
            workspace_id=work.workspace_id,
            campaign_id=work.campaign_id,
            chunk=work.next_chunk,
            queued=queued,
            suppressed=len(asks) - queued,
            through=through,
            last=last,
        )
        # The chunk comes last: nobody shall see it done before its messages are there.
        group = [*asks, Ask(campaign, work.campaign_id, command)]
        metadata = self._zones.metadata(work.workspace_id, self.name)
        result = execute_many(self._store, [group], metadata, now)[0]
        if isinstance(result, Rejected):
            log.info("campaign %s queues no audience now: %s", work.campaign_id, result)
            self._ahead.pop(work.campaign_id, None)
            return False
        return any(isinstance(event, CampaignAudienceQueued) for event in result.events)

    def _fail(self, work: Work, now: datetime) -> None:
        command = FailCampaign(
            workspace_id=work.workspace_id, campaign_id=work.campaign_id, reason="empty_audience"
        )
        metadata = self._zones.metadata(work.workspace_id, self.name)
        result = execute_many(
            self._store, [[Ask(campaign, work.campaign_id, command)]], metadata, now
        )[0]
        if isinstance(result, Done):
            self._ahead[work.campaign_id] = (FINISHED, None)


FINISHED: Final = 2**31 - 1
_ACTIVE = (
    select(audience_work)
    .where(audience_work.c.active == 1, audience_work.c.done == 0)
    .order_by(audience_work.c.launched_position)
)


def _next(connection: Connection, work: Work) -> tuple[list[Recipient], UUID | None, bool]:
    """The next chunk with anybody in it; chunks of people who had gone before are passed over."""
    through, last, found = work.through, False, list[Recipient]()
    while not found and not last:
        found, through, last = chunk(
            connection, work.workspace_id, work.plan.audience, work.position, through, CHUNK
        )
    return found, through, last
