"""The rules of a user of a workspace. That an owner stays is a rule of `domain.owners`."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict, assert_never
from uuid import UUID

from domain.access import Role
from domain.ids import show
from domain.kernel import Decider, Rejected
from domain.refusals import check_name, not_found, wrong_state
from domain.user.commands import (
    AcceptInvitation,
    ChangePassword,
    ChangeRole,
    InviteUser,
    RehashPassword,
    RemoveUser,
    RestoreUser,
    ShareNumber,
    Standing,
    UnshareNumber,
    UserCommand,
)
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
from domain.user.state import User, evolve


class _Ids(TypedDict):
    workspace_id: UUID
    user_id: UUID


def decide(user: User, command: UserCommand, now: datetime) -> Sequence[UserEvent]:
    """What follows from the request; nothing if it is so already."""
    ids = _Ids(workspace_id=command.workspace_id, user_id=command.user_id)
    match command:
        case InviteUser():
            return _invite(user, command, now)
        case _ if user.status == "absent":
            raise not_found("user", command.user_id)
        case AcceptInvitation():
            return _accept(user, command, now)
        case ChangeRole():
            return _change_role(user, command)
        case RemoveUser(taken_for=taken_for, by_owner=by_owner):
            _check_owners(by_owner, user.role)
            if user.status == "removed":
                return []
            _check_standing(user, taken_for)
            return [UserRemoved(**ids, was=user.status, epoch=user.epoch + 1)]
        case RestoreUser(taken_for=taken_for, by_owner=by_owner):
            _check_owners(by_owner, user.role)
            if user.status != "removed" and user.role == taken_for.role:
                return []
            _check_standing(user, taken_for)
            return [UserRestored(**ids, status=user.was)]
        case ChangePassword(password_hash=password_hash):
            _check_active(user, "change the password")
            if password_hash == user.password_hash:
                return []
            return [UserPasswordChanged(**ids, password_hash=password_hash, epoch=user.epoch + 1)]
        case RehashPassword(was=was, password_hash=password_hash):
            if user.status != "active" or user.password_hash != was:
                return []
            return [UserPasswordRehashed(**ids, password_hash=password_hash)]
        case ShareNumber(account_id=account_id):
            if user.status == "removed":
                raise wrong_state("user", user.status, "have a number shared", "invited or active")
            if account_id in user.numbers:
                return []
            return [NumberShared(**ids, account_id=account_id)]
        case UnshareNumber(account_id=account_id):
            if account_id not in user.numbers:
                return []
            return [NumberUnshared(**ids, account_id=account_id)]
        case _:
            assert_never(command)


def _invite(user: User, command: InviteUser, now: datetime) -> Sequence[UserEvent]:
    _check_owners(command.by_owner, command.role)
    shown = show("user", command.user_id)
    if user.status == "active":
        raise Rejected("user_exists", f"{shown} has that e-mail and is a member already")
    if user.status == "removed":
        raise Rejected("user_exists", f"{shown} has that e-mail and was removed; restore that one")
    if user.status == "invited":
        _check_owners(command.by_owner, user.role)
        still_open = user.invited_until is not None and now < user.invited_until
        if still_open and user.role == command.role:
            return []
    return [
        UserInvited(
            workspace_id=command.workspace_id,
            user_id=command.user_id,
            email=command.email,
            role=command.role,
            invitation=user.invitation + 1,
            expires_at=command.expires_at,
        )
    ]


def _accept(user: User, command: AcceptInvitation, now: datetime) -> Sequence[UserEvent]:
    if command.invitation != user.invitation or user.status == "removed":
        raise Rejected("invitation_void", "this invitation was replaced or withdrawn")
    if user.status == "active":
        if (user.name, user.password_hash) == (command.name, command.password_hash):
            return []
        raise Rejected("invitation_used", "this invitation was accepted already; sign in")
    if user.invited_until is None or now >= user.invited_until:
        raise Rejected("invitation_expired", "this invitation has expired; ask for another one")
    _check_standing(user, command.taken_for)
    check_name("user", command.name)
    return [
        UserJoined(
            workspace_id=command.workspace_id,
            user_id=command.user_id,
            name=command.name,
            role=user.role,
            password_hash=command.password_hash,
        )
    ]


def _change_role(user: User, command: ChangeRole) -> Sequence[UserEvent]:
    _check_owners(command.by_owner, user.role, command.role)
    if user.status == "removed":
        raise wrong_state("user", user.status, "get another role", "invited or active")
    if user.role == command.role:
        return []
    _check_standing(user, command.taken_for)
    return [
        UserRoleChanged(
            workspace_id=command.workspace_id,
            user_id=command.user_id,
            role=command.role,
            before=user.role,
        )
    ]


def _check_owners(by_owner: bool, *roles: Role) -> None:
    if "owner" in roles and not by_owner:
        raise Rejected("owners_only", "only an owner may make, change, remove or restore an owner")


def _check_standing(user: User, taken_for: Standing) -> None:
    if (user.status, user.role) != taken_for:
        raise Rejected("conflict", "others changed the same user at the same moment; ask again")


def _check_active(user: User, wanted: str) -> None:
    if user.status != "active":
        raise wrong_state("user", user.status, wanted, "active")


user: Decider[User, UserCommand, UserEvent] = Decider("user", User(), decide, evolve)
