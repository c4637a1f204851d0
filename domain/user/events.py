"""What can become of a user of a workspace."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from domain.access import Role
from domain.kernel import Event, PersonalText


class UserInvited(Event):
    """`invitation` counts; a token is of one invitation, and a later one makes it void."""

    user_id: UUID
    email: PersonalText
    role: Role
    invitation: int
    expires_at: datetime


class UserJoined(Event):
    user_id: UUID
    name: PersonalText
    role: Role
    password_hash: PersonalText


class UserRoleChanged(Event):
    user_id: UUID
    role: Role
    before: Role


class UserRemoved(Event):
    """Sessions of an earlier `epoch` are over, and stay so when the user is restored."""

    user_id: UUID
    was: Literal["invited", "active"]
    epoch: int


class UserRestored(Event):
    user_id: UUID
    status: Literal["invited", "active"]


class UserPasswordChanged(Event):
    """Sessions of an earlier `epoch` are over."""

    user_id: UUID
    password_hash: PersonalText
    epoch: int


class UserPasswordRehashed(Event):
    """The same password, kept in today's way; nobody is signed out by it."""

    user_id: UUID
    password_hash: PersonalText


class NumberShared(Event):
    """The user sees the conversations of that number, if their role does not see all."""

    user_id: UUID
    account_id: UUID


class NumberUnshared(Event):
    user_id: UUID
    account_id: UUID


UserEvent = (
    UserInvited
    | UserJoined
    | UserRoleChanged
    | UserRemoved
    | UserRestored
    | UserPasswordChanged
    | UserPasswordRehashed
    | NumberShared
    | NumberUnshared
)
