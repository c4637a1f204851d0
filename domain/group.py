"""A group is a named set of contacts; who is in it is said by the contacts' own streams.

Its id is derived from its name (case-folded), so a name exists once in a workspace.
"""

from uuid import UUID

from domain.kernel import Command, Event


class GroupCreated(Event):
    group_id: UUID
    name: str


GroupEvent = GroupCreated


class CreateGroup(Command):
    group_id: UUID
    name: str


GroupCommand = CreateGroup
