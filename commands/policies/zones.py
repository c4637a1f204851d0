"""What policies need to know of a workspace: its zone for metadata, its quiet hours for sending."""

import time
from datetime import datetime
from threading import Lock
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Engine, select

from commands.policies.quiet import is_quiet
from domain.kernel import Metadata
from projections.workspaces import workspaces

KEPT_S: Final = 1.0
MOST_KEPT: Final = 20_000


class Zone(NamedTuple):
    time_zone: str = "UTC"
    quiet_start: int | None = None
    quiet_end: int | None = None


class Zones:
    """Read when needed, kept for a second. Safe to share between threads."""

    def __init__(self, read: Engine) -> None:
        self._read = read
        self._kept: dict[UUID, tuple[float, Zone]] = {}
        self._lock = Lock()

    def of(self, workspace_id: UUID) -> Zone:
        now = time.monotonic()
        kept = self._kept.get(workspace_id)
        if kept is not None and now - kept[0] < KEPT_S:
            return kept[1]
        c = workspaces.c
        statement = select(c.time_zone, c.quiet_start, c.quiet_end).where(
            c.workspace_id == workspace_id
        )
        with self._read.connect() as connection:
            row = connection.execute(statement).first()
        zone = Zone(row.time_zone or "UTC", row.quiet_start, row.quiet_end) if row else Zone()
        with self._lock:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[workspace_id] = (now, zone)
        return zone

    def metadata(self, workspace_id: UUID, policy: str) -> Metadata:
        """What surrounds the facts that a policy causes in a workspace."""
        return Metadata(actor=f"policy:{policy}", time_zone=self.of(workspace_id).time_zone)

    def quiet(self, workspace_id: UUID, now: datetime) -> bool:
        """Whether no campaign message may leave now."""
        return is_quiet(now, *self.of(workspace_id))
