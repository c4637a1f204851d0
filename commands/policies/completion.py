"""A running campaign is complete when its whole audience is queued and nothing is pending."""

from datetime import datetime
from typing import Final

from sqlalchemy import Engine, and_, exists, select

from commands.execute import Ask, execute_many
from commands.policies.recent import Recent
from commands.policies.zones import Zones
from commands.store import EventStore
from domain.campaign import CompleteCampaign, campaign
from projections.queue import lanes

MOST: Final = 500
_COMPLETE: Final = and_(
    lanes.c.state == "running", lanes.c.audience_done == 1, lanes.c.pending_count == 0
)


class CompletionPolicy:
    name: Final = "completion"
    pending = exists().where(_COMPLETE)

    def __init__(self, store: EventStore, read: Engine, zones: Zones) -> None:
        self._store, self._read, self._zones = store, read, zones
        self._recent = Recent()

    def step(self, now: datetime) -> int:
        """How many campaigns were to be completed."""
        c = lanes.c
        statement = select(c.workspace_id, c.campaign_id).where(_COMPLETE).limit(MOST)
        with self._read.connect() as connection:
            rows = [(row.workspace_id, row.campaign_id) for row in connection.execute(statement)]
        fresh = self._recent.new(rows)
        asks = [
            [Ask(campaign, id_, CompleteCampaign(workspace_id=workspace_id, campaign_id=id_))]
            for workspace_id, id_ in fresh
        ]
        metadata = [self._zones.metadata(workspace_id, self.name) for workspace_id, _ in fresh]
        execute_many(self._store, asks, metadata, now)
        return len(asks)
