"""What may be asked of a workspace."""

from datetime import datetime
from uuid import UUID

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


class IssueApiKey(Command):
    key_id: UUID
    name: str
    secret_hash: str
    scopes: tuple[str, ...]
    expires_at: datetime | None = None


class RevokeApiKey(Command):
    key_id: UUID


WorkspaceCommand = (
    CreateWorkspace | RenameWorkspace | SetTimeZone | SetQuietHours | IssueApiKey | RevokeApiKey
)
