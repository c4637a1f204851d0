"""Replies as the store has them, for the sender not to wait until read models show them.

Under a large campaign read models follow by seconds. What is missed here is found in the queue.
"""

import time
from collections import defaultdict, deque
from typing import Final
from uuid import UUID

import msgspec

from commands.policies.claim import Claim
from commands.store import EventStore
from domain.message import MessageQueued
from domain.wire import LogRecord, decode_event
from projections.queue import NO_CAMPAIGN

FURTHEST: Final = 20_000
"""Positions looked through at once; behind that, the read models are sooner."""
BACK: Final = 2_000
"""The first look goes back so far: what was written while a number changed hands."""
KEPT_S: Final = 2.0
"""So long a reply waits here for its number to be ours."""

_encoder = msgspec.json.Encoder()


class Overheard:
    """Of all numbers; `look` is called by one thread at a time."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._seen: int | None = None
        self._replies: dict[UUID, deque[tuple[float, Claim]]] = defaultdict(deque)

    @property
    def numbers(self) -> list[UUID]:
        """Those that have a reply to send."""
        return list(self._replies)

    def look(self) -> None:
        """Reads what was stored since the last look. What has left already, its stream knows."""
        head = self._store.head()
        after = head - BACK if self._seen is None else max(self._seen, head - FURTHEST)
        self._seen, now = head, time.monotonic()
        for record in self._store.replies(max(after, 0), head) if head > after else ():
            account_id, claim = _claim(record)
            self._replies[account_id].append((now, claim))
        for account_id, replies in list(self._replies.items()):
            while replies and now - replies[0][0] > KEPT_S:
                replies.popleft()
            if not replies:
                del self._replies[account_id]

    def take(self, account_id: UUID) -> list[Claim]:
        """The number's replies, for whoever sends from it."""
        return [claim for _, claim in self._replies.pop(account_id, ())]


def _claim(record: LogRecord) -> tuple[UUID, Claim]:
    """As it will stand in the queue. Whoever wrote it has just seen that the contact may get it."""
    event = decode_event(record.type, record.data)
    assert isinstance(event, MessageQueued)
    claim = Claim(
        workspace_id=event.workspace_id,
        campaign_id=NO_CAMPAIGN,
        message_id=event.message_id,
        contact_id=event.contact_id,
        attempt=1,
        to=event.to,
        content=_encoder.encode(event.content).decode(),
        due_at=record.recorded_at,
        queued_position=record.position,
        month=event.month,
        opted_out=None,
        blocked=None,
        deleted=None,
    )
    return event.account_id, claim
