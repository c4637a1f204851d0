"""The rules of users and of owners."""

from datetime import timedelta

import pytest

from domain.owners import AddOwner, LetOwnerLeave, OwnerAdded, OwnerLeft, owners
from domain.user import (
    AcceptInvitation,
    ChangePassword,
    ChangeRole,
    InviteUser,
    NumberShared,
    NumberUnshared,
    RehashPassword,
    RemoveUser,
    RestoreUser,
    ShareNumber,
    Standing,
    UnshareNumber,
    UserInvited,
    UserJoined,
    UserPasswordChanged,
    UserPasswordRehashed,
    UserRemoved,
    UserRestored,
    UserRoleChanged,
    user,
)
from tests.examples import ACCOUNT, CONTACT, OTHER_CONTACT, WORKSPACE
from tests.spec import NOW, given

ids = {"workspace_id": WORKSPACE, "user_id": CONTACT}
UNTIL = NOW + timedelta(days=7)
HASH = "$argon2id$v=19$..."
invite = InviteUser(**ids, email="ana@mail.example", role="agent", expires_at=UNTIL)
invited = UserInvited(**ids, email="ana@mail.example", role="agent", invitation=1, expires_at=UNTIL)
accept = AcceptInvitation(
    **ids, invitation=1, name="Ana", password_hash=HASH, taken_for=Standing("invited", "agent")
)
joined = UserJoined(**ids, name="Ana", role="agent", password_hash=HASH)
removed = UserRemoved(**ids, was="active", epoch=1)
made_owner = UserRoleChanged(**ids, role="owner", before="agent")
AGENT, OWNER = Standing("active", "agent"), Standing("active", "owner")


def changed(role, taken_for=AGENT, **by):
    return ChangeRole(**ids, role=role, taken_for=taken_for, **by)


def test_an_invitation_is_accepted_once():
    given(user).when(invite).then(invited)
    given(user, invited).when(accept).then(joined)
    again = AcceptInvitation(**ids, invitation=1, name="Eve", password_hash="x", taken_for=AGENT)
    given(user, invited, joined).when(again).refused("invitation_used", "sign in")


def test_inviting_again_changes_nothing_while_the_invitation_is_good():
    given(user, invited).when(invite).then()
    later = NOW + timedelta(days=8)
    anew = UserInvited(
        **ids, email="ana@mail.example", role="agent", invitation=2, expires_at=UNTIL
    )
    assert list(user.decide(user.fold([invited]), invite, later)) == [anew]
    other = InviteUser(**ids, email="ana@mail.example", role="analyst", expires_at=UNTIL)
    replaced = UserInvited(
        **ids, email="ana@mail.example", role="analyst", invitation=2, expires_at=UNTIL
    )
    given(user, invited).when(other).then(replaced)
    given(user, invited, replaced).when(accept).refused("invitation_void")


def test_an_invitation_expires_at_its_instant():
    before = UNTIL - timedelta(microseconds=1)
    assert list(user.decide(user.fold([invited]), accept, before)) == [joined]
    given(user, invited).when(accept, now=UNTIL).refused("invitation_expired", "another")


def test_who_is_there_or_was_removed_is_not_invited():
    given(user, invited, joined).when(invite).refused("user_exists", "member already")
    given(user, invited, joined, removed).when(invite).refused("user_exists", "restore")
    given(user, invited, removed).when(accept).refused("invitation_void")


@pytest.mark.parametrize(
    "command",
    [
        InviteUser(**ids, email="a@b.example", role="owner", expires_at=UNTIL),
        changed("owner"),
    ],
)
def test_only_owners_make_owners(command):
    past = () if isinstance(command, InviteUser) else (invited, joined)
    given(user, *past).when(command).refused("owners_only")


@pytest.mark.parametrize("command", [changed("agent", OWNER), RemoveUser(**ids, taken_for=OWNER)])
def test_only_owners_change_or_remove_owners(command):
    given(user, invited, joined, made_owner).when(command).refused("owners_only")


def test_only_owners_restore_owners_or_invite_one_again():
    gone = UserRemoved(**ids, was="active", epoch=1)
    restore = RestoreUser(**ids, taken_for=Standing("removed", "owner"))
    given(user, invited, joined, made_owner, gone).when(restore).refused("owners_only")
    given(user, invited, made_owner).when(invite).refused("owners_only")


def test_a_role_changes_for_whoever_was_seen():
    given(user, invited, joined).when(changed("owner", by_owner=True)).then(made_owner)
    given(user, invited, joined).when(changed("admin", OWNER)).refused("conflict")
    given(user, invited, joined, removed).when(changed("admin")).refused("wrong_state")


def test_removal_ends_sessions_and_is_undone_to_what_was():
    remove = RemoveUser(**ids, taken_for=AGENT)
    restore = RestoreUser(**ids, taken_for=Standing("removed", "agent"))
    given(user, invited, joined).when(remove).then(removed)
    given(user, invited, joined, removed).when(restore).then(UserRestored(**ids, status="active"))
    uninvite = RemoveUser(**ids, taken_for=Standing("invited", "agent"))
    given(user, invited).when(uninvite).then(UserRemoved(**ids, was="invited", epoch=1))
    given(user, invited).when(remove).refused("conflict")
    given(user, invited, joined).when(RestoreUser(**ids, taken_for=OWNER)).refused("conflict")


def test_another_password_ends_sessions():
    change = ChangePassword(**ids, password_hash="new")
    given(user, invited, joined).when(change).then(
        UserPasswordChanged(**ids, password_hash="new", epoch=1)
    )
    given(user, invited).when(change).refused("wrong_state", "active")


def test_a_password_kept_in_another_way_signs_nobody_out():
    rehash = RehashPassword(**ids, was=joined.password_hash, password_hash="new")
    rehashed = UserPasswordRehashed(**ids, password_hash="new")
    given(user, invited, joined).when(rehash).then(rehashed)
    changed_meanwhile = UserPasswordChanged(**ids, password_hash="other", epoch=1)
    given(user, invited, joined, changed_meanwhile).when(rehash).then()
    given(user, invited, joined, removed).when(rehash).then()


def test_numbers_are_shared_with_whoever_is_not_removed():
    share, unshare = (kind(**ids, account_id=ACCOUNT) for kind in (ShareNumber, UnshareNumber))
    shared = NumberShared(**ids, account_id=ACCOUNT)
    given(user, invited).when(share).then(shared)
    given(user, invited, shared).when(unshare).then(NumberUnshared(**ids, account_id=ACCOUNT))
    given(user, invited).when(unshare).then()
    given(user, invited, joined, removed).when(share).refused("wrong_state")


def test_nobody_is_not_found():
    for command in (accept, changed("agent"), ShareNumber(**ids, account_id=ACCOUNT)):
        given(user).when(command).refused("not_found", "usr_")


def test_the_last_owner_stays():
    one = {"workspace_id": WORKSPACE, "user_id": CONTACT}
    other = {"workspace_id": WORKSPACE, "user_id": OTHER_CONTACT}
    first, second = OwnerAdded(**one), OwnerAdded(**other)
    given(owners).when(AddOwner(**one)).then(first)
    given(owners, first).when(LetOwnerLeave(**one)).refused("last_owner", "another user")
    given(owners, first).when(LetOwnerLeave(**other)).then()
    given(owners, first, second).when(LetOwnerLeave(**one)).then(OwnerLeft(**one))
    left = OwnerLeft(**one)
    given(owners, first, second, left).when(LetOwnerLeave(**other)).refused("last_owner")
