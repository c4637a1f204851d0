"""Attempts of unknown outcome on WAHA numbers: the chats are read to see whether they left.

Nothing is ever sent again. What the chat does not show stays unknown; it is looked for less and less
often, for a day.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Engine, and_, exists, select

from commands.execute import execute_many
from commands.policies.ports import Refused, Unknown
from commands.policies.session_ports import Sent, Sessions
from commands.policies.waha_doubts import (
    EARLIER,
    Doubt,
    matched,
    open_doubts,
    resolved,
    strangers,
)
from commands.policies.zones import Zones
from commands.store import EventStore
from projections.provider_sessions import provider_sessions

FIRST_S: Final = 1.0
LONGEST_S: Final = 3600.0
GIVEN_UP_AFTER: Final = timedelta(days=1)
MOST: Final = 20
"""Chats read at once."""

_WORKING: Final = and_(provider_sessions.c.watched == 1, provider_sessions.c.status == "working")

Chat = tuple[UUID, str]
Answer = list[Sent] | Refused | Unknown

log = logging.getLogger("blazz.policies")


class WahaReconcilePolicy:
    """`connect` gives the provider for the event loop it is entered in."""

    name: Final = "waha_reconcile"
    pending = exists().where(_WORKING)

    def __init__(
        self,
        store: EventStore,
        read: Engine,
        zones: Zones,
        connect: Callable[[], AbstractAsyncContextManager[Sessions]],
    ) -> None:
        self._store, self._read, self._zones, self._connect = store, read, zones, connect
        self._again: dict[Chat, tuple[float, float]] = {}
        """When a chat is read next, and how long was waited for that."""

    def step(self, now: datetime) -> int:
        """How many messages turned out to have left."""
        with self._read.connect() as connection:
            sessions = _working(connection)
            chats = self._due(connection, sessions, now)
        if not chats:
            return 0
        answers = asyncio.run(self._look(sessions, chats))
        done = 0
        for (chat, doubts), answer in zip(chats.items(), answers, strict=True):
            if isinstance(answer, list):
                done += self._conclude(doubts, answer, now)
            else:
                log.warning("chats of %s cannot be read: %s", sessions[chat[0]], answer.reason)
        return done

    def _due(
        self, connection: Connection, sessions: Mapping[UUID, str], now: datetime
    ) -> dict[Chat, list[Doubt]]:
        by_chat: dict[Chat, list[Doubt]] = defaultdict(list)
        for doubt in open_doubts(connection, sessions.keys()) if sessions else ():
            if doubt.attempted_at > now - GIVEN_UP_AFTER:
                by_chat[doubt.account_id, doubt.to].append(doubt)
        self._again = {chat: at for chat, at in self._again.items() if chat in by_chat}
        clock, due = time.monotonic(), dict[Chat, list[Doubt]]()
        for chat, doubts in by_chat.items():
            at, waited = self._again.get(chat, (0.0, 0.0))
            if at <= clock and len(due) < MOST:
                wait_s = min(max(waited * 4, FIRST_S), LONGEST_S)
                self._again[chat] = (clock + wait_s, wait_s)
                due[chat] = doubts
        return due

    async def _look(
        self, sessions: Mapping[UUID, str], chats: Mapping[Chat, Sequence[Doubt]]
    ) -> list[Answer]:
        async with self._connect() as provider:
            asked = (
                provider.sent_to(sessions[account_id], to, doubts[0].attempted_at - EARLIER)
                for (account_id, to), doubts in chats.items()
            )
            return list(await asyncio.gather(*asked))

    def _conclude(self, doubts: Sequence[Doubt], sent: Sequence[Sent], now: datetime) -> int:
        """By what is known after the chat was read: an outcome may have been stored meanwhile."""
        first = doubts[0]
        with self._read.connect() as connection:
            still = open_doubts(connection, [first.account_id])
            new = strangers(connection, first.workspace_id, sent)
        left = [doubt for doubt in doubts if doubt in still]
        groups = [resolved(doubt, one) for doubt, one in matched(left, new)]
        metadata = self._zones.metadata(first.workspace_id, self.name)
        if groups:
            execute_many(self._store, groups, [metadata] * len(groups), now)
        return len(groups)


def _working(connection: Connection) -> dict[UUID, str]:
    """Sessions that can be asked."""
    s = provider_sessions.c
    statement = select(s.account_id, s.session).where(_WORKING)
    return {row.account_id: row.session for row in connection.execute(statement)}
