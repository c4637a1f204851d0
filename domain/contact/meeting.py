"""What the provider's reports make of a contact; none is refused, whatever state it is in."""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from domain.contact.commands import MeetContact, MoveContact, ReportPreference
from domain.contact.events import (
    ContactAdded,
    ContactChanged,
    ContactEvent,
    ContactOptedIn,
    ContactOptedOut,
    PreferenceReported,
    Profile,
)
from domain.contact.state import Contact
from domain.refusals import provider_instant

MARKETING: Final = "marketing_messages"


def meet(contact: Contact, command: MeetContact) -> Sequence[ContactEvent]:
    """A person not known yet is added. A deleted contact stays deleted: the company wished so."""
    if contact.status == "absent":
        profile = Profile(phone=command.phone, first_name=command.name)
        return [
            ContactAdded(
                workspace_id=command.workspace_id,
                contact_id=command.contact_id,
                profile=profile,
                source="webhook",
            )
        ]
    known = contact.profile
    name = known.first_name or (command.name if contact.source == "webhook" else "")
    return _change(
        contact, command, replace(known, first_name=name, phone=known.phone or command.phone)
    )


def move(contact: Contact, command: MoveContact) -> Sequence[ContactEvent]:
    """Messages go to the new number from now on, unless they went to a third one anyway."""
    if contact.status == "absent" or contact.profile.phone not in {"", command.was}:
        return []
    return _change(contact, command, replace(contact.profile, phone=command.phone))


def prefer(contact: Contact, command: ReportPreference) -> Sequence[ContactEvent]:
    """Consent follows the last wish about marketing. The same report counts once."""
    at = provider_instant(command.at)
    if (command.category, command.value, at) in contact.wishes:
        return []
    newest = all(at > when for category, _, when in contact.wishes if category == command.category)
    told = PreferenceReported(
        workspace_id=command.workspace_id,
        contact_id=command.contact_id,
        account_id=command.account_id,
        category=command.category,
        value=command.value,
        at=at,
        details=command.details,
        newest=newest,
    )
    return [told, *(_consent(contact, command) if newest else ())]


def _consent(contact: Contact, command: ReportPreference) -> Sequence[ContactEvent]:
    if command.category != MARKETING:
        return []
    ids = {"workspace_id": command.workspace_id, "contact_id": command.contact_id}
    if command.value == "stop" and contact.consent != "withdrawn":
        return [ContactOptedOut(**ids, source="webhook", reason="stopped marketing messages")]
    if command.value == "resume" and contact.consent != "given":
        was = contact.consent == "withdrawn"
        return [ContactOptedIn(**ids, source="webhook", was_opted_out=was)]
    return []


def _change(
    contact: Contact, command: MeetContact | MoveContact, profile: Profile
) -> Sequence[ContactEvent]:
    if profile == contact.profile:
        return []
    return [
        ContactChanged(
            workspace_id=command.workspace_id,
            contact_id=command.contact_id,
            profile=profile,
            before=contact.profile,
        )
    ]
