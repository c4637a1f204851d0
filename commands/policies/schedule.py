"""Launches campaigns whose time has come; one that cannot be launched then has failed."""

import logging
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Engine, bindparam, exists, select

from commands.execute import Ask, execute_many
from commands.launches import launch
from commands.policies.recent import Recent
from commands.policies.zones import Zones
from commands.store import EventStore
from commands.streams import Streams
from domain.campaign import FailCampaign, campaign
from domain.kernel import Rejected
from projections.work import schedule

MOST: Final = 100
STALE: Final = frozenset({"version_stale", "conflict"})

log = logging.getLogger("blazz.policies")


class SchedulePolicy:
    name: Final = "schedule"
    pending = exists().where(schedule.c.due_at <= bindparam("now"))

    def __init__(self, store: EventStore, read: Engine, zones: Zones) -> None:
        self._store, self._read, self._zones = store, read, zones
        self._recent = Recent(kept_s=1.0)

    def step(self, now: datetime) -> int:
        """How many campaigns were due."""
        c = schedule.c
        statement = (
            select(c.workspace_id, c.campaign_id)
            .where(c.due_at <= now)
            .order_by(c.due_at)
            .limit(MOST)
        )
        with self._read.connect() as connection:
            due = [(row.workspace_id, row.campaign_id) for row in connection.execute(statement)]
        due = self._recent.new(due)
        for workspace_id, campaign_id in due:
            self._launch(workspace_id, campaign_id, now)
        return len(due)

    def _launch(self, workspace_id: UUID, campaign_id: UUID, now: datetime) -> None:
        streams = Streams(self._store)
        state = streams.look(campaign, campaign_id, workspace_id)
        if state.status != "scheduled" or state.due_at is None or state.due_at > now:
            return  # the read model shows what was; it has been launched, moved or ended since
        version, _ = streams.stands(campaign_id)
        command = launch(streams, workspace_id, campaign_id, state.plan)
        refused = self._ask(Ask(campaign, campaign_id, command, version), now)
        if refused is None or refused.code in STALE:
            return
        log.warning("campaign %s cannot be launched when due: %s", campaign_id, refused)
        fail = FailCampaign(
            workspace_id=workspace_id,
            campaign_id=campaign_id,
            reason=f"{refused.code}: {refused}",
        )
        self._ask(Ask(campaign, campaign_id, fail, version), now)

    def _ask(self, ask: Ask, now: datetime) -> Rejected | None:
        metadata = self._zones.metadata(ask.command.workspace_id, self.name)
        result = execute_many(self._store, [[ask]], metadata, now)[0]
        return result if isinstance(result, Rejected) else None
