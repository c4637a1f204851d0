"""A group is a named set of contacts; who is in it is said by the contacts' own streams.

Its id is derived from its name (case-folded), so a name exists once in a workspace.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from domain.kernel import Command, Decider, Event
from domain.refusals import check_name, exists


class GroupCreated(Event):
    group_id: UUID
    name: str


GroupEvent = GroupCreated


class CreateGroup(Command):
    group_id: UUID
    name: str


GroupCommand = CreateGroup


class Group(msgspec.Struct, frozen=True, kw_only=True):
    name: str = ""


def evolve(group: Group, event: GroupEvent) -> Group:
    """The group after that fact."""
    del group  # there is one fact, and it says everything
    return Group(name=event.name)


def decide(group: Group, command: GroupCommand, now: datetime) -> Sequence[GroupEvent]:
    """Makes the group once. Spaces around its name are not part of it."""
    del now  # no rule of a group depends on the time
    check_name("group", command.name)
    name = command.name.strip()
    if not group.name:
        return [
            GroupCreated(workspace_id=command.workspace_id, group_id=command.group_id, name=name)
        ]
    if group.name != name:
        advice = f"use it, or take a name that differs from {group.name!r} in more than case"
        raise exists("group", command.group_id, advice)
    return []


group: Decider[Group, GroupCommand, GroupEvent] = Decider("group", Group(), decide, evolve)
