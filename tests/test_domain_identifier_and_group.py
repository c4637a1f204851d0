"""Rules of an identifier, and of a group."""

import pytest

from domain.group import CreateGroup, GroupCreated, group
from domain.identifier import (
    ClaimIdentifier,
    IdentifierClaimed,
    IdentifierReleased,
    ReleaseIdentifier,
    identifier,
)
from tests.examples import CONTACT, GROUP, OTHER_CONTACT, WORKSPACE
from tests.spec import given

phone = {"workspace_id": WORKSPACE, "kind": "phone", "value": "+6281234567890"}
mine, others = {**phone, "contact_id": CONTACT}, {**phone, "contact_id": OTHER_CONTACT}
claimed, released = IdentifierClaimed(**mine), IdentifierReleased(**mine)
of_group = {"workspace_id": WORKSPACE, "group_id": GROUP}


def test_a_free_number_is_claimed():
    given(identifier).when(ClaimIdentifier(**mine)).then(claimed)
    given(identifier, claimed).when(ClaimIdentifier(**mine)).then()
    taken = given(identifier, claimed, released).when(ClaimIdentifier(**others))
    taken.then(IdentifierClaimed(**others))


def test_a_number_belongs_to_one_contact():
    second = given(identifier, claimed).when(ClaimIdentifier(**others))
    second.refused("identifier_taken", "+6281234567890", "con_")


def test_a_number_is_released_by_its_holder():
    given(identifier, claimed).when(ReleaseIdentifier(**mine)).then(released)
    given(identifier, claimed, released).when(ReleaseIdentifier(**mine)).then()
    given(identifier, claimed, released).when(ReleaseIdentifier(**others)).then()
    given(identifier, claimed).when(ReleaseIdentifier(**others)).refused("identifier_taken")


def test_a_number_nobody_had_cannot_be_released():
    given(identifier).when(ReleaseIdentifier(**mine)).refused("not_found", "+6281234567890")


def test_a_group_is_created_once():
    create, created = CreateGroup(**of_group, name=" VIP "), GroupCreated(**of_group, name="VIP")
    given(group).when(create).then(created)
    given(group, created).when(create).then()
    given(group, created).when(CreateGroup(**of_group, name="VIP")).then()
    given(group, created).when(CreateGroup(**of_group, name="vip")).refused("group_exists", "grp_")


@pytest.mark.parametrize("name", ["", " \t", "n" * 129])
def test_a_group_has_a_name(name):
    given(group).when(CreateGroup(**of_group, name=name)).refused("invalid_name", "group")
