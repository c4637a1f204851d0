"""What may be asked of a contact."""

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.contact.events import ContactSource, Profile
from domain.kernel import Command


class AddContact(Command):
    contact_id: UUID
    profile: Profile
    source: ContactSource = "api"


class ChangeContact(Command):
    """The whole new profile; equal to the present one changes nothing."""

    contact_id: UUID
    profile: Profile


class JoinGroup(Command):
    contact_id: UUID
    group_id: UUID


class LeaveGroup(Command):
    contact_id: UUID
    group_id: UUID


class OptInContact(Command):
    contact_id: UUID
    source: ContactSource = "api"


class OptOutContact(Command):
    contact_id: UUID
    source: ContactSource = "api"
    reason: str = ""


class BlockContact(Command):
    contact_id: UUID
    reason: str = ""


class DeleteContact(Command):
    contact_id: UUID


class RestoreContact(Command):
    """Undoes a deletion and a block."""

    contact_id: UUID


class MeetContact(Command):
    """The provider named this person: known from now on, and what was not known of it is filled in.

    Only name and number are, and the name only of a contact that became known in this way.
    """

    contact_id: UUID
    phone: str
    name: str


class MoveContact(Command):
    """The person has given up the phone number `was` for `phone`."""

    contact_id: UUID
    was: str
    phone: str


class ReportPreference(Command):
    """What the person told the provider it wants to be sent, on that number."""

    contact_id: UUID
    account_id: UUID
    category: str
    value: str
    at: datetime
    details: dict[str, Any]


ContactCommand = (
    AddContact
    | MeetContact
    | MoveContact
    | ReportPreference
    | ChangeContact
    | JoinGroup
    | LeaveGroup
    | OptInContact
    | OptOutContact
    | BlockContact
    | DeleteContact
    | RestoreContact
)
