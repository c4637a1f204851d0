"""What is known of one contact, as far as its next decision needs it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

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

REMEMBERED: Final = 50
"""So many preferences are known again when they come twice."""


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """`memberships` has every group it ever joined, with how often; `groups` those it is in."""

    status: Literal["absent", "live", "deleted"] = "absent"
    profile: Profile = Profile(phone="")
    consent: Literal["unasked", "given", "withdrawn"] = "unasked"
    blocked: bool = False
    source: ContactSource = "api"
    memberships: Mapping[UUID, int] = {}
    groups: frozenset[UUID] = frozenset()
    wishes: tuple[tuple[str, str, datetime], ...] = ()
    """The last preferences reported: category, value, instant."""

    @property
    def current(self) -> tuple[tuple[UUID, int], ...]:
        """The groups it is in, each with the number of that membership, in id order."""
        return tuple((group, self.memberships[group]) for group in sorted(self.groups))


def evolve(contact: Contact, event: ContactEvent) -> Contact:
    """The contact after that fact."""
    match event:
        case ContactAdded():
            return Contact(status="live", profile=event.profile, source=event.source)
        case ContactChanged():
            return replace(contact, profile=event.profile)
        case ContactJoinedGroup():
            return replace(
                contact,
                memberships={**contact.memberships, event.group_id: event.membership},
                groups=contact.groups | {event.group_id},
            )
        case ContactLeftGroup():
            return replace(contact, groups=contact.groups - {event.group_id})
        case ContactOptedIn():
            return replace(contact, consent="given")
        case ContactOptedOut():
            return replace(contact, consent="withdrawn")
        case PreferenceReported():
            wish = (event.category, event.value, event.at)
            return replace(contact, wishes=(*contact.wishes, wish)[-REMEMBERED:])
        case ContactBlocked():
            return replace(contact, blocked=True)
        case ContactDeleted():
            return replace(contact, status="deleted")
        case ContactRestored():
            return replace(contact, status="live", blocked=False)
        case _:
            assert_never(event)
