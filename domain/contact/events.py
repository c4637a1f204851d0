"""What can become of a contact."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from domain.kernel import Event, PersonalText, personal

ContactSource = Literal["api", "import", "webhook"]


class Profile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of the person. `phone` is E.164 with its plus sign.

    It is empty where the provider names the person in other ways only.
    """

    phone: PersonalText
    first_name: PersonalText = ""
    last_name: PersonalText = ""
    email: PersonalText = ""
    language: PersonalText = ""
    time_zone: PersonalText = ""
    attributes: Annotated[dict[str, str], personal] = {}


class ContactAdded(Event):
    contact_id: UUID
    profile: Profile
    source: ContactSource


class ContactChanged(Event):
    """`before` is what it was, so that read models can undo it without reading."""

    contact_id: UUID
    profile: Profile
    before: Profile


class ContactJoinedGroup(Event):
    """`membership` counts this contact's joinings of this group from 1: each is a row of its own."""

    contact_id: UUID
    group_id: UUID
    membership: int


class ContactLeftGroup(Event):
    contact_id: UUID
    group_id: UUID
    membership: int


class ContactOptedIn(Event):
    """Consent given again after an opt-out, or given expressly for the first time."""

    contact_id: UUID
    source: ContactSource
    was_opted_out: bool


class ContactOptedOut(Event):
    contact_id: UUID
    source: ContactSource
    reason: PersonalText = ""


class PreferenceReported(Event):
    """What the person told the provider it wants to be sent; `details` is all of the report.

    `newest`: nothing later is known of that category, so it counts.
    """

    contact_id: UUID
    account_id: UUID
    category: str
    value: str
    at: datetime
    details: Annotated[dict[str, Any], personal]
    newest: bool


class ContactBlocked(Event):
    contact_id: UUID
    reason: PersonalText = ""


class ContactDeleted(Event):
    """`groups` are the ones it counted in until now, as (group, membership)."""

    contact_id: UUID
    groups: tuple[tuple[UUID, int], ...]


class ContactRestored(Event):
    """Live again, and a block ends. `groups` are those it counts in again: none if only blocked."""

    contact_id: UUID
    groups: tuple[tuple[UUID, int], ...]
    was_deleted: bool
    was_blocked: bool


ContactEvent = (
    ContactAdded
    | ContactChanged
    | ContactJoinedGroup
    | ContactLeftGroup
    | ContactOptedIn
    | ContactOptedOut
    | PreferenceReported
    | ContactBlocked
    | ContactDeleted
    | ContactRestored
)
