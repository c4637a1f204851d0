"""An identifier (a phone number, later others) belongs to at most one contact of a workspace.

Free -> claimed -> free. Its stream id is derived from workspace, kind and value, so two requests
for the same number meet in the same stream and only one can win.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.ids import show
from domain.kernel import Command, Decider, Event, PersonalText, Rejected

IdentifierKind = Literal["phone", "bsuid", "waha"]
"""E.164 with its plus sign; the provider's id of a person (`DE.77`); a chat id (`1@lid`)."""


class IdentifierClaimed(Event):
    contact_id: UUID
    kind: IdentifierKind
    value: PersonalText


class IdentifierReleased(Event):
    contact_id: UUID
    kind: IdentifierKind
    value: PersonalText


class IdentifierDisputed(Event):
    """The provider named it for `contact_id` too; it stays with `holder_id`, who had it before."""

    contact_id: UUID
    holder_id: UUID
    kind: IdentifierKind
    value: PersonalText


IdentifierEvent = IdentifierClaimed | IdentifierReleased | IdentifierDisputed


class ClaimIdentifier(Command):
    contact_id: UUID
    kind: IdentifierKind
    value: str


class ReleaseIdentifier(Command):
    contact_id: UUID
    kind: IdentifierKind
    value: str


class OfferIdentifier(Command):
    """The provider says that it is this contact's: claimed if nobody has it, else disputed."""

    contact_id: UUID
    kind: IdentifierKind
    value: str


IdentifierCommand = ClaimIdentifier | ReleaseIdentifier | OfferIdentifier


class Identifier(msgspec.Struct, frozen=True, kw_only=True):
    known: bool = False
    holder: UUID | None = None
    disputed_by: frozenset[UUID] = frozenset()
    """For whom it was named too, since it has this holder."""


def evolve(identifier: Identifier, event: IdentifierEvent) -> Identifier:
    """The identifier after that fact."""
    match event:
        case IdentifierClaimed():
            return Identifier(known=True, holder=event.contact_id)
        case IdentifierReleased():
            return Identifier(known=True)
        case IdentifierDisputed():
            return replace(identifier, disputed_by=identifier.disputed_by | {event.contact_id})
        case _:
            assert_never(event)


def decide(
    identifier: Identifier, command: IdentifierCommand, now: datetime
) -> Sequence[IdentifierEvent]:
    """What follows from the request; nothing if it is so already."""
    del now  # no rule of an identifier depends on the time
    if isinstance(command, OfferIdentifier) and identifier.holder not in {None, command.contact_id}:
        return _dispute(identifier, command)
    releases = isinstance(command, ReleaseIdentifier)
    if releases and not identifier.known:
        raise Rejected("not_found", f"no contact has ever had the {command.kind} {command.value}")
    if identifier.holder not in {None, command.contact_id}:
        raise Rejected(
            "identifier_taken",
            f"the {command.kind} {command.value} belongs to another contact than "
            f"{show('contact', command.contact_id)}; it has to be released by that one first",
        )
    if releases == (identifier.holder is None):
        return []
    fact = IdentifierReleased if releases else IdentifierClaimed
    return [
        fact(
            workspace_id=command.workspace_id,
            contact_id=command.contact_id,
            kind=command.kind,
            value=command.value,
        )
    ]


def _dispute(identifier: Identifier, command: OfferIdentifier) -> Sequence[IdentifierEvent]:
    if identifier.holder is None or command.contact_id in identifier.disputed_by:
        return []
    return [
        IdentifierDisputed(
            workspace_id=command.workspace_id,
            contact_id=command.contact_id,
            holder_id=identifier.holder,
            kind=command.kind,
            value=command.value,
        )
    ]


identifier: Decider[Identifier, IdentifierCommand, IdentifierEvent] = Decider(
    "identifier", Identifier(), decide, evolve
)
