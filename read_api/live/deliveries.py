"""Notifications for those who come back, and how often each reader may still be sent one.

Not acknowledged by being read, a notification is sent five times at most, however many windows and
processes send it: each time is taken from the row before it is used. The list still has it.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, bindparam, select, tuple_
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.access import Principal
from domain.ids import show
from domain.notices import position_of
from projections.notifications import notifications
from projections.streams import notification_deliveries
from read_api.live.items import framed
from read_api.live.room import Uncounted
from read_api.notifications import attempts, of_reader, unread
from read_api.sharing import viewing
from read_api.source import Source

ATTEMPTS: Final = 5
AT_ONCE: Final = 50
TOGETHER: Final = 500
"""Asked for by streams at the same moment, in one transaction."""
TRIES: Final = 3
AGAIN_S: Final = 0.2

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
    .where(unread == 1, attempts < ATTEMPTS, notifications.c.expires_at > bindparam("now"))
    .order_by(notifications.c.notification_id)
    .limit(AT_ONCE)
)


_c: Final = notification_deliveries.c
_KEY: Final = (_c.workspace_id, _c.reader_id, _c.notification_id)


class Deliveries:
    """Counts for all streams of the process together: one transaction after the other."""

    def __init__(self, engine: AsyncEngine, source: Source) -> None:
        self._engine, self._source = engine, source
        self._waiting = source.prepare(_waiting)
        self._asked: list[tuple[list[Delivery], asyncio.Future[set[UUID] | None]]] = []
        self._work: asyncio.Task[None] | None = None

    async def waiting(self, principal: Principal, through: int) -> list[bytes]:
        """Notifications up to that position that wait for them, as events to send. Uncounted as
        in `claim`.
        """
        now = {"workspace_id": principal.workspace_id, "now": datetime.now(UTC)}
        (rows,) = await self._source.ask((self._waiting, {**viewing(principal), **now}))
        events = {id_: event for id_, event in map(_event, rows) if position_of(id_) <= through}
        granted = await self.claim(principal, list(events))
        return [event for id_, event in events.items() if id_ in granted]

    async def claim(self, principal: Principal, ids: Sequence[UUID]) -> Collection[UUID]:
        """Those of these notifications that they may be sent once more: this time is counted.
        Uncounted if that could not be written down.
        """
        if not ids:
            return ()
        reader_id = viewing(principal)["reader_id"]
        answer = asyncio.get_running_loop().create_future()
        self._asked.append(([(principal.workspace_id, reader_id, id_) for id_ in ids], answer))
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._answer(), name="deliveries")
        granted: set[UUID] | None = await answer
        if granted is None:
            raise Uncounted
        return granted

    async def _answer(self) -> None:
        while self._asked:
            asked, self._asked = self._asked[:TOGETHER], self._asked[TOGETHER:]
            granted: Sequence[set[UUID] | None] = [None] * len(asked)
            try:
                granted = await self._granted([wanted for wanted, _ in asked])
            except Exception as error:  # noqa: BLE001 - who asks must not wait for ever
                log.warning("deliveries of notifications are not counted: %s", error)
            for (_, answer), ids in zip(asked, granted, strict=True):
                if not answer.done():  # else its stream has gone
                    answer.set_result(ids)

    async def _granted(self, asked: Sequence[list[Delivery]]) -> list[set[UUID]]:
        """Tried anew after deadlocks and lost connections. Counted twice is sent less often."""
        for _ in range(TRIES - 1):
            with suppress(SQLAlchemyError, OSError):
                return await self._taken(asked)
            await asyncio.sleep(AGAIN_S)
        return await self._taken(asked)

    async def _taken(self, asked: Sequence[list[Delivery]]) -> list[set[UUID]]:
        """The rows are written before they are read, so that they stand still until the commit."""
        wanted, used = sorted({one for each in asked for one in each}), Counter[Delivery]()
        async with self._engine.begin() as connection:
            add = _adding(connection.dialect.name)
            await connection.execute(add, _rows(dict.fromkeys(wanted, 0)))
            found = await connection.execute(_attempts(wanted))
            sent = {(row[0], row[1], row[2]): row[3] for row in found}
            granted = []
            for each in asked:
                left = [one for one in each if sent[one] + used[one] < ATTEMPTS]
                used.update(left)
                granted.append({notification_id for _, _, notification_id in left})
            if used:
                await connection.execute(add, _rows(used))
        return granted


def _rows(counts: Mapping[Delivery, int]) -> list[dict[str, Any]]:
    """In one order everywhere, so that processes wait for each other and never in a circle."""
    names = [*(column.name for column in _KEY), "attempts"]
    return [dict(zip(names, (*key, n), strict=True)) for key, n in sorted(counts.items())]


def _attempts(wanted: Sequence[Delivery]) -> Select[Any]:
    return select(*_KEY, _c.attempts).where(tuple_(*_KEY).in_(wanted))


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
