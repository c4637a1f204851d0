"""What is kept for a while only: items of streams for hours, notifications until they expire, tickets
for seconds; webhook bodies that are done, and receipts, for a month. None of it is a fact, so nothing
is said when it goes.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, select, tuple_
from sqlalchemy.dialects import mysql, sqlite

from infra.event_store.tables import receipts, webhook_inbox
from projections.live import live_items
from projections.notifications import notification_reads, notifications
from projections.streams import notification_deliveries, stream_tickets, stream_trims

ITEMS_FOR: Final = timedelta(hours=6)
"""Whoever was away for longer begins anew."""
KEPT_FOR: Final = timedelta(days=30)
"""Bodies and receipts. Providers repeat a webhook for a week at most."""
AT_ONCE: Final = 5_000
FEW_AT_ONCE: Final = 500
"""In the store's database, where commands and receivers of webhooks wait for each other."""
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


def forget_bodies(connection: Connection, before: datetime) -> int:
    """Those done whose last look was before. Were one of them to come again, it would be read again
    and lead to nothing: its messages, statuses and reports are known by their streams.
    """
    b = webhook_inbox.c
    # By the index of what is to be done: it begins with the state, then goes by the last look.
    done = select(b.id).where(b.state == "done", b.next_try_at < before).order_by(b.next_try_at)
    ids = connection.execute(done.limit(FEW_AT_ONCE)).scalars().all()
    return connection.execute(delete(webhook_inbox).where(b.id.in_(ids))).rowcount if ids else 0


def forget_receipts(connection: Connection, before: datetime) -> int:
    """Of keys spent before: each is good for another request then."""
    r = receipts.c
    old = select(r.workspace_id, r.route, r.key_).where(r.created_at < before)
    found = connection.execute(old.order_by(r.created_at).limit(FEW_AT_ONCE)).all()
    key = tuple_(r.workspace_id, r.route, r.key_)
    spent = delete(receipts).where(key.in_([tuple(row) for row in found]), r.created_at < before)
    return connection.execute(spent).rowcount if found else 0


def _noting(dialect: str, workspace_id: UUID, position: int) -> Any:
    row = {"workspace_id": workspace_id, "position": position}
    if dialect == "mysql":
        return mysql.insert(stream_trims).values(row).on_duplicate_key_update(position=position)
    new = sqlite.insert(stream_trims).values(row)
    return new.on_conflict_do_update(index_elements=["workspace_id"], set_={"position": position})


class Work(NamedTuple):
    """`act` takes away what is older than `age`, at most `most` of it, and says how much went."""

    engine: Engine
    act: Callable[[Connection, datetime], int]
    age: timedelta
    most: int


class UpkeepPolicy:
    """Twice a minute, and again at once while there is more to take away."""

    name: Final = "upkeep"

    def __init__(self, read: Engine, store: Engine) -> None:
        self._works = (
            Work(read, trim_items, ITEMS_FOR, AT_ONCE),
            Work(read, expire_notifications, timedelta(0), AT_ONCE),
            Work(read, expire_tickets, timedelta(0), AT_ONCE),
            Work(store, forget_bodies, KEPT_FOR, FEW_AT_ONCE),
            Work(store, forget_receipts, KEPT_FOR, FEW_AT_ONCE),
        )
        self._due_at = 0.0

    def step(self, now: datetime) -> int:
        """How many rows went."""
        if time.monotonic() < self._due_at:
            return 0
        all_gone, more = 0, False
        for work in self._works:
            with work.engine.begin() as connection:
                gone = work.act(connection, now - work.age)
            all_gone, more = all_gone + gone, more or gone >= work.most
        if not more:
            self._due_at = time.monotonic() + EVERY_S
        return all_gone
