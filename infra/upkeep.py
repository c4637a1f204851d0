"""What is kept for a while only: items of streams for hours, notifications until they expire, tickets
for seconds. None of it is a fact, so nothing is said when it goes.
"""

import time
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.dialects import mysql, sqlite

from projections.live import live_items
from projections.notifications import notification_reads, notifications
from projections.streams import notification_deliveries, stream_tickets, stream_trims

ITEMS_FOR: Final = timedelta(hours=6)
"""Whoever was away for longer begins anew."""
AT_ONCE: Final = 5_000
EVERY_S: Final = 30.0


def trim_items(connection: Connection, before: datetime) -> int:
    """Takes away the oldest of those recorded before that, and notes up to where they are gone."""
    c = live_items.c
    oldest = select(c.workspace_id, c.position).where(c.at < before).order_by(c.at).limit(AT_ONCE)
    ends: dict[UUID, int] = {}
    for workspace_id, position in connection.execute(oldest):
        ends[workspace_id] = max(position, ends.get(workspace_id, 0))
    gone = 0
    for workspace_id, end in sorted(ends.items()):
        connection.execute(_noting(connection.dialect.name, workspace_id, end))
        taken = delete(live_items).where(c.workspace_id == workspace_id, c.position <= end)
        gone += connection.execute(taken).rowcount
    return gone


def expire_notifications(connection: Connection, now: datetime) -> int:
    """With what is known of who has read them, and who was sent them."""
    n = notifications.c
    expired = select(n.workspace_id, n.notification_id).where(n.expires_at <= now).limit(AT_ONCE)
    found = connection.execute(expired).all()
    for table in (notification_deliveries, notification_reads, notifications):
        for workspace_id, notification_id in found:
            mine = (
                table.c.workspace_id == workspace_id,
                table.c.notification_id == notification_id,
            )
            connection.execute(delete(table).where(*mine))
    return len(found)


def expire_tickets(connection: Connection, now: datetime) -> int:
    """Those that nobody has used."""
    old = delete(stream_tickets).where(stream_tickets.c.expires_at <= now)
    return connection.execute(old).rowcount


def _noting(dialect: str, workspace_id: UUID, position: int) -> Any:
    row = {"workspace_id": workspace_id, "position": position}
    if dialect == "mysql":
        return mysql.insert(stream_trims).values(row).on_duplicate_key_update(position=position)
    new = sqlite.insert(stream_trims).values(row)
    return new.on_conflict_do_update(index_elements=["workspace_id"], set_={"position": position})


class UpkeepPolicy:
    """Twice a minute, and again at once while there is more to take away."""

    name: Final = "upkeep"

    def __init__(self, read: Engine) -> None:
        self._read, self._due_at = read, 0.0

    def step(self, now: datetime) -> int:
        """How many rows went."""
        if time.monotonic() < self._due_at:
            return 0
        gone = 0
        for work, at in (
            (trim_items, now - ITEMS_FOR),
            (expire_notifications, now),
            (expire_tickets, now),
        ):
            with self._read.begin() as connection:
                gone += work(connection, at)
        if gone < AT_ONCE:
            self._due_at = time.monotonic() + EVERY_S
        return gone
