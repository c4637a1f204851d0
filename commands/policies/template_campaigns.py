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
_lane, _c, _t = lanes.c, campaigns.c, templates.c
_OF_CAMPAIGN: Final = and_(
    _c.workspace_id == _lane.workspace_id, _c.campaign_id == _lane.campaign_id
)
_OF_TEMPLATE: Final = and_(_t.workspace_id == _c.workspace_id, _t.template_id == _c.template_id)
_STOPPED: Final = and_(_lane.state == "running", _t.status.in_(["paused", "disabled"]))
_MAY_GO_ON: Final = and_(
    _lane.state == "paused", _t.status == "approved", _c.reason.startswith(TEMPLATE_STOPPED)
)
_TURNED: Final = (
    select(_c.workspace_id, _c.campaign_id, _lane.state, _t.status, _t.reason)
    .select_from(lanes.join(campaigns, _OF_CAMPAIGN).join(templates, _OF_TEMPLATE))
    .where(or_(_STOPPED, _MAY_GO_ON))
)


class TemplateCampaignsPolicy:
    name: Final = "template-campaigns"
    pending = _TURNED.exists()

    def __init__(self, store: EventStore, read: Engine, zones: Zones) -> None:
        self._store, self._read, self._zones = store, read, zones
        self._recent = Recent(kept_s=2.0)

    def step(self, now: datetime) -> int:
        """How many campaigns were to be paused or resumed."""
        statement = _TURNED.limit(MOST)
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
