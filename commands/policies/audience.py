"""Turns the audience of a launched campaign into messages, chunk by chunk.

A chunk's messages and the fact that it was queued are one commit, so after a crash the next chunk
begins exactly behind the last one. Whom the campaign must not reach is suppressed with the reason.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Engine, exists, select

from commands.execute import Ask, Done, execute_many
from commands.policies.addressed import Shapes, Work
from commands.policies.pieces import CHUNK, Piece, asks_of, behind
from commands.policies.zones import Zones
from commands.store import EventStore
from commands.stream import Stream
from commands.streams import Streams
from domain.campaign import CampaignAudienceQueued, FailCampaign, Plan, campaign
from domain.kernel import Rejected
from projections import contacts, groups
from projections.checkpoints import checkpoints, partition_of
from projections.work import audience_work

FIRST_CHUNK: Final = 20
FIRST_COMMIT: Final = 200
"""A campaign's first messages are on their way before anybody's thousands are: all campaigns that
begin now share one commit, so the more they are, the fewer recipients each begins with."""
BEGINNERS_S: Final = 0.5
"""While campaigns keep beginning, those that have begun wait for them, but no longer than that."""
MOST_AHEAD: Final = 3000
"""Recipients on their way to the read models at once, of all campaigns together. So the log stays
short: who launches or pauses a campaign does not wait until another's audience has gone through."""
NEEDED: Final = (contacts.projection, groups.projection)

log = logging.getLogger("blazz.policies")


class Ahead(NamedTuple):
    """What we appended; the read model may not know it yet. `sizes` are those of the chunks."""

    next_chunk: int
    through: UUID | None
    last: bool
    sizes: tuple[int, ...] = ()


