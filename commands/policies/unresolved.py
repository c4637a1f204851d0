"""Attempts nobody brings an outcome for any more become unknown; they are never made again.

After thirty days without news the provider has dropped a message, so it expires.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, exists, select

from commands.execute import Ask, execute_many
from commands.policies.recent import Recent
from commands.policies.zones import Zones
from commands.store import EventStore
from domain.message import ExpireMessage, MarkUnknown, message
from projections.campaigns import campaigns
from projections.messages import messages
from projections.queue import send_queue
from projections.workspaces import workspaces

GONE_AFTER: Final = timedelta(seconds=60)
"""Longer than a sender waits for an answer and to store it."""
EXPIRES_AFTER: Final = timedelta(days=30)
SWEEP_EVERY_S: Final = 3600.0
MOST: Final = 500


class UnresolvedPolicy:
    name: Final = "unresolved"
    pending = exists().where(send_queue.c.state.in_(["sending", "unknown"]))

    def __init__(
        self,
        store: EventStore,
        read: Engine,
        zones: Zones,
        gone_after: timedelta = GONE_AFTER,
    ) -> None:
        self._store, self._read, self._zones = store, read, zones
        self._gone_after = gone_after
        self._recent = Recent()
        self._swept_at = -SWEEP_EVERY_S

    def step(self, now: datetime) -> int:
        """How many attempts became unknown, and messages expired."""
        done = self._mark(now) + self._expire_unknown(now)
        if time.monotonic() - self._swept_at >= SWEEP_EVERY_S:
            done += self._expire_silent(now)
            self._swept_at = time.monotonic()
        return done

    def _mark(self, now: datetime) -> int:
        waited_s = self._gone_after.total_seconds()
        reason = f"no outcome was stored within {waited_s:g} s of the attempt"
        q = send_queue.c
        rows = self._rows(q.state == "sending", q.attempted_at < now - self._gone_after)
        asks = [
            Ask(
                message,
                row.message_id,
                MarkUnknown(
                    workspace_id=row.workspace_id,
                    message_id=row.message_id,
                    attempt=row.attempt,
                    reason=reason,
                ),
            )
            for row in rows
        ]
        return self._ask(asks, now)

    def _expire_unknown(self, now: datetime) -> int:
        q = send_queue.c
        rows = self._rows(q.state == "unknown", q.attempted_at < now - EXPIRES_AFTER)
        return self._ask([_expire(row.workspace_id, row.message_id) for row in rows], now)

    def _rows(self, *where: ColumnElement[bool]) -> Sequence[Any]:
        q = send_queue.c
        statement = (
            select(q.workspace_id, q.message_id, q.attempt)
            .where(*where)
            .order_by(q.attempted_at)
            .limit(MOST)
        )
        with self._read.connect() as connection:
            rows = {(row.message_id, row.attempt): row for row in connection.execute(statement)}
        return [rows[key] for key in self._recent.new(rows)]

    def _expire_silent(self, now: datetime) -> int:
        """Accepted or sent, and nothing since. Looked for per campaign, where the index helps."""
        expired = 0
        with self._read.connect() as connection:
            c, w = campaigns.c, workspaces.c
            silent = select(c.workspace_id, c.campaign_id).where(
                c.launched_at < now - EXPIRES_AFTER,
                c.accepted_count > c.delivered_count + c.expired_count,
            )
            places: list[tuple[UUID, UUID | None]] = [tuple(r) for r in connection.execute(silent)]
            places += [(id_, None) for id_ in connection.execute(select(w.workspace_id)).scalars()]
        for workspace_id, campaign_id in places:
            while asks := self._silent(workspace_id, campaign_id, now):
                expired += self._ask(asks, now)
        return expired

    def _silent(self, workspace_id: UUID, campaign_id: UUID | None, now: datetime) -> list[Ask]:
        m = messages.c
        statement = (
            select(m.message_id)
            .where(
                m.workspace_id == workspace_id,
                m.campaign_id == campaign_id if campaign_id else m.campaign_id.is_(None),
                m.status.in_(["accepted", "sent"]),
                m.attempted_at < now - EXPIRES_AFTER,
            )
            .limit(MOST)
        )
        with self._read.connect() as connection:
            ids = list(connection.execute(statement).scalars())
        return [_expire(workspace_id, id_) for id_ in self._recent.new(ids)]

    def _ask(self, asks: Sequence[Ask], now: datetime) -> int:
        metadata = [self._zones.metadata(ask.command.workspace_id, self.name) for ask in asks]
        execute_many(self._store, [[ask] for ask in asks], metadata, now)
        return len(asks)


def _expire(workspace_id: UUID, message_id: UUID) -> Ask:
    command = ExpireMessage(workspace_id=workspace_id, message_id=message_id)
    return Ask(message, message_id, command)
