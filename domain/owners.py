"""The owners of a workspace, in one stream, so that two who leave at once cannot both be gone.

Who has joined as an owner is one; the last one stays.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never
from uuid import UUID

import msgspec

from domain.ids import name_id, show
from domain.kernel import Command, Decider, Event, Rejected


class OwnerAdded(Event):
    user_id: UUID


class OwnerLeft(Event):
    user_id: UUID


OwnersEvent = OwnerAdded | OwnerLeft


class AddOwner(Command):
    user_id: UUID


class LetOwnerLeave(Command):
    user_id: UUID


OwnersCommand = AddOwner | LetOwnerLeave


class Owners(msgspec.Struct, frozen=True, kw_only=True):
    users: frozenset[UUID] = frozenset()


def owners_id(workspace_id: UUID) -> UUID:
    """The one stream of a workspace's owners."""
    return name_id(workspace_id, "owners", "")


def evolve(owners: Owners, event: OwnersEvent) -> Owners:
    """The owners after that fact."""
    match event:
        case OwnerAdded():
            return Owners(users=owners.users | {event.user_id})
        case OwnerLeft():
            return Owners(users=owners.users - {event.user_id})
        case _:
            assert_never(event)


def decide(owners: Owners, command: OwnersCommand, now: datetime) -> Sequence[OwnersEvent]:
    """What follows from the request; nothing if it is so already."""
    del now  # no rule of owners depends on the time
    at, user_id = command.workspace_id, command.user_id
    match command:
        case AddOwner():
            return [] if user_id in owners.users else [OwnerAdded(workspace_id=at, user_id=user_id)]
        case LetOwnerLeave():
            if user_id not in owners.users:
                return []
            if len(owners.users) == 1:
                raise Rejected(
                    "last_owner",
                    f"{show('user', user_id)} is the last owner of the workspace; make another "
                    "user an owner first",
                )
            return [OwnerLeft(workspace_id=at, user_id=user_id)]
        case _:
            assert_never(command)


owners: Decider[Owners, OwnersCommand, OwnersEvent] = Decider("owners", Owners(), decide, evolve)
