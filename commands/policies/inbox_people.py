"""Whose contact a person of the webhooks is: found by any identifier, made if there is none.

The phone number counts most. An identifier that another contact has stays there, which is said in
a fact; one that nobody has is claimed.
"""

from typing import NamedTuple
from uuid import UUID, uuid5

from commands.execute import Ask
from commands.policies.webhook_items import Person
from commands.streams import Streams
from domain import ids
from domain.contact import MeetContact, contact
from domain.identifier import (
    ClaimIdentifier,
    Identifier,
    IdentifierKind,
    OfferIdentifier,
    identifier,
)


class Met(NamedTuple):
    """The contact, and what makes it so; nothing of that harms if it is so already."""

    contact_id: UUID
    asks: list[Ask]


class Given(NamedTuple):
    """What gives an identifier to a contact, and whether another contact keeps it."""

    asks: list[Ask]
    disputed: bool


class People:
    """The identifiers of a batch of items; those given out earlier in the batch count as taken."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._given: dict[UUID, UUID] = {}

    def meet(self, workspace_id: UUID, person: Person) -> Met:
        streams = [identifier_stream(workspace_id, k, v) for k, v in person.identifiers]
        holders = (self._holder(id_, workspace_id) for id_ in streams)
        found = next((holder for holder in holders if holder is not None), None)
        contact_id = found or self._new(streams[0])
        asks = [
            ask
            for kind, value in person.identifiers
            for ask in self.give(workspace_id, contact_id, kind, value).asks
        ]
        return Met(contact_id, [*asks, _meeting(workspace_id, contact_id, person)])

    def give(self, workspace_id: UUID, contact_id: UUID, kind: IdentifierKind, value: str) -> Given:
        """The identifier becomes that contact's, unless another one has it."""
        stream_id = identifier_stream(workspace_id, kind, value)
        state: Identifier = self._streams.look(identifier, stream_id, workspace_id)
        holder = state.holder or self._given.setdefault(stream_id, contact_id)
        disputed = holder != contact_id
        if state.holder == contact_id or (disputed and contact_id in state.disputed_by):
            return Given([], disputed)
        # Claiming is refused if somebody else claims it now, and then all is looked at again.
        command = (OfferIdentifier if disputed else ClaimIdentifier)(
            workspace_id=workspace_id, contact_id=contact_id, kind=kind, value=value
        )
        return Given([Ask(identifier, stream_id, command)], disputed)

    def _holder(self, stream_id: UUID, workspace_id: UUID) -> UUID | None:
        state: Identifier = self._streams.look(identifier, stream_id, workspace_id)
        return state.holder or self._given.get(stream_id)

    def _new(self, stream_id: UUID) -> UUID:
        """The same for everybody who makes it at the same time; another one after a release."""
        version, _ = self._streams.stands(stream_id)
        return uuid5(stream_id, f"contact:{version}")


def identifier_stream(workspace_id: UUID, kind: IdentifierKind, value: str) -> UUID:
    return ids.identifier_id(workspace_id, kind, value)


def _meeting(workspace_id: UUID, contact_id: UUID, person: Person) -> Ask:
    phone = next((value for kind, value in person.identifiers if kind == "phone"), "")
    command = MeetContact(
        workspace_id=workspace_id, contact_id=contact_id, phone=phone, name=person.name
    )
    return Ask(contact, contact_id, command)
