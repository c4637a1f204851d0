"""An identifier (a phone number, later others) belongs to at most one contact of a workspace.

Free -> claimed -> free. Its stream id is derived from workspace, kind and value, so two requests
for the same number meet in the same stream and only one can win.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

import msgspec

from domain.ids import show
from domain.kernel import Command, Decider, Event, PersonalText, Rejected

IdentifierKind = Literal["phone"]


class IdentifierClaimed(Event):
    contact_id: UUID
    kind: IdentifierKind
    value: PersonalText


class IdentifierReleased(Event):
    contact_id: UUID
    kind: IdentifierKind
    value: PersonalText


IdentifierEvent = IdentifierClaimed | IdentifierReleased


class ClaimIdentifier(Command):
    contact_id: UUID
    kind: IdentifierKind
    value: str


class ReleaseIdentifier(Command):
    contact_id: UUID
    kind: IdentifierKind
    value: str


IdentifierCommand = ClaimIdentifier | ReleaseIdentifier


class Identifier(msgspec.Struct, frozen=True, kw_only=True):
    known: bool = False
    holder: UUID | None = None


def evolve(identifier: Identifier, event: IdentifierEvent) -> Identifier:
    """The identifier after that fact."""
    del identifier  # each fact says all there is to know
    match event:
        case IdentifierClaimed():
            return Identifier(known=True, holder=event.contact_id)
        case IdentifierReleased():
            return Identifier(known=True)
        case _:
            assert_never(event)


def decide(
    identifier: Identifier, command: IdentifierCommand, now: datetime
) -> Sequence[IdentifierEvent]:
    """What follows from the request; nothing if it is so already."""
    del now  # no rule of an identifier depends on the time
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


identifier: Decider[Identifier, IdentifierCommand, IdentifierEvent] = Decider(
    "identifier", Identifier(), decide, evolve
)
