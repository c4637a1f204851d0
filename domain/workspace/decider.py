"""The rules of a workspace."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, assert_never

from domain.access import SCOPES
from domain.hours import checked_weekly
from domain.ids import show
from domain.kernel import Decider, Rejected
from domain.refusals import check_name, exists, not_found
from domain.workspace.commands import (
    CreateWorkspace,
    IssueApiKey,
    RenameWorkspace,
    RevokeApiKey,
    SetQuietHours,
    SetTimeZone,
    SetWorkingHours,
    WorkspaceCommand,
)
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
from domain.workspace.state import Workspace, evolve

MINUTES: Final = frozenset(range(24 * 60))
COUNTRY: Final = re.compile(r"[A-Z]{2}")


def decide(
    workspace: Workspace, command: WorkspaceCommand, now: datetime
) -> Sequence[WorkspaceEvent]:
    """What follows from the request; nothing if it is so already."""
    at = command.workspace_id
    match command:
        case CreateWorkspace():
            return _create(workspace, command)
        case _ if not workspace.name:
            raise not_found("workspace", at)
        case RenameWorkspace(name=name):
            check_name("workspace", name)
            return [] if name == workspace.name else [WorkspaceRenamed(workspace_id=at, name=name)]
        case SetTimeZone(time_zone=zone):
            _check_time_zone(zone)
            if zone == workspace.time_zone:
                return []
            return [WorkspaceTimeZoneSet(workspace_id=at, time_zone=zone)]
        case SetQuietHours(start_minute=start, end_minute=end):
            _check_quiet_hours(start, end)
            if (start, end) == workspace.quiet_hours:
                return []
            return [WorkspaceQuietHoursSet(workspace_id=at, start_minute=start, end_minute=end)]
        case SetWorkingHours(weekly=weekly):
            weekly = checked_weekly(weekly)
            if weekly == workspace.weekly:
                return []
            return [WorkspaceHoursSet(workspace_id=at, weekly=weekly)]
        case IssueApiKey():
            return _issue(workspace, command, now)
        case RevokeApiKey(key_id=key_id):
            if key_id not in workspace.keys:
                raise not_found("key", key_id)
            if key_id in workspace.revoked:
                return []
            return [ApiKeyRevoked(workspace_id=at, key_id=key_id)]
        case _:
            assert_never(command)


def _create(workspace: Workspace, command: CreateWorkspace) -> Sequence[WorkspaceEvent]:
    if workspace.name:
        present = (workspace.name, workspace.time_zone, workspace.country, workspace.language)
        if present != (command.name, command.time_zone, command.country, command.language):
            raise exists("workspace", command.workspace_id)
        return []
    check_name("workspace", command.name)
    _check_time_zone(command.time_zone)
    if not COUNTRY.fullmatch(command.country):
        raise Rejected(
            "invalid_country",
            f"a country is two capital letters like ID (ISO 3166); this is {command.country!r}",
        )
    return [
        WorkspaceCreated(
            workspace_id=command.workspace_id,
            name=command.name,
            time_zone=command.time_zone,
            country=command.country,
            language=command.language,
        )
    ]


def _check_time_zone(time_zone: str) -> None:
    if not time_zone.strip():
        raise Rejected(
            "invalid_time_zone",
            f"a time zone is an IANA name like Asia/Jakarta; this is a blank {time_zone!r}",
        )


def _check_quiet_hours(start: int | None, end: int | None) -> None:
    if start is None and end is None:
        return
    both = start is not None and end is not None and start != end
    if not both or not {start, end} <= MINUTES:
        raise Rejected(
            "invalid_quiet_hours",
            f"quiet hours are two different minutes of the day, 0 to {max(MINUTES)}, or both "
            f"absent; these are {start} and {end}",
        )


def _issue(workspace: Workspace, command: IssueApiKey, now: datetime) -> Sequence[WorkspaceEvent]:
    shown = show("key", command.key_id)
    check_name("key", command.name)
    unknown = sorted(set(command.scopes) - set(SCOPES))
    if unknown or not command.scopes:
        raise Rejected(
            "invalid_scopes",
            f"the scopes of key {shown} are one or more of {', '.join(SCOPES)}; "
            f"these are {', '.join(command.scopes) or 'none'}",
        )
    issued = ApiKeyIssued(
        workspace_id=command.workspace_id,
        key_id=command.key_id,
        name=command.name,
        secret_hash=command.secret_hash,
        scopes=tuple(scope for scope in SCOPES if scope in command.scopes),
        expires_at=_expiry(command.expires_at),
    )
    if command.key_id in workspace.revoked:
        raise Rejected("key_revoked", f"key {shown} was revoked for good; issue another one")
    if earlier := workspace.keys.get(command.key_id):
        if earlier != issued:
            raise exists("key", command.key_id)
        return []
    if issued.expires_at is not None and issued.expires_at <= now:
        raise Rejected(
            "invalid_expiry",
            f"key {shown} would expire at {issued.expires_at.isoformat()}, which is not after "
            f"now, {now.isoformat()}",
        )
    return [issued]


def _expiry(expires_at: datetime | None) -> datetime | None:
    if expires_at is None:
        return None
    if expires_at.tzinfo is None:
        raise Rejected(
            "invalid_expiry",
            f"expires_at is an instant with its offset from UTC; {expires_at.isoformat()} has none",
        )
    return expires_at.astimezone(UTC)


workspace: Decider[Workspace, WorkspaceCommand, WorkspaceEvent] = Decider(
    "workspace", Workspace(), decide, evolve
)
