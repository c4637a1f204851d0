"""Whoever writes is one contact, by whatever the provider names the person."""

import json

import pytest

from commands.policies import inbox_people
from domain import ids
from domain.contact import DeleteContact, Profile, contact
from domain.conversation import conversation
from domain.identifier import ClaimIdentifier, ReleaseIdentifier, identifier
from projections.contacts import contacts
from tests.stage import Stage
from tests.test_inbox import deliver
from tests.webhook_chat import ANA
from tests.webhook_corpus import inbound

PHONE, BSUID = "4915500000001", "DE.77"


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def wrote(n, contacts=(ANA,), **sides):
    """A text; sides that are None are left out."""
    item = {"type": "text", "id": f"wamid.{n}", "text": {"body": f"message {n}"}} | sides
    body = inbound(item, contacts)
    (message,) = body["entry"][0]["changes"][0]["value"]["messages"]
    for side in [side for side, value in message.items() if value is None]:
        del message[side]
    return json.dumps(body).encode()


def writer(stage, n):
    return stage.events(ids.inbound_id(stage.account, f"wamid.{n}"))[0].contact_id


def held(stage, kind, value):
    return stage.state(identifier, ids.identifier_id(stage.ws, kind, value)).holder


def test_who_is_in_the_address_book_is_found_there_and_keeps_its_name(stage):
    ana = stage.contact(f"+{PHONE}", first_name="")
    assert deliver(stage, wrote(1)) == [("done", "")]
    assert writer(stage, 1) == ana
    assert held(stage, "bsuid", BSUID) == ana
    assert stage.state(contact, ana).profile.first_name == ""


@pytest.mark.parametrize(
    "first",
    [
        {"contacts": (ANA,)},
        {"contacts": None, "from": BSUID, "from_user_id": None},
        {"contacts": None, "from": None},
        {"contacts": ({"profile": {"name": "Ana"}, "user_id": BSUID},), "from": None},
    ],
)
def test_a_person_named_in_part_is_the_one_named_in_full(stage, first):
    deliver(stage, wrote(1, **first))
    deliver(stage, wrote(2))
    assert writer(stage, 1) == writer(stage, 2)
    ana = stage.state(contact, writer(stage, 2))
    assert ana.profile == Profile(phone=f"+{PHONE}", first_name=ana.profile.first_name)
    assert held(stage, "phone", f"+{PHONE}") == held(stage, "bsuid", BSUID) == writer(stage, 1)


def test_a_person_without_a_number_is_a_contact_without_one(stage):
    deliver(stage, wrote(1, ({"profile": {"name": "Ana"}},), **{"from": BSUID}))
    row = stage.row(contacts)
    assert (row.phone, row.first_name) == ("", "Ana")


def test_several_people_without_numbers_are_several_contacts(stage):
    for n, id_ in enumerate(["DE.1", "DE.2", "DE.3"]):
        deliver(stage, wrote(n, None, **{"from": id_, "from_user_id": id_}))
    assert len(stage.rows(contacts)) == 3


def test_a_name_that_comes_later_is_filled_in_once(stage):
    deliver(stage, wrote(1, None))
    for n, name in ((2, "Ana"), (3, "Anna-Lena")):
        deliver(stage, wrote(n, (ANA | {"profile": {"name": name}},)))
    assert stage.row(contacts).first_name == "Ana"


def test_the_numbers_contact_wins_over_the_ids_and_that_is_told_once(stage):
    by_number = stage.contact(f"+{PHONE}")
    other = stage.contact("+4915500000002")
    claim = ClaimIdentifier(workspace_id=stage.ws, contact_id=other, kind="bsuid", value=BSUID)
    stream = ids.identifier_id(stage.ws, "bsuid", BSUID)
    stage.do(identifier, stream, claim)
    for n in (1, 2):
        assert deliver(stage, wrote(n))[-1] == ("done", "")
        assert writer(stage, n) == by_number
    assert held(stage, "bsuid", BSUID) == other
    assert stage.names(stream) == ["IdentifierClaimed", "IdentifierDisputed"]
    told = stage.events(stream)[-1]
    assert (told.contact_id, told.holder_id) == (by_number, other)


def test_a_number_that_was_given_up_makes_another_contact(stage):
    deliver(stage, wrote(1, None, from_user_id=None))
    first = writer(stage, 1)
    stream = ids.identifier_id(stage.ws, "phone", f"+{PHONE}")
    release = ReleaseIdentifier(
        workspace_id=stage.ws, contact_id=first, kind="phone", value=f"+{PHONE}"
    )
    stage.do(identifier, stream, release)
    deliver(stage, wrote(2, None, from_user_id=None))
    assert writer(stage, 2) != first


def test_a_deleted_contact_who_writes_is_heard_and_stays_deleted(stage):
    ana = stage.contact(f"+{PHONE}")
    stage.do(contact, ana, DeleteContact(workspace_id=stage.ws, contact_id=ana))
    assert deliver(stage, wrote(1)) == [("done", "")]
    assert writer(stage, 1) == ana
    assert stage.state(contact, ana).status == "deleted"


def test_somebody_who_claims_the_number_meanwhile_is_who_wrote(stage, monkeypatch):
    """Between the look and the commit, a person at a screen adds the contact."""
    meeting, added = inbox_people.People.meet, []

    def late(self, workspace_id, person):
        met = meeting(self, workspace_id, person)
        if not added:
            added.append(stage.contact(f"+{PHONE}", first_name="Added by hand"))
        return met

    monkeypatch.setattr(inbox_people.People, "meet", late)
    assert deliver(stage, wrote(1)) == [("done", "")]
    assert [writer(stage, 1)] == added
    assert len(stage.rows(contacts)) == 1


def test_the_same_person_on_two_numbers_is_one_contact_with_two_conversations(stage):
    other = stage.number("777", "888")
    stage.project()
    deliver(stage, wrote(1), json.dumps(_on("777", wrote(2))).encode())
    ana = writer(stage, 1)
    assert stage.events(ids.inbound_id(other, "wamid.2"))[0].contact_id == ana
    for number in (stage.account, other):
        chat = stage.state(conversation, ids.conversation_id(number, ana))
        assert (chat.status, chat.inbound) == ("open", 1)


def test_the_same_person_in_two_workspaces_is_two_contacts(stage):
    stage.number("777", "888", ws=stage.new_workspace())
    stage.project()
    deliver(stage, wrote(1), json.dumps(_on("777", wrote(1))).encode())
    assert len(stage.rows(contacts)) == 2
    assert len({row.workspace_id for row in stage.rows(contacts)}) == 2


def _on(phone_number_id, body):
    told = json.loads(body)
    told["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = phone_number_id
    return told


@pytest.mark.parametrize("name", ["n" * 10_000, " ", "\x00\x1f", "ﷺ" * 200, 5, None, {"a": 1}])
def test_no_name_keeps_a_message_out(stage, name):
    profile = {"profile": {"name": name}, "wa_id": PHONE}
    assert deliver(stage, wrote(1, (profile,))) == [("done", "")]
    assert len(stage.row(contacts).first_name) <= 128
