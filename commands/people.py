"""Commands on people: who is a user of the workspace, in which role, and which numbers they share."""

from typing import Any, Final
from uuid import UUID

from commands.bodies import Body
from commands.command import Command, Intent, Wanted, about
from commands.streams import Ask
from domain.access import SHARED_ONLY, Role
from domain.account import account
from domain.owners import AddOwner, LetOwnerLeave, owners, owners_id
from domain.readers import BeginReading, readers, readers_id
from domain.refusals import not_found
from domain.session import EndSession, session
from domain.user import (
    ChangeRole,
    RemoveUser,
    RestoreUser,
    ShareNumber,
    Standing,
    UnshareNumber,
    User,
    UserCommand,
    user,
)


class RolePatch(Body):
    role: Role


def _by_owner(wanted: Wanted) -> bool:
    return wanted.principal.role == "owner"


def _standing(wanted: Wanted) -> Standing:
    found: User = wanted.streams.look(user, wanted.ids["user_id"], wanted.workspace_id)
    if found.status == "absent":
        raise not_found("user", wanted.ids["user_id"])
    return Standing(found.status, found.role)


def owning(workspace_id: UUID, id_: UUID, *, owns: bool) -> Ask:
    """Makes the user one of the owners, or none. The last one stays."""
    kind = AddOwner if owns else LetOwnerLeave
    stream_id = owners_id(workspace_id)
    return Ask(owners, stream_id, kind(workspace_id=workspace_id, user_id=id_))


def reading(command: BeginReading) -> Ask:
    """What comes from here on is the user's to read."""
    return Ask(readers, readers_id(command.workspace_id), command)


def beginning(workspace_id: UUID, id_: UUID, found: User) -> Ask:
    """With all that somebody in that role reads, who comes or comes back."""
    numbers = tuple(sorted(found.numbers))
    everything = found.role not in SHARED_ONLY
    return reading(
        BeginReading(
            workspace_id=workspace_id, user_id=id_, account_ids=numbers, everything=everything
        )
    )


def _standing_anew(wanted: Wanted, command: UserCommand, *more: Ask, owns: bool) -> Intent:
    """`more` only if there is anything to change."""
    intent = about(wanted, user, command)
    first, owner = intent.asks[0], owning(wanted.workspace_id, intent.id, owns=owns)
    asks = [first._replace(leads=bool(more)), owner, *more]
    return intent._replace(asks=asks)


def _change_role(wanted: Wanted) -> Intent:
    standing, role = _standing(wanted), wanted.body.role
    command = ChangeRole(**wanted.named, role=role, taken_for=standing, by_owner=_by_owner(wanted))
    active = standing.status == "active"
    more = []
    if active and standing.role in SHARED_ONLY and role not in SHARED_ONLY:
        found: User = wanted.streams.look(user, wanted.ids["user_id"], wanted.workspace_id)
        more = [reading(BeginReading(**wanted.named, everything=True, but=found.numbers))]
    return _standing_anew(wanted, command, *more, owns=active and role == "owner")


def _remove_user(wanted: Wanted) -> Intent:
    command = RemoveUser(**wanted.named, taken_for=_standing(wanted), by_owner=_by_owner(wanted))
    return _standing_anew(wanted, command, owns=False)


def _restore_user(wanted: Wanted) -> Intent:
    standing = _standing(wanted)
    command = RestoreUser(**wanted.named, taken_for=standing, by_owner=_by_owner(wanted))
    found: User = wanted.streams.look(user, wanted.ids["user_id"], wanted.workspace_id)
    again = found.was if found.status == "removed" else found.status
    active = again == "active"
    more = [beginning(wanted.workspace_id, wanted.ids["user_id"], found)] if active else []
    return _standing_anew(wanted, command, *more, owns=active and standing.role == "owner")


def _share_number(wanted: Wanted) -> Intent:
    begin = BeginReading(
        workspace_id=wanted.workspace_id,
        user_id=wanted.ids["user_id"],
        account_ids=(wanted.ids["account_id"],),
    )
    intent = _sharing(wanted, ShareNumber)
    asks = [intent.asks[0]._replace(leads=True), reading(begin)]
    return intent._replace(asks=asks)


def _unshare_number(wanted: Wanted) -> Intent:
    return _sharing(wanted, UnshareNumber)


def _sharing(wanted: Wanted, kind: type[ShareNumber | UnshareNumber]) -> Intent:
    account_id = wanted.ids["account_id"]
    if wanted.streams.look(account, account_id, wanted.workspace_id) == account.initial:
        raise not_found("account", account_id)
    return about(wanted, user, kind(**wanted.named))


def _end_session(wanted: Wanted) -> Intent:
    """One's own, or anybody's for those who manage people; others' look as if they were not."""
    id_, principal = wanted.ids["session_id"], wanted.principal
    begun = wanted.streams.look(session, id_, wanted.workspace_id).begun
    own = begun is not None and begun.user_id == principal.user_id
    if not own and (begun is None or "people.manage" not in principal.permissions):
        raise not_found("session", id_)
    reason: Any = "signed_out" if own else "revoked"
    return about(wanted, session, EndSession(**wanted.named, reason=reason))


_USER: Final = "/v1/users/{user_id}"
_SHARED: Final = "/v1/accounts/{account_id}/users/{user_id}"
_ID: Final = {"user_id": "user"}
_IDS: Final = {"account_id": "account", "user_id": "user"}

COMMANDS: Final = (
    Command(
        "PATCH",
        _USER,
        "Give a user another role",
        _change_role,
        "people.manage",
        body=RolePatch,
        ids=_ID,
        match_required=True,
    ),
    Command(
        "DELETE", _USER, "Remove a user, who is signed out", _remove_user, "people.manage", ids=_ID
    ),
    Command("POST", f"{_USER}/restore", "Undo a removal", _restore_user, "people.manage", ids=_ID),
    Command("PUT", _SHARED, "Share a number with a user", _share_number, "people.manage", ids=_IDS),
    Command(
        "DELETE",
        _SHARED,
        "Share a number with a user no more",
        _unshare_number,
        "people.manage",
        ids=_IDS,
    ),
    Command(
        "DELETE",
        "/v1/sessions/{session_id}",
        "Sign out, here or elsewhere",
        _end_session,
        "me.manage",
        ids={"session_id": "session"},
    ),
)
