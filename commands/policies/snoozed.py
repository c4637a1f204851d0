"""Opens snoozed conversations again when their time has come."""

from datetime import datetime
from typing import Final

from sqlalchemy import Engine, bindparam, exists, select

from commands.execute import Ask, execute_many
from commands.policies.recent import Recent
from commands.policies.zones import Zones
from commands.store import EventStore
from domain.conversation import WakeConversation, conversation
from projections.wakeups import wakeups

MOST: Final = 500


class SnoozedPolicy:
    name: Final = "snoozed"
    pending = exists().where(wakeups.c.due_at <= bindparam("now"))

    def __init__(self, store: EventStore, read: Engine, zones: Zones) -> None:
        self._store, self._read, self._zones = store, read, zones
        self._recent = Recent(kept_s=1.0)

    def step(self, now: datetime) -> int:
        """How many were due. One that was opened or snoozed longer meanwhile stays as it is."""
        c = wakeups.c
        statement = (
            select(c.workspace_id, c.conversation_id)
            .where(c.due_at <= now)
            .order_by(c.due_at)
            .limit(MOST)
        )
        with self._read.connect() as connection:
            due = [(row.workspace_id, row.conversation_id) for row in connection.execute(statement)]
        due = self._recent.new(due)
        groups = [
            [Ask(conversation, id_, WakeConversation(workspace_id=ws, conversation_id=id_))]
            for ws, id_ in due
        ]
        metadata = [self._zones.metadata(ws, self.name) for ws, _ in due]
        execute_many(self._store, groups, metadata, now)
        return len(due)
