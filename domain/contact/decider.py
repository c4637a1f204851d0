"""The rules of a contact: a deleted one stays as it is until it is restored."""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from domain.contact.commands import (
    AddContact,
    BlockContact,
    ChangeContact,
    ContactCommand,
    DeleteContact,
    JoinGroup,
    LeaveGroup,
    MeetContact,
    MoveContact,
    OptInContact,
    OptOutContact,
    ReportPreference,
    RestoreContact,
)
from domain.contact.events import (
    ContactAdded,
    ContactBlocked,
    ContactChanged,
    ContactDeleted,
    ContactEvent,
    ContactJoinedGroup,
    ContactLeftGroup,
    ContactOptedIn,
    ContactOptedOut,
    ContactRestored,
)
from domain.contact.meeting import meet, move, prefer
from domain.contact.profile import check_profile
from domain.contact.state import Contact, evolve
from domain.ids import show
from domain.kernel import Decider, Rejected
from domain.refusals import exists, not_found


def decide(contact: Contact, command: ContactCommand, now: datetime) -> Sequence[ContactEvent]:
    """What follows from the request; nothing if it is so already."""
    del now  # no rule of a contact depends on the time
    match command:
        case AddContact() if contact.status == "absent":
            check_profile(command.profile, by_webhook=command.source == "webhook")
            return [
                ContactAdded(
                    workspace_id=command.workspace_id,
                    contact_id=command.contact_id,
                    profile=command.profile,
                    source=command.source,
                )
            ]
        case MeetContact():
            return meet(contact, command)
        case _ if contact.status == "absent":
            raise not_found("contact", command.contact_id)
        case MoveContact():
            return move(contact, command)
        case ReportPreference():
            return prefer(contact, command)
        case DeleteContact():
            return _delete(contact, command)
        case RestoreContact():
            return _restore(contact, command)
        case _ if contact.status == "deleted":
            raise Rejected(
                "contact_deleted",
                f"contact {show('contact', command.contact_id)} is deleted; "
                "restore it before anything else",
            )
        case AddContact():
            if command.profile != contact.profile:
                raise exists("contact", command.contact_id)
            return []
        case ChangeContact():
            return _change(contact, command)
        case JoinGroup() | LeaveGroup():
            return _membership(contact, command)
        case OptInContact():
            return _opt_in(contact, command)
        case OptOutContact():
            return _opt_out(contact, command)
        case BlockContact():
            return _block(contact, command)
        case _:
            assert_never(command)


def _change(contact: Contact, command: ChangeContact) -> Sequence[ContactEvent]:
    if command.profile == contact.profile:
        return []
    phoneless = not contact.profile.phone  # it may stay so
    check_profile(command.profile, by_webhook=phoneless)
    return [
        ContactChanged(
            workspace_id=command.workspace_id,
            contact_id=command.contact_id,
            profile=command.profile,
            before=contact.profile,
        )
    ]


def _membership(contact: Contact, command: JoinGroup | LeaveGroup) -> Sequence[ContactEvent]:
    joins = isinstance(command, JoinGroup)
    if joins == (command.group_id in contact.groups):
        return []
    earlier = contact.memberships.get(command.group_id, 0)
    fact = ContactJoinedGroup if joins else ContactLeftGroup
    return [
        fact(
            workspace_id=command.workspace_id,
            contact_id=command.contact_id,
            group_id=command.group_id,
            membership=earlier + 1 if joins else earlier,
        )
    ]


def _opt_in(contact: Contact, command: OptInContact) -> Sequence[ContactEvent]:
    if contact.consent == "given":
        return []
    return [
        ContactOptedIn(
            workspace_id=command.workspace_id,
            contact_id=command.contact_id,
            source=command.source,
            was_opted_out=contact.consent == "withdrawn",
        )
    ]


def _opt_out(contact: Contact, command: OptOutContact) -> Sequence[ContactEvent]:
    if contact.consent == "withdrawn":
        return []
    return [
        ContactOptedOut(
            workspace_id=command.workspace_id,
            contact_id=command.contact_id,
            source=command.source,
            reason=command.reason,
        )
    ]


def _block(contact: Contact, command: BlockContact) -> Sequence[ContactEvent]:
    if contact.blocked:
        return []
    return [
        ContactBlocked(
            workspace_id=command.workspace_id,
            contact_id=command.contact_id,
            reason=command.reason,
        )
    ]


def _delete(contact: Contact, command: DeleteContact) -> Sequence[ContactEvent]:
    if contact.status == "deleted":
        return []
    return [
        ContactDeleted(
            workspace_id=command.workspace_id,
            contact_id=command.contact_id,
            groups=contact.current,
        )
    ]


def _restore(contact: Contact, command: RestoreContact) -> Sequence[ContactEvent]:
    deleted = contact.status == "deleted"
    if not deleted and not contact.blocked:
        return []
    return [
        ContactRestored(
            workspace_id=command.workspace_id,
            contact_id=command.contact_id,
            groups=contact.current if deleted else (),
            was_deleted=deleted,
            was_blocked=contact.blocked,
        )
    ]


contact: Decider[Contact, ContactCommand, ContactEvent] = Decider(
    "contact", Contact(), decide, evolve
)
