"""What may be asked of a contact."""

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


ContactCommand = (
    AddContact
    | ChangeContact
    | JoinGroup
    | LeaveGroup
    | OptInContact
    | OptOutContact
    | BlockContact
    | DeleteContact
    | RestoreContact
)
