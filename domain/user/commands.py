"""What may be asked of a user of a workspace."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.access import Role
from domain.kernel import Command


class Standing(NamedTuple):
    """What a user was taken to be when the other half of a decision, about owners, was prepared."""

    status: str
    role: Role


class InviteUser(Command):
    """`by_owner`: an owner, or the operator, asks for it."""

    user_id: UUID
    email: str
    role: Role
    expires_at: datetime
    by_owner: bool = False


class AcceptInvitation(Command):
    user_id: UUID
    invitation: int
    name: str
    password_hash: str
    taken_for: Standing


class ChangeRole(Command):
    user_id: UUID
    role: Role
    taken_for: Standing
    by_owner: bool = False


class RemoveUser(Command):
    user_id: UUID
    taken_for: Standing
    by_owner: bool = False


class RestoreUser(Command):
    user_id: UUID
    taken_for: Standing
    by_owner: bool = False


class ChangePassword(Command):
    user_id: UUID
    password_hash: str


class RehashPassword(Command):
    """Of the password that `was` is a hash of."""

    user_id: UUID
    was: str
    password_hash: str


class ShareNumber(Command):
    user_id: UUID
    account_id: UUID


class UnshareNumber(Command):
    user_id: UUID
    account_id: UUID


UserCommand = (
    InviteUser
    | AcceptInvitation
    | ChangeRole
    | RemoveUser
    | RestoreUser
    | ChangePassword
    | RehashPassword
    | ShareNumber
    | UnshareNumber
)
