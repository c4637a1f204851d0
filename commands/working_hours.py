"""When the people of a workspace answer: set by them, and asked wherever a wait is measured."""

from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from commands.command import Command, Intent, Wanted
from commands.conversation_bodies import WorkingHours
from commands.streams import Ask, Streams
from domain.hours import Hours
from domain.workspace import SetWorkingHours, Workspace, workspace


def hours_of(streams: Streams, workspace_id: UUID) -> Hours:
    """As they stand now."""
    state: Workspace = streams.look(workspace, workspace_id, workspace_id)
    return Hours(state.weekly, ZoneInfo(state.time_zone or "UTC"))


def _set_working_hours(wanted: Wanted) -> Intent:
    body: WorkingHours = wanted.body
    weekly = tuple((span.day, span.start_minute, span.end_minute) for span in body.spans)
    command = SetWorkingHours(workspace_id=wanted.workspace_id, weekly=weekly)
    id_ = wanted.workspace_id
    return Intent("workspace", id_, [Ask(workspace, id_, command)])


COMMANDS: Final = (
    Command(
        "POST",
        "/v1/workspace/working-hours",
        "Say when people answer, in the workspace's time zone",
        _set_working_hours,
        "workspace.manage",
        body=WorkingHours,
    ),
)
