"""Contacts, their words and their groups as the read models show them."""

from uuid import UUID

from msgspec.structs import replace

from domain import contact as con
from domain import message as msg
from domain.group import GroupCreated
from projections import contacts, groups
from projections.words import bits_of
from tests.examples import CONTACT, GROUP, WORKSPACE, accepted, added, ana, of_message
from tests.read_models import at, built, changed
from tests.spec import NOW

of_contact = {"workspace_id": WORKSPACE, "contact_id": CONTACT}
created = GroupCreated(workspace_id=WORKSPACE, group_id=GROUP, name="VIP")
joined = con.ContactJoinedGroup(**of_contact, group_id=GROUP, membership=1)
left = con.ContactLeftGroup(**of_contact, group_id=GROUP, membership=1)
deleted = con.ContactDeleted(**of_contact, groups=((GROUP, 1),))
restored = con.ContactRestored(
    **of_contact, groups=((GROUP, 1),), was_deleted=True, was_blocked=False
)

PHONE_WORDS = {"6281234567890", "81234567890", "081234567890"}


def words_of(tables):
    return {word for _, word, _ in tables[contacts.contact_words]}


def test_an_added_contact_has_its_profile_and_its_words():
    profile = replace(ana, attributes={"size": "M", "city": "Bogor"})
    tables = built(contacts.projection, replace(added, profile=profile))
    assert changed(tables.one(contacts.contacts), contacts.contacts) == {
        "phone": ana.phone,
        "first_name": "Ana",
        "email": ana.email,
        "attributes": '{"city":"Bogor","size":"M"}',
        "live_since": 1,
        "created_at": at(1),
        "updated_at": at(1),
        "version": 1,
        "words": "".join(f" {word}" for word in sorted(words_of(tables))),
    }
    assert words_of(tables) == {*PHONE_WORDS, "ana", "@ana@mail.example", "mail", "example"}


def test_a_changed_contact_loses_the_words_it_no_longer_has():
    profile = replace(ana, first_name="Anna", email="")
    change = con.ContactChanged(**of_contact, profile=profile, before=ana)
    tables = built(contacts.projection, added, change)
    assert words_of(tables) == {*PHONE_WORDS, "anna"}
    row = tables.one(contacts.contacts)
    assert (row["first_name"], row["email"], row["updated_at"]) == ("Anna", "", at(2))
    assert row["created_at"] == at(1)


def test_every_word_of_a_contact_tells_of_all_the_words_that_it_has_now():
    profile = replace(ana, first_name="Zelda")
    change = con.ContactChanged(**of_contact, profile=profile, before=ana)
    tables = built(contacts.projection, added, change)
    told = {row["bits"] for row in tables[contacts.contact_words].values()}
    assert told == {bits_of(words_of(tables))}


def test_a_word_that_went_and_came_back_is_there():
    profile = replace(ana, first_name="Anna")
    there = con.ContactChanged(**of_contact, profile=profile, before=ana)
    back = con.ContactChanged(**of_contact, profile=ana, before=profile)
    assert "ana" in words_of(built(contacts.projection, added, there, back))


def test_consent_and_block_are_shown():
    out = con.ContactOptedOut(**of_contact, source="webhook", reason="STOP")
    back = con.ContactOptedIn(**of_contact, source="api", was_opted_out=True)
    block = con.ContactBlocked(**of_contact)
    row = built(contacts.projection, added, out, block).one(contacts.contacts)
    assert (row["opted_out"], row["blocked"]) == (1, 1)
    unblocked = replace(restored, was_deleted=False, was_blocked=True, groups=())
    row = built(contacts.projection, added, out, block, back, unblocked).one(contacts.contacts)
    assert (row["opted_out"], row["blocked"], row["live_since"]) == (0, 0, 1)


def test_a_deleted_contact_says_since_which_position_and_a_restored_one_lives_anew():
    row = built(contacts.projection, added, deleted).one(contacts.contacts)
    assert (row["deleted"], row["deleted_position"], row["live_since"]) == (1, 2, 1)
    row = built(contacts.projection, added, deleted, restored).one(contacts.contacts)
    assert (row["deleted"], row["deleted_position"], row["live_since"]) == (0, None, 3)


def test_joining_and_leaving_move_the_version_of_the_contact():
    row = built(contacts.projection, added, joined, left).one(contacts.contacts)
    assert row["version"] == 3


def test_the_last_message_is_the_last_that_the_provider_took():
    tables = built(contacts.projection, added, accepted)
    row = tables.one(contacts.contacts)
    assert (row["last_message_at"], row["version"]) == (at(2), 1)


def test_a_status_before_the_answer_tells_of_the_message_too_and_a_later_one_does_not():
    early = msg.MessageSent(**of_message, status="sent", newly=("accepted", "sent"), at=NOW)
    late = replace(accepted, newly=(), no_longer=())
    tables = built(contacts.projection, added, early, late)
    assert tables.one(contacts.contacts)["last_message_at"] == NOW


def test_a_group_has_a_name_and_counts_who_is_in_it():
    tables = built(groups.projection, created, joined)
    assert tables[groups.groups] == {
        (WORKSPACE, GROUP): {"name": "VIP", "contacts": 1, "created_at": at(1)}
    }
    assert tables[groups.group_members] == {
        (WORKSPACE, GROUP, CONTACT, 1): {
            "joined_position": 2,
            "left_position": None,
            "live": 1,
        }
    }


def test_every_membership_keeps_from_when_until_when_it_was():
    again = replace(joined, membership=2)
    tables = built(groups.projection, created, joined, left, again)
    members = tables[groups.group_members]
    first, second = members[WORKSPACE, GROUP, CONTACT, 1], members[WORKSPACE, GROUP, CONTACT, 2]
    assert (first["joined_position"], first["left_position"], first["live"]) == (2, 3, 0)
    assert (second["joined_position"], second["left_position"], second["live"]) == (4, None, 1)
    assert tables.one(groups.groups)["contacts"] == 1


def test_a_deleted_contact_is_not_counted_but_has_not_left():
    tables = built(groups.projection, created, joined, deleted)
    assert tables.one(groups.groups)["contacts"] == 0
    member = tables.one(groups.group_members)
    assert (member["live"], member["left_position"]) == (0, None)


def test_a_restored_contact_counts_in_its_groups_again():
    tables = built(groups.projection, created, joined, deleted, restored)
    assert tables.one(groups.groups)["contacts"] == 1
    assert tables.one(groups.group_members)["live"] == 1


def test_the_end_of_a_block_changes_no_group():
    unblocked = replace(restored, was_deleted=False, was_blocked=True)
    tables = built(groups.projection, created, joined, unblocked)
    assert tables.one(groups.groups)["contacts"] == 1


def test_members_are_counted_before_their_group_has_a_name():
    other = replace(joined, contact_id=UUID(int=77))
    tables = built(groups.projection, joined, other, created)
    assert (tables.one(groups.groups)["name"], tables.one(groups.groups)["contacts"]) == ("VIP", 2)
