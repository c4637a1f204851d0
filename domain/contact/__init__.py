"""A contact is a person a workspace writes to: profile, groups, consent.

Absent -> live <-> deleted. Opted out and blocked are facts beside that; a deleted contact keeps
both, and its groups, for when it is restored.
"""

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
from domain.contact.decider import contact
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
    ContactSource,
    PreferenceReported,
    Profile,
)
from domain.contact.state import Contact

__all__ = [
    "AddContact",
    "BlockContact",
    "ChangeContact",
    "Contact",
    "ContactAdded",
    "ContactBlocked",
    "ContactChanged",
    "ContactCommand",
    "ContactDeleted",
    "ContactEvent",
    "ContactJoinedGroup",
    "ContactLeftGroup",
    "ContactOptedIn",
    "ContactOptedOut",
    "ContactRestored",
    "ContactSource",
    "DeleteContact",
    "JoinGroup",
    "LeaveGroup",
    "MeetContact",
    "MoveContact",
    "OptInContact",
    "OptOutContact",
    "PreferenceReported",
    "Profile",
    "ReportPreference",
    "RestoreContact",
    "contact",
]
