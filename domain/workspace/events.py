"""What can become of a workspace."""

from datetime import datetime
from uuid import UUID

from domain.kernel import Event


class WorkspaceCreated(Event):
    name: str
    time_zone: str
    country: str
    """ISO 3166 alpha-2; national phone numbers are read as this country's."""
    language: str


class WorkspaceRenamed(Event):
    name: str


class WorkspaceTimeZoneSet(Event):
    time_zone: str


class WorkspaceQuietHoursSet(Event):
    """No campaign message leaves between the two, in minutes of the local day; None: no such hours."""

    start_minute: int | None
    end_minute: int | None


class WorkspaceHoursSet(Event):
    """When its people answer, as (day of the week from Monday 0, first minute, minute after)."""

    weekly: tuple[tuple[int, int, int], ...]


class ApiKeyIssued(Event):
    """The key itself is shown once and never stored; `secret_hash` is its SHA-256 in hex."""

    key_id: UUID
    name: str
    secret_hash: str
    scopes: tuple[str, ...]
    expires_at: datetime | None = None


class ApiKeyRevoked(Event):
    key_id: UUID


WorkspaceEvent = (
    WorkspaceCreated
    | WorkspaceRenamed
    | WorkspaceTimeZoneSet
    | WorkspaceQuietHoursSet
    | WorkspaceHoursSet
    | ApiKeyIssued
    | ApiKeyRevoked
)
