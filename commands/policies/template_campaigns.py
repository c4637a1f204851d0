"""A paused or disabled template pauses its campaigns; approved again, it lets those go on."""

from datetime import datetime
from typing import Final

from sqlalchemy import Engine, and_, or_, select

from commands.execute import Ask, execute_many
from commands.policies.reactions import TEMPLATE_STOPPED, pause
from commands.policies.recent import Recent
from commands.policies.zones import Zones
from commands.store import EventStore
from domain.campaign import ResumeCampaign, campaign
from projections.campaigns import campaigns
from projections.queue import lanes
from projections.templates import templates

MOST: Final = 200


class TemplateCampaignsPolicy:
    name: Final = "template-campaigns"

    def __init__(self, store: EventStore, read: Engine, zones: Zones) -> None:
        self._store, self._read, self._zones = store, read, zones
        self._recent = Recent(kept_s=2.0)

    def step(self, now: datetime) -> int:
        """How many campaigns were to be paused or resumed."""
        lane, c, t = lanes.c, campaigns.c, templates.c
        of_campaign = and_(c.workspace_id == lane.workspace_id, c.campaign_id == lane.campaign_id)
        of_template = and_(t.workspace_id == c.workspace_id, t.template_id == c.template_id)
        stopped = and_(lane.state == "running", t.status.in_(["paused", "disabled"]))
        may_go_on = and_(
            lane.state == "paused",
            t.status == "approved",
            c.reason.startswith(TEMPLATE_STOPPED),
        )
        statement = (
            select(c.workspace_id, c.campaign_id, lane.state, t.status, t.reason)
            .select_from(lanes.join(campaigns, of_campaign).join(templates, of_template))
            .where(or_(stopped, may_go_on))
            .limit(MOST)
        )
        with self._read.connect() as connection:
            rows = {(row.campaign_id, row.state): row for row in connection.execute(statement)}
        groups, metadata = [], []
        for key in self._recent.new(rows):
            row = rows[key]
            if row.state == "running":
                reason = f"{TEMPLATE_STOPPED}: {row.status}, {row.reason or 'no reason given'}"
                ask = pause(row.workspace_id, row.campaign_id, reason)
            else:
                command = ResumeCampaign(workspace_id=row.workspace_id, campaign_id=row.campaign_id)
                ask = Ask(campaign, row.campaign_id, command)
            groups.append([ask])
            metadata.append(self._zones.metadata(row.workspace_id, self.name))
        execute_many(self._store, groups, metadata, now)
        return len(groups)
