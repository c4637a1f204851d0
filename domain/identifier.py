"""An identifier (a phone number, later others) belongs to at most one contact of a workspace.

Free -> claimed -> free. Its stream id is derived from workspace, kind and value, so two requests
for the same number meet in the same stream and only one can win.
"""

from typing import Literal
from uuid import UUID

from domain.kernel import Command, Event, PersonalText

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
