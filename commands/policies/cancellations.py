"""What is still queued when a campaign is cancelled or has failed is cancelled, message by message."""

from datetime import datetime
from typing import Final

from sqlalchemy import Engine, and_, select

from commands.execute import Ask, execute_many
from commands.policies.recent import Recent
from commands.policies.zones import Zones
from commands.store import EventStore
from domain.message import CancelMessage, message
from projections.queue import lanes, send_queue

MOST: Final = 500
_q, _lane = send_queue.c, lanes.c
_OF_LANE: Final = and_(_q.account_id == _lane.account_id, _q.campaign_id == _lane.campaign_id)
_LEFT: Final = (
    select(_q.workspace_id, _q.message_id, _lane.state)
    .select_from(lanes.join(send_queue, _OF_LANE))
    .where(_lane.state.in_(["cancelled", "failed"]), _lane.pending_count > 0, _q.state == "queued")
)


class CancellationsPolicy:
    name: Final = "cancellations"
    pending = _LEFT.exists()

    def __init__(self, store: EventStore, read: Engine, zones: Zones) -> None:
        self._store, self._read, self._zones = store, read, zones
        self._recent = Recent()

    def step(self, now: datetime) -> int:
        """How many messages were to be cancelled."""
        statement = _LEFT.limit(MOST)
        with self._read.connect() as connection:
            rows = {row.message_id: row for row in connection.execute(statement)}
        asks, metadata = [], []
        for message_id in self._recent.new(rows):
            row = rows[message_id]
            command = CancelMessage(
                workspace_id=row.workspace_id,
                message_id=message_id,
                reason=f"campaign_{row.state}",
            )
            asks.append([Ask(message, message_id, command)])
            metadata.append(self._zones.metadata(row.workspace_id, self.name))
        execute_many(self._store, asks, metadata, now)
        return len(asks)
