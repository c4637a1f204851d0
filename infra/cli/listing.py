"""What operators are shown of companies and of their keys; never a key's secret."""

import sys
from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine, select

from commands.store import EventStore
from domain.ids import show
from domain.workspace import ApiKeyIssued, ApiKeyRevoked
from projections.workspaces import workspaces


def show_workspaces(read: Engine) -> None:
    """One line a company: id, name, zone, country, language, quiet hours."""
    c = workspaces.c
    wanted = select(
        c.workspace_id, c.name, c.time_zone, c.country, c.language, c.quiet_start, c.quiet_end
    ).order_by(c.name, c.workspace_id)
    with read.connect() as connection:
        for id_, name, zone, country, language, start, end in connection.execute(wanted):
            quiet = "none" if start is None else f"{_clock(start)}-{_clock(end)}"
            _line(show("workspace", id_), name, zone, country, language, f"quiet hours {quiet}")


def show_keys(store: EventStore, workspace_id: UUID) -> None:
    """One line a key, oldest first, from the store: right also while read models are behind."""
    history = store.load([workspace_id])[workspace_id]
    revoked = {
        one.event.key_id: one.recorded_at for one in history if isinstance(one.event, ApiKeyRevoked)
    }
    for one in history:
        key = one.event
        if not isinstance(key, ApiKeyIssued):
            continue
        closed = revoked.get(key.key_id)
        _line(
            show("key", key.key_id),
            key.name,
            ",".join(key.scopes),
            f"created {_instant(one.recorded_at)}",
            f"expires {_instant(key.expires_at)}",
            f"revoked {_instant(closed)}",
        )


def _line(*cells: str | None) -> None:
    sys.stdout.write("  ".join(cell or "" for cell in cells) + "\n")


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _instant(at: datetime | None) -> str:
    return "never" if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"