class AudiencePolicy:
    name: Final = "audience"
    pending = exists().where(audience_work.c.active == 1, audience_work.c.done == 0)

    def __init__(self, store: EventStore, read: Engine, zones: Zones, partitions: int) -> None:
        self._store, self._read, self._zones, self._partitions = store, read, zones, partitions
        self._ahead: dict[UUID, Ahead] = {}
        self._went_on_at = -BEGINNERS_S
        self._in_time: set[UUID] = set()
        """Campaigns at whose launch the contacts and groups are known; that never ends."""

    def step(self, now: datetime) -> int:
        """How many recipients were queued or suppressed."""
        with self._read.connect() as connection:
            rows = {row.campaign_id: row for row in connection.execute(_ACTIVE)}
            self._ahead = {i: ahead for i, ahead in self._ahead.items() if i in rows}
            works = [work for row in rows.values() if (work := self._work(row))]
            self._in_time &= rows.keys()
            if late := [work for work in works if work.campaign_id not in self._in_time]:
                self._in_time |= self._begun(connection, late)
            works = [work for work in works if work.campaign_id in self._in_time]
            return self._expand(connection, works, rows, now)

    def _expand(
        self, connection: Connection, works: list[Work], rows: Mapping[UUID, Any], now: datetime
    ) -> int:
        shapes = Shapes(connection)
        done = self._begin(shapes, [work for work in works if work.next_chunk == 1], now)
        if done and time.monotonic() - self._went_on_at < BEGINNERS_S:
            return done
        self._went_on_at = time.monotonic()
        begun = [work for work in works if work.next_chunk > 1]
        return done + self._go_on(shapes, begun, rows, now)

    def _begin(self, shapes: Shapes, works: Sequence[Work], now: datetime) -> int:
        """The first chunks of all of them."""
        size = max(1, min(FIRST_CHUNK, FIRST_COMMIT // max(1, len(works))))
        done, pieces = 0, list[Piece]()
        for work in works:
            pieces += self._piece(shapes, work, size, now)
            if sum(len(piece.found) for piece in pieces) >= FIRST_COMMIT:
                done, pieces = done + self._queue(pieces, now), []
        return done + self._queue(pieces, now)

    def _go_on(
        self, shapes: Shapes, works: list[Work], rows: Mapping[UUID, Any], now: datetime
    ) -> int:
        """One commit; those that have had the least come first, so that all get on side by side."""
        away = {i: self._away(row) for i, row in rows.items()}
        room = min(CHUNK, MOST_AHEAD - sum(away.values()))
        pieces = list[Piece]()
        for work in sorted(works, key=lambda work: (away[work.campaign_id], work.next_chunk)):
            if room <= 0:
                break
            found = self._piece(shapes, work, CHUNK, now)
            pieces += found
            room -= sum(len(piece.found) for piece in found)
        return self._queue(pieces, now)

    def _away(self, row: Any) -> int:
        """How many recipients of a campaign are on their way to the read models."""
        ahead = self._ahead.get(row.campaign_id)
        unknown = ahead.next_chunk - row.next_chunk if ahead else 0
        return sum(ahead.sizes[-unknown:]) if ahead and unknown > 0 else 0

    def _work(self, row: Any) -> Work | None:
        next_chunk, through = row.next_chunk, row.through
        ahead = self._ahead.get(row.campaign_id)
        if ahead and ahead.last:
            return None
        if ahead and ahead.next_chunk > next_chunk:
            next_chunk, through = ahead[:2]
        plan = msgspec.json.decode(row.plan, type=Plan)
        return Work(
            row.workspace_id, row.campaign_id, plan, row.launched_position, next_chunk, through
        )

    def _begun(self, connection: Connection, works: Sequence[Work]) -> set[UUID]:
        """Those at whose launch contacts and groups are known as they were then, or later."""
        c = checkpoints.c
        statement = select(c.projection, c.version, c.partition, c.position).where(
            c.projection.in_([p.name for p in NEEDED])
        )
        reached = {tuple(place): position for *place, position in connection.execute(statement)}
        return {
            work.campaign_id
            for work in works
            if all(
                reached.get((p.name, p.version, self._partition(work)), 0) >= work.position
                for p in NEEDED
            )
        }

    def _partition(self, work: Work) -> int:
        return partition_of(work.workspace_id, self._partitions)

    def _piece(self, shapes: Shapes, work: Work, size: int, now: datetime) -> list[Piece]:
        """One, unless there is nobody to begin with or the template is not known yet."""
        found, through, last = behind(shapes.connection, work, size)
        shape = shapes.of(work)
        if shape is None:
            return []
        if not found and work.next_chunk == 1:
            self._fail(work, now)
            return []
        return [Piece(work, shape, found, through, last)]

    def _queue(self, pieces: Sequence[Piece], now: datetime) -> int:
        """All of them in one commit, each with its messages or not at all."""
        groups = [asks_of(piece) for piece in pieces]
        metadata = [self._zones.metadata(piece.work.workspace_id, self.name) for piece in pieces]
        streams = Streams(self._store)
        # They begin here: facts are only looked for after a conflict.
        streams.adopt({ask.stream_id: Stream(()) for asks in groups for ask in asks[:-1]})
        results = execute_many(self._store, groups, metadata, now, streams)
        done = 0
        for piece, result in zip(pieces, results, strict=True):
            campaign_id, ahead = piece.work.campaign_id, self._ahead.get(piece.work.campaign_id)
            if isinstance(result, Rejected):
                log.info("campaign %s queues no audience now: %s", campaign_id, result)
                self._ahead.pop(campaign_id, None)
            elif any(isinstance(event, CampaignAudienceQueued) for event in result.events):
                sizes = (*(ahead.sizes if ahead else ()), len(piece.found))[-MOST_SIZES:]
                next_chunk = piece.work.next_chunk + 1
                self._ahead[campaign_id] = Ahead(next_chunk, piece.through, piece.last, sizes)
                done += len(piece.found)
        return done

    def _fail(self, work: Work, now: datetime) -> None:
        command = FailCampaign(
            workspace_id=work.workspace_id, campaign_id=work.campaign_id, reason="empty_audience"
        )
        metadata = self._zones.metadata(work.workspace_id, self.name)
        result = execute_many(
            self._store, [[Ask(campaign, work.campaign_id, command)]], metadata, now
        )[0]
        if isinstance(result, Done):
            self._ahead[work.campaign_id] = Ahead(work.next_chunk, None, last=True)


MOST_SIZES: Final = 64
_ACTIVE = (
    select(audience_work)
    .where(audience_work.c.active == 1, audience_work.c.done == 0)
    .order_by(audience_work.c.launched_position)
)
