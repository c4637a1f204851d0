"""Asks of what people and the phone say: messages, edits, revocations, reactions, calls.

One item is one group. It begins with the person, then comes the item's own fact, which is nothing
for a repetition and then leaves out the rest; last comes what it means for the conversation.
"""

from typing import Final
from uuid import UUID

from commands.execute import Ask
from commands.policies.directory import Directory, OwnNumber
from commands.policies.inbox_changes import call_reported, edit, react, revoke
from commands.policies.inbox_people import People, identifier_stream
from commands.policies.inbox_place import Place, start
from commands.policies.webhook_items import (
    CallItem,
    EditItem,
    FromPerson,
    MessageItem,
    ReactionItem,
    RevokeItem,
)
from commands.streams import Streams
from commands.working_hours import hours_of
from domain import ids
from domain.contact import MoveContact, contact
from domain.conversation import (
    BusinessWrites,
    CustomerWrites,
    conversation,
)
from domain.hours import ALWAYS
from domain.identifier import IdentifierKind
from domain.inbound import ReceiveMessage, inbound
from domain.readers import Readers, readers, readers_id

NOTICES: Final = frozenset({"system"})
"""Nobody wrote these: they open no window and wait for no answer."""


def own_stream(item: FromPerson, number: OwnNumber) -> UUID | None:
    """The stream of the message it is about, where the item names it."""
    if isinstance(item, MessageItem | EditItem | RevokeItem):
        return ids.inbound_id(number.account_id, item.provider_id)
    if isinstance(item, CallItem):
        return ids.call_id(number.account_id, item.provider_id)
    return None


def streams_of_person(item: FromPerson, number: OwnNumber) -> list[UUID]:
    """What has to be looked into before it is known whose item it is."""
    named: list[tuple[IdentifierKind, str]] = [*item.person.identifiers]
    if isinstance(item, MessageItem) and item.moved_to:
        named.append(("phone", item.moved_to))
    held = [identifier_stream(number.workspace_id, *one) for one in named]
    if _is_reply(item):
        held.append(number.workspace_id)
    elif isinstance(item, MessageItem):
        held.append(readers_id(number.workspace_id))
    own = own_stream(item, number)
    return held if own is None else [own, *held]


def _is_reply(item: FromPerson) -> bool:
    """It ends a wait, which is measured in the workspace's hours."""
    return isinstance(item, MessageItem) and item.echo


def is_known(item: FromPerson, number: OwnNumber, streams: Streams) -> bool:
    """A message that is there already: whoever repeats it says nothing about its writer."""
    if not isinstance(item, MessageItem):
        return False
    stream_id = ids.inbound_id(number.account_id, item.provider_id)
    return streams.look(inbound, stream_id, number.workspace_id).received is not None


def asks_of(
    item: FromPerson, number: OwnNumber, directory: Directory, streams: Streams, people: People
) -> list[Ask]:
    met = people.meet(number.workspace_id, item.person)
    conversation_id = ids.conversation_id(number.account_id, met.contact_id)
    hours = hours_of(streams, number.workspace_id) if _is_reply(item) else ALWAYS
    place = Place(number, met.contact_id, conversation_id, hours)
    match item:
        case MessageItem():
            written = _message(item, place, _era(item, number.workspace_id, streams))
            return [*met.asks, *written, *_moved(item, place, people)]
        case EditItem():
            return [*met.asks, edit(item, place), start(place, echo=item.echo)]
        case RevokeItem():
            return [*met.asks, revoke(item, place), start(place, echo=item.echo)]
        case ReactionItem():
            return [*met.asks, react(item, place, directory), start(place, echo=item.echo)]
        case CallItem():
            return [*met.asks, call_reported(item, place), start(place, echo=item.by == "business")]


def _era(item: MessageItem, workspace_id: UUID, streams: Streams) -> int:
    """How often people have begun to read: those who begin later have not to read this."""
    if item.echo:
        return 0
    found: Readers = streams.look(readers, readers_id(workspace_id), workspace_id)
    return found.era


def _message(item: MessageItem, place: Place, era: int) -> list[Ask]:
    message_id = ids.inbound_id(place.number.account_id, item.provider_id)
    command = ReceiveMessage(
        **place.ids,
        message_id=message_id,
        provider_id=item.provider_id,
        at=item.at,
        sender=item.person.said,
        content=item.content,
        echo=item.echo,
    )
    leading = Ask(inbound, message_id, command, leads=True)
    return [leading, *_written(item, message_id, place, era)]


def _written(item: MessageItem, message_id: UUID, place: Place, era: int) -> list[Ask]:
    """What it is to the conversation."""
    content = item.content
    if content.kind in NOTICES:
        return [start(place, echo=item.echo)]
    command: CustomerWrites | BusinessWrites
    if item.echo:
        command = BusinessWrites(
            **place.ids,
            message_id=message_id,
            kind=content.kind,
            snippet=content.text,
            at=item.at,
            from_phone=True,
            hours=place.hours,
        )
    else:
        command = CustomerWrites(
            **place.ids,
            message_id=message_id,
            kind=content.kind,
            snippet=content.text,
            at=item.at,
            address=item.person.identifiers[0][1],
            era=era,
        )
    return [Ask(conversation, place.conversation_id, command)]


def _moved(item: MessageItem, place: Place, people: People) -> list[Ask]:
    """The person's new number becomes this contact's, unless another one has it."""
    if not item.moved_to:
        return []
    workspace_id = place.number.workspace_id
    asks, disputed = people.give(workspace_id, place.contact_id, "phone", item.moved_to)
    if disputed:
        return asks
    move = MoveContact(
        workspace_id=workspace_id,
        contact_id=place.contact_id,
        was=next((value for kind, value in item.person.identifiers if kind == "phone"), ""),
        phone=item.moved_to,
    )
    return [*asks, Ask(contact, place.contact_id, move)]
