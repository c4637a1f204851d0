"""Commands on contacts: profile, consent, block, deletion. A phone number belongs to one contact."""

from typing import Final
from uuid import UUID

import msgspec
import uuid_utils.compat as uuids

from commands.bodies import ContactPatch, NewContact, Reasoned
from commands.command import Command, Intent, Wanted, about
from commands.streams import Ask
from domain.contact import (
    AddContact,
    BlockContact,
    ChangeContact,
    DeleteContact,
    OptInContact,
    OptOutContact,
    Profile,
    RestoreContact,
    contact,
)
from domain.identifier import ClaimIdentifier, ReleaseIdentifier, identifier
from domain.ids import identifier_id, show
from domain.kernel import Rejected
from domain.refusals import not_found


def _add_contact(wanted: Wanted) -> Intent:
    body: NewContact = wanted.body
    id_ = uuids.uuid7()
    profile = Profile(**body.model_dump(exclude={"country"}))
    command = AddContact(workspace_id=wanted.workspace_id, contact_id=id_, profile=profile)
    return Intent("contact", id_, [Ask(contact, id_, command), claim(wanted, id_, body.phone)])


def _change_contact(wanted: Wanted) -> Intent:
    id_, body = wanted.ids["contact_id"], wanted.body
    now = wanted.streams.look(contact, id_, wanted.workspace_id)
    if now.status == "absent":
        raise not_found("contact", id_)
    profile = _merged(now.profile, body)
    command = ChangeContact(workspace_id=wanted.workspace_id, contact_id=id_, profile=profile)
    asks = [Ask(contact, id_, command, wanted.expected)]
    if profile.phone != now.profile.phone:
        asks.append(claim(wanted, id_, profile.phone))
        if now.profile.phone:  # a webhook may have named the person without one
            asks.append(_release(wanted, id_, now.profile.phone))
    return Intent("contact", id_, asks)


def _merged(profile: Profile, patch: ContactPatch) -> Profile:
    given = {
        name: "" if getattr(patch, name) is None else getattr(patch, name)
        for name in patch.model_fields_set - {"country", "attributes"}
    }
    if "attributes" in patch.model_fields_set:
        merged = {**profile.attributes, **patch.attributes} if patch.attributes is not None else {}
        given["attributes"] = {k: v for k, v in merged.items() if v is not None}
    return msgspec.structs.replace(profile, **given)


def claim(wanted: Wanted, contact_id: UUID, phone: str) -> Ask:
    """Makes the number this contact's. Rejected names the contact that has it."""
    stream_id = identifier_id(wanted.workspace_id, "phone", phone)
    holder = wanted.streams.look(identifier, stream_id, wanted.workspace_id).holder
    if holder not in {None, contact_id}:
        raise Rejected("identifier_taken", _taken(wanted, phone, holder))
    command = ClaimIdentifier(
        workspace_id=wanted.workspace_id, contact_id=contact_id, kind="phone", value=phone
    )
    return Ask(identifier, stream_id, command)


def _taken(wanted: Wanted, phone: str, holder: UUID) -> str:
    status = wanted.streams.look(contact, holder, wanted.workspace_id).status
    shown = show("contact", holder)
    if status == "deleted":
        return f"the phone number {phone} belongs to the deleted contact {shown}; restore that one"
    return f"the phone number {phone} belongs to contact {shown}; change that one instead"


def _release(wanted: Wanted, contact_id: UUID, phone: str) -> Ask:
    command = ReleaseIdentifier(
        workspace_id=wanted.workspace_id, contact_id=contact_id, kind="phone", value=phone
    )
    return Ask(identifier, identifier_id(wanted.workspace_id, "phone", phone), command)


def _delete_contact(wanted: Wanted) -> Intent:
    return about(wanted, contact, DeleteContact(**wanted.named))


def _restore_contact(wanted: Wanted) -> Intent:
    return about(wanted, contact, RestoreContact(**wanted.named))


def _opt_out_contact(wanted: Wanted) -> Intent:
    return about(wanted, contact, OptOutContact(**wanted.named, reason=wanted.body.reason))


def _opt_in_contact(wanted: Wanted) -> Intent:
    return about(wanted, contact, OptInContact(**wanted.named))


def _block_contact(wanted: Wanted) -> Intent:
    return about(wanted, contact, BlockContact(**wanted.named, reason=wanted.body.reason))


_ONE: Final = "/v1/contacts/{contact_id}"
_ID: Final = {"contact_id": "contact"}

COMMANDS: Final = (
    Command(
        "POST",
        "/v1/contacts",
        "Add a contact",
        _add_contact,
        "contacts.write",
        body=NewContact,
        status=201,
    ),
    Command(
        "PATCH",
        _ONE,
        "Change a contact (JSON merge patch)",
        _change_contact,
        "contacts.write",
        body=ContactPatch,
        ids=_ID,
        match_required=True,
    ),
    Command("DELETE", _ONE, "Delete a contact", _delete_contact, "contacts.write", ids=_ID),
    Command(
        "POST",
        f"{_ONE}/opt-out",
        "Record that a contact wants no campaigns",
        _opt_out_contact,
        "contacts.write",
        body=Reasoned,
        ids=_ID,
    ),
    Command(
        "POST",
        f"{_ONE}/opt-in",
        "Record a contact's consent",
        _opt_in_contact,
        "contacts.write",
        ids=_ID,
    ),
    Command(
        "POST",
        f"{_ONE}/block",
        "Block a contact",
        _block_contact,
        "contacts.write",
        body=Reasoned,
        ids=_ID,
    ),
    Command(
        "POST",
        f"{_ONE}/restore",
        "Undo a deletion or a block",
        _restore_contact,
        "contacts.write",
        ids=_ID,
    ),
)
