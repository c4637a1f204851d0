"""A workspace is one company: its name, its zone and quiet hours, its API keys.

Absent -> active. Whatever is asked of it twice changes nothing the second time.
"""

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
from domain.workspace.decider import workspace
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
from domain.workspace.state import Workspace

__all__ = [
    "ApiKeyIssued",
    "ApiKeyRevoked",
    "CreateWorkspace",
    "IssueApiKey",
    "RenameWorkspace",
    "RevokeApiKey",
    "SetQuietHours",
    "SetTimeZone",
    "SetWorkingHours",
    "Workspace",
    "WorkspaceCommand",
    "WorkspaceCreated",
    "WorkspaceEvent",
    "WorkspaceHoursSet",
    "WorkspaceQuietHoursSet",
    "WorkspaceRenamed",
    "WorkspaceTimeZoneSet",
    "workspace",
]
