"""What may be asked of a workspace."""

from datetime import datetime
from uuid import UUID

from domain.hours import Interval
from domain.kernel import Command


class CreateWorkspace(Command):
    name: str
    time_zone: str = "UTC"
    country: str = "ID"
    language: str = "en"


class RenameWorkspace(Command):
    name: str


class SetTimeZone(Command):
    time_zone: str


class SetQuietHours(Command):
    start_minute: int | None
    end_minute: int | None


class SetWorkingHours(Command):
    """In the workspace's zone; without intervals people answer at any time."""

    weekly: tuple[Interval, ...]


class IssueApiKey(Command):
    key_id: UUID
    name: str
    secret_hash: str
    scopes: tuple[str, ...]
    expires_at: datetime | None = None


class RevokeApiKey(Command):
    key_id: UUID


WorkspaceCommand = (
    CreateWorkspace
    | RenameWorkspace
    | SetTimeZone
    | SetQuietHours
    | SetWorkingHours
    | IssueApiKey
    | RevokeApiKey
)
