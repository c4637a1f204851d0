"""Notifications for those who come back, and how often each reader has been sent one.

Not acknowledged by being read, a notification is sent five times at most; the list still has it.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.access import Principal
from domain.ids import show
from domain.notices import position_of
from projections.notifications import notifications
from projections.streams import notification_deliveries
from read_api.live.items import framed
from read_api.notifications import attempts, of_reader, unread
from read_api.sharing import viewing
from read_api.source import Source

ATTEMPTS: Final = 5
AT_ONCE: Final = 50
GATHER_S: Final = 0.25

log = logging.getLogger("blazz.live")
Delivery = tuple[UUID, UUID, UUID]
"""Workspace, reader, notification."""

_waiting: Final = (
    of_reader(
        notifications.c.notification_id,
        notifications.c.kind,
        notifications.c.title,
        notifications.c.reason,
        notifications.c.priority,
        notifications.c.created_at,
        notifications.c.expires_at,
    )
    .where(unread == 1, attempts < ATTEMPTS)
    .order_by(notifications.c.notification_id)
    .limit(AT_ONCE)
)


class Deliveries:
    """Counts in memory for a moment, then in the database: for all readers at once."""

    def __init__(self, engine: AsyncEngine, source: Source) -> None:
        self._engine, self._source = engine, source
        self._waiting = source.prepare(_waiting)
        self._counts: Counter[Delivery] = Counter()
        self._work: asyncio.Task[None] | None = None

    async def waiting(self, principal: Principal, through: int) -> list[tuple[UUID, bytes]]:
        """Notifications up to that position that wait for them, each with the event to send."""
        binds = {**viewing(principal), "workspace_id": principal.workspace_id}
        (rows,) = await self._source.ask((self._waiting, binds))
        now = datetime.now(UTC)
        waiting = [_event(row) for row in rows if row[-1].replace(tzinfo=UTC) > now]
        return [(id_, event) for id_, event in waiting if position_of(id_) <= through]

    def count(self, principal: Principal, sent: Iterable[UUID]) -> None:
        """They have been sent these once more."""
        reader_id = principal.user_id or principal.key_id
        if reader_id is None:
            return
        self._counts.update((principal.workspace_id, reader_id, id_) for id_ in sent)
        if self._counts and (self._work is None or self._work.done()):
            self._work = asyncio.create_task(self._write(), name="deliveries")

    async def _write(self) -> None:
        while self._counts:
            await asyncio.sleep(GATHER_S)
            counts, self._counts = self._counts, Counter()
            rows = [
                dict(zip(_KEY, key, strict=True), attempts=times)
                for key, times in sorted(counts.items())
            ]
            try:
                async with self._engine.begin() as connection:
                    await connection.execute(_adding(connection.dialect.name), rows)
            except (SQLAlchemyError, OSError) as error:
                log.warning("deliveries of notifications are not counted: %s", error)


_KEY: Final = ("workspace_id", "reader_id", "notification_id")


def _adding(dialect: str) -> Any:
    table = notification_deliveries
    if dialect == "mysql":
        new = mysql.insert(table)
        return new.on_duplicate_key_update(attempts=table.c.attempts + new.inserted.attempts)
    add = sqlite.insert(table)
    summed = {"attempts": table.c.attempts + add.excluded.attempts}
    return add.on_conflict_do_update(index_elements=list(_KEY), set_=summed)


def _event(row: Sequence[Any]) -> tuple[UUID, bytes]:
    names = ("notification_id", "kind", "title", "reason", "priority", "created_at", "expires_at")
    id_ = UUID(bytes=row[0])
    body = dict(zip(names, [show("notification", id_), *row[1:]], strict=True))
    return id_, framed(body, "notification")
