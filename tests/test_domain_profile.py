"""What a contact's profile may hold; adding and changing keep to the same rules."""

import pytest
from msgspec.structs import replace

from domain.contact import AddContact, ChangeContact, ContactAdded, Profile, contact
from tests.examples import CONTACT, WORKSPACE, added, ana
from tests.spec import given

ids = {"workspace_id": WORKSPACE, "contact_id": CONTACT}
WRONG = [
    ({"phone": ""}, "invalid_phone", "''"),
    ({"phone": "6281234567890"}, "invalid_phone", "+ and 8 to 15 digits"),
    ({"phone": "+0812345678"}, "invalid_phone", "+0812345678"),
    ({"phone": "+1234567"}, "invalid_phone", "+1234567"),
    ({"phone": "+1234567890123456"}, "invalid_phone", "+1234567890123456"),
    ({"phone": "+62812 3456 7890"}, "invalid_phone", "like +6281234567890"),
    ({"phone": "+6281234567890\n"}, "invalid_phone", "\\n"),
    ({"phone": "+٦٢٨١٢٣٤٥٦٧"}, "invalid_phone", "digits"),
    ({"first_name": " "}, "invalid_name", "blank"),
    ({"last_name": "n" * 129}, "invalid_name", "129"),
    ({"email": "ana"}, "invalid_email", "'ana'"),
    ({"email": "ana@mail"}, "invalid_email", "name@host.example"),
    ({"email": "ana@mail..example"}, "invalid_email", "ana@mail..example"),
    ({"email": "a b@mail.example"}, "invalid_email", "a b"),
    ({"email": "ana@b@mail.example"}, "invalid_email", "@b@"),
    ({"email": "a" * 250 + "@b.cd"}, "invalid_email", "254"),
    ({"language": "x" * 36}, "invalid_language", "36"),
    ({"time_zone": "x" * 65}, "invalid_time_zone", "65"),
    ({"attributes": {str(n): "" for n in range(51)}}, "too_many_attributes", "51"),
    ({"attributes": {"": "v"}}, "invalid_attribute", "''"),
    ({"attributes": {"  ": "v"}}, "invalid_attribute", "blank"),
    ({"attributes": {"n" * 65: "v"}}, "invalid_attribute", "64"),
    ({"attributes": {"{city}": "v"}}, "invalid_attribute", "braces"),
    ({"attributes": {"city}": "v"}}, "invalid_attribute", "braces"),
    ({"attributes": {"city": "v" * 1025}}, "invalid_attribute", "'city' has 1025"),
]


@pytest.mark.parametrize(("wrong", "code", "word"), WRONG)
def test_a_wrong_profile_is_neither_added_nor_taken_over(wrong, code, word):
    profile = replace(ana, **wrong)
    given(contact).when(AddContact(**ids, profile=profile)).refused(code, word)
    given(contact, added).when(ChangeContact(**ids, profile=profile)).refused(code, word)


@pytest.mark.parametrize(
    "profile",
    [
        Profile(phone="+12345678"),
        Profile(phone="+123456789012345"),
        Profile(
            phone="+6281234567890",
            first_name="n" * 128,
            last_name="Ψ",
            email="a" * 249 + "@b.cd",
            language="x" * 35,
            time_zone="x" * 64,
            attributes={**{str(n): "" for n in range(49)}, "n" * 64: "v" * 1024},
        ),
    ],
)
def test_a_profile_at_its_limits_is_fine(profile):
    expected = ContactAdded(**ids, profile=profile, source="api")
    given(contact).when(AddContact(**ids, profile=profile)).then(expected)
