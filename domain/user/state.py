"""What is known of one user, as far as the next decision needs it."""

from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.access import Role
from domain.user.events import (
    NumberShared,
    NumberUnshared,
    UserEvent,
    UserInvited,
    UserJoined,
    UserPasswordChanged,
    UserPasswordRehashed,
    UserRemoved,
    UserRestored,
    UserRoleChanged,
)


class User(msgspec.Struct, frozen=True, kw_only=True):
    """`numbers` are those shared with them; `was` is what a removed one would be again."""

    status: Literal["absent", "invited", "active", "removed"] = "absent"
    was: Literal["invited", "active"] = "invited"
    email: str = ""
    name: str = ""
    role: Role = "agent"
    password_hash: str = ""
    epoch: int = 0
    invitation: int = 0
    invited_until: datetime | None = None
    numbers: frozenset[UUID] = frozenset()


def evolve(user: User, event: UserEvent) -> User:
    """The user after that fact."""
    match event:
        case UserInvited():
            return replace(
                user,
                status="invited",
                email=event.email,
                role=event.role,
                invitation=event.invitation,
                invited_until=event.expires_at,
            )
        case UserJoined():
            return replace(
                user,
                status="active",
                name=event.name,
                role=event.role,
                password_hash=event.password_hash,
            )
        case UserRoleChanged():
            return replace(user, role=event.role)
        case UserRemoved():
            return replace(user, status="removed", was=event.was, epoch=event.epoch)
        case UserRestored():
            return replace(user, status=event.status)
        case UserPasswordChanged():
            return replace(user, password_hash=event.password_hash, epoch=event.epoch)
        case UserPasswordRehashed():
            return replace(user, password_hash=event.password_hash)
        case NumberShared():
            return replace(user, numbers=user.numbers | {event.account_id})
        case NumberUnshared():
            return replace(user, numbers=user.numbers - {event.account_id})
        case _:
            assert_never(event)
