"""Rules of a contact: its life, its groups, its consent."""

import pytest

from domain.contact import (
    AddContact,
    BlockContact,
    ChangeContact,
    ContactAdded,
    ContactBlocked,
    ContactChanged,
    ContactDeleted,
    ContactJoinedGroup,
    ContactLeftGroup,
    ContactOptedIn,
    ContactOptedOut,
    ContactRestored,
    DeleteContact,
    JoinGroup,
    LeaveGroup,
    OptInContact,
    OptOutContact,
    Profile,
    RestoreContact,
    contact,
)
from tests.examples import CONTACT, GROUP, OTHER_CONTACT, WORKSPACE, added, ana
from tests.spec import given

ids = {"workspace_id": WORKSPACE, "contact_id": CONTACT}
budi = Profile(phone="+6281234567891", first_name="Budi", attributes={"city": "Solo"})
first = {**ids, "group_id": GROUP, "membership": 1}
second = {**ids, "group_id": GROUP, "membership": 2}
joined, left = ContactJoinedGroup(**first), ContactLeftGroup(**first)
opted_out = ContactOptedOut(**ids, source="webhook", reason="STOP")
blocked = ContactBlocked(**ids, reason="spam")
deleted = ContactDeleted(**ids, groups=())
restored = ContactRestored(**ids, groups=(), was_deleted=True, was_blocked=False)

CHANGES = [
    ChangeContact(**ids, profile=budi),
    JoinGroup(**ids, group_id=GROUP),
    LeaveGroup(**ids, group_id=GROUP),
    OptInContact(**ids),
    OptOutContact(**ids),
    BlockContact(**ids),
]


def test_a_contact_is_added_once():
    given(contact).when(AddContact(**ids, profile=ana)).then(added)
    given(contact).when(AddContact(**ids, profile=budi, source="import")).then(
        ContactAdded(**ids, profile=budi, source="import")
    )
    given(contact, added).when(AddContact(**ids, profile=ana, source="import")).then()
    again = given(contact, added).when(AddContact(**ids, profile=budi))
    again.refused("contact_exists", "con_")


@pytest.mark.parametrize("command", [*CHANGES, DeleteContact(**ids), RestoreContact(**ids)])
def test_nothing_can_be_asked_of_an_absent_contact(command):
    given(contact).when(command).refused("not_found", "there is no contact con_")


@pytest.mark.parametrize("command", [*CHANGES, AddContact(**ids, profile=ana)])
def test_a_deleted_contact_changes_only_when_restored(command):
    given(contact, added, deleted).when(command).refused("contact_deleted", "restore it")


def test_a_profile_is_changed_as_a_whole():
    changed = ContactChanged(**ids, profile=budi, before=ana)
    given(contact, added).when(ChangeContact(**ids, profile=budi)).then(changed)
    given(contact, added).when(ChangeContact(**ids, profile=ana)).then()
    back = ContactChanged(**ids, profile=ana, before=budi)
    given(contact, added, changed).when(ChangeContact(**ids, profile=ana)).then(back)


def test_each_joining_of_a_group_has_its_own_number():
    join, leave = JoinGroup(**ids, group_id=GROUP), LeaveGroup(**ids, group_id=GROUP)
    given(contact, added).when(join).then(joined)
    given(contact, added, joined).when(join).then()
    given(contact, added, joined).when(leave).then(left)
    given(contact, added, joined, left).when(leave).then()
    given(contact, added).when(leave).then()
    rejoined = ContactJoinedGroup(**second)
    given(contact, added, joined, left).when(join).then(rejoined)
    past = given(contact, added, joined, left, rejoined)
    past.when(leave).then(ContactLeftGroup(**second))


def test_memberships_are_counted_per_group():
    other = JoinGroup(**ids, group_id=OTHER_CONTACT)
    given(contact, added, joined).when(other).then(
        ContactJoinedGroup(**ids, group_id=OTHER_CONTACT, membership=1)
    )


def test_consent_is_recorded_when_it_is_first_given():
    given(contact, added).when(OptInContact(**ids)).then(
        opted_in := ContactOptedIn(**ids, source="api", was_opted_out=False)
    )
    given(contact, added, opted_in).when(OptInContact(**ids, source="import")).then()


def test_consent_is_withdrawn_once_and_may_be_given_again():
    stop = OptOutContact(**ids, source="webhook", reason="STOP")
    given(contact, added).when(stop).then(opted_out)
    given(contact, added, opted_out).when(stop).then()
    opted_in = ContactOptedIn(**ids, source="webhook", was_opted_out=True)
    again = OptInContact(**ids, source="webhook")
    given(contact, added, opted_out).when(again).then(opted_in)
    given(contact, added, opted_out, opted_in).when(stop).then(opted_out)


def test_a_contact_is_blocked_once():
    given(contact, added).when(BlockContact(**ids, reason="spam")).then(blocked)
    given(contact, added, blocked).when(BlockContact(**ids)).then()


def test_a_deleted_contact_takes_its_groups_along():
    elsewhere = ContactJoinedGroup(**ids, group_id=OTHER_CONTACT, membership=1)
    past = (added, joined, left, ContactJoinedGroup(**second), elsewhere)
    groups = ((OTHER_CONTACT, 1), (GROUP, 2))
    gone = ContactDeleted(**ids, groups=groups)
    given(contact, *past).when(DeleteContact(**ids)).then(gone)
    back = ContactRestored(**ids, groups=groups, was_deleted=True, was_blocked=False)
    given(contact, *past, gone).when(RestoreContact(**ids)).then(back)


def test_a_contact_is_deleted_once_and_restored_once():
    given(contact, added).when(DeleteContact(**ids)).then(deleted)
    given(contact, added, deleted).when(DeleteContact(**ids)).then()
    given(contact, added, deleted).when(RestoreContact(**ids)).then(restored)
    given(contact, added, deleted, restored).when(RestoreContact(**ids)).then()
    given(contact, added).when(RestoreContact(**ids)).then()
    given(contact, added, deleted, restored).when(DeleteContact(**ids)).then(deleted)


def test_restoring_ends_a_block_without_counting_groups_twice():
    unblocked = ContactRestored(**ids, groups=(), was_deleted=False, was_blocked=True)
    given(contact, added, joined, blocked).when(RestoreContact(**ids)).then(unblocked)
    past = given(contact, added, joined, blocked, unblocked)
    past.when(BlockContact(**ids, reason="spam")).then(blocked)


def test_restoring_undoes_deletion_and_block_together():
    both = ContactRestored(**ids, groups=(), was_deleted=True, was_blocked=True)
    given(contact, added, blocked, deleted).when(RestoreContact(**ids)).then(both)


def test_a_restored_contact_is_still_opted_out():
    past = given(contact, added, opted_out, deleted, restored)
    past.when(OptOutContact(**ids)).then()
