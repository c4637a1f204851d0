"""What waits to be sent from a number that is disconnected: campaigns are paused, to go on from it
when it is connected again or to be cancelled; messages outside campaigns are cancelled. Campaigns
are paused, too, where the number may send none any more.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, and_, exists, or_, select

from commands.execute import Ask, execute_many
from commands.policies.reactions import pause
from commands.policies.recent import Recent
from commands.policies.zones import Zones
from commands.store import EventStore
from domain.message import CancelMessage, message
from projections.accounts import accounts
from projections.queue import NO_CAMPAIGN, lanes, send_queue

REASON: Final = "number_disconnected"
NO_CAMPAIGNS: Final = "campaigns_not_allowed"
MOST: Final = 500
_STATUS: Final = accounts.c.status
_OF_NUMBER: Final = and_(
    accounts.c.workspace_id == lanes.c.workspace_id,
    accounts.c.account_id == lanes.c.account_id,
)
_GONE: Final = and_(_OF_NUMBER, _STATUS == "disconnected")
_WAITS: Final = exists().where(
    _OF_NUMBER,
    lanes.c.state == "running",
    or_(
        and_(_STATUS == "disconnected", lanes.c.pending_count > 0),
        and_(
            or_(_STATUS == "disconnected", accounts.c.campaigns_allowed == 0),
            lanes.c.campaign_id != NO_CAMPAIGN,
        ),
    ),
)


class DisconnectionsPolicy:
    name: Final = "disconnections"
    pending = _WAITS

    def __init__(self, store: EventStore, read: Engine, zones: Zones) -> None:
        self._store, self._read, self._zones = store, read, zones
        self._recent = Recent()

    def step(self, now: datetime) -> int:
        """How many campaigns were to be paused, and messages to be cancelled."""
        asks = [
            pause(workspace_id, campaign_id, REASON if gone else NO_CAMPAIGNS)
            for workspace_id, campaign_id, gone in self._campaigns()
        ]
        asks += [
            Ask(
                message,
                row.message_id,
                CancelMessage(
                    workspace_id=row.workspace_id, message_id=row.message_id, reason=REASON
                ),
            )
            for row in self._messages()
        ]
        fresh = set(self._recent.new(ask.stream_id for ask in asks))
        groups = [[ask] for ask in asks if ask.stream_id in fresh]
        metadata = [self._zones.metadata(ask.command.workspace_id, self.name) for (ask,) in groups]
        execute_many(self._store, groups, metadata, now)
        return len(groups)

    def _campaigns(self) -> Sequence[Any]:
        statement = (
            select(lanes.c.workspace_id, lanes.c.campaign_id, _STATUS == "disconnected")
            .select_from(lanes.join(accounts, _OF_NUMBER))
            .where(or_(_STATUS == "disconnected", accounts.c.campaigns_allowed == 0))
            .where(lanes.c.state == "running", lanes.c.campaign_id != NO_CAMPAIGN)
            .limit(MOST)
        )
        with self._read.connect() as connection:
            return connection.execute(statement).all()

    def _messages(self) -> Sequence[Any]:
        q = send_queue.c
        same = and_(q.account_id == lanes.c.account_id, q.campaign_id == lanes.c.campaign_id)
        statement = (
            select(q.workspace_id, q.message_id)
            .select_from(lanes.join(accounts, _GONE).join(send_queue, same))
            .where(
                lanes.c.state == "running",
                lanes.c.campaign_id == NO_CAMPAIGN,
                lanes.c.pending_count > 0,
                q.state == "queued",
            )
            .limit(MOST)
        )
        with self._read.connect() as connection:
            return connection.execute(statement).all()
