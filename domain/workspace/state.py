"""What is known of one workspace, as far as its next decision needs it."""

from collections.abc import Mapping
from typing import assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.hours import Interval
from domain.workspace.events import (
    ApiKeyIssued,
    ApiKeyRevoked,
    WorkspaceCreated,
    WorkspaceEvent,
    WorkspaceHoursSet,
    WorkspaceQuietHoursSet,
    WorkspaceRenamed,
    WorkspaceTimeZoneSet,
)


class Workspace(msgspec.Struct, frozen=True, kw_only=True):
    """`keys` are all that were ever issued; `revoked` the ones that no longer open anything."""

    name: str = ""
    time_zone: str = ""
    country: str = ""
    language: str = ""
    quiet_hours: tuple[int | None, int | None] = (None, None)
    weekly: tuple[Interval, ...] = ()
    keys: Mapping[UUID, ApiKeyIssued] = {}
    revoked: frozenset[UUID] = frozenset()


def evolve(workspace: Workspace, event: WorkspaceEvent) -> Workspace:
    """The workspace after that fact."""
    match event:
        case WorkspaceCreated():
            return Workspace(
                name=event.name,
                time_zone=event.time_zone,
                country=event.country,
                language=event.language,
            )
        case WorkspaceRenamed():
            return replace(workspace, name=event.name)
        case WorkspaceTimeZoneSet():
            return replace(workspace, time_zone=event.time_zone)
        case WorkspaceQuietHoursSet():
            return replace(workspace, quiet_hours=(event.start_minute, event.end_minute))
        case WorkspaceHoursSet():
            return replace(workspace, weekly=event.weekly)
        case ApiKeyIssued():
            return replace(workspace, keys={**workspace.keys, event.key_id: event})
        case ApiKeyRevoked():
            return replace(workspace, revoked=workspace.revoked | {event.key_id})
        case _:
            assert_never(event)
