"""How facts are written down: a closed union of event types, pinned by a golden schema file.

A class name is a wire name. To change one: new field with a default; renamed class with its old
name pinned by `tag=`; an entry in `UPCASTS`; a new event, in this order of preference.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple, get_args
from uuid import UUID

import msgspec

from domain.account import AccountEvent
from domain.assistance import AssistanceEvent
from domain.call import CallEvent
from domain.campaign import CampaignEvent
from domain.canned_reply import CannedReplyEvent
from domain.consideration import ConsiderationEvent
from domain.contact import ContactEvent
from domain.contact_import import ImportEvent
from domain.conversation import ConversationEvent
from domain.file import FileEvent
from domain.group import GroupEvent
from domain.identifier import IdentifierEvent
from domain.inbound import InboundEvent
from domain.kernel import Event, Metadata, Recorded
from domain.message import MessageEvent
from domain.notification import ReadingEvent
from domain.owners import OwnersEvent
from domain.readers import ReadingBegan
from domain.rule import RuleEvent
from domain.session import SessionEvent
from domain.sign_in_attempts import SignInAttemptsEvent
from domain.team import TeamEvent
from domain.template import TemplateEvent
from domain.user import UserEvent
from domain.workspace import WorkspaceEvent

AnyEvent = (
    WorkspaceEvent
    | AccountEvent
    | IdentifierEvent
    | ContactEvent
    | GroupEvent
    | TemplateEvent
    | CampaignEvent
    | MessageEvent
    | ImportEvent
    | ConversationEvent
    | InboundEvent
    | CallEvent
    | FileEvent
    | TeamEvent
    | CannedReplyEvent
    | RuleEvent
    | ConsiderationEvent
    | AssistanceEvent
    | UserEvent
    | OwnersEvent
    | ReadingBegan
    | SessionEvent
    | SignInAttemptsEvent
    | ReadingEvent
)

EVENT_TYPES: Final[dict[str, type[Event]]] = {
    str(t.__struct_config__.tag): t for t in get_args(AnyEvent)
}

UPCASTS: Final[dict[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {}
"""Old wire name -> what its fields are today, its `type` included."""


class UnknownEvent(ValueError):
    """The bytes are of a type that is not known here, or do not have that type's shape."""


class LogRecord(NamedTuple):
    """A fact as the store and the log carry it: the envelope read, the contents still bytes."""

    position: int
    workspace_id: UUID
    stream_id: UUID
    version: int
    type: str
    recorded_at: datetime
    metadata: bytes
    data: bytes


AT_ONCE: Final = 250
"""So many records are taken together: they do not leave the processor's cache meanwhile."""


class Sifted(NamedTuple):
    """A part of the log for someone who leaves some types of facts out.

    `end` is the position of its last record, 0 if it has none; `counts` tells of each workspace how
    many there are, whatever their type. The others are made as they are taken, AT_ONCE or fewer.
    """

    end: int
    counts: Mapping[UUID, int]
    records: Iterable[Sequence[LogRecord]]


_encoder = msgspec.json.Encoder()
_events: msgspec.json.Decoder[Event] = msgspec.json.Decoder(AnyEvent)
_metadata = msgspec.json.Decoder(Metadata)
NOTHING_AROUND: Final = Metadata()
_recorded: Final[Callable[[tuple[Any, ...]], Recorded]] = partial(tuple.__new__, Recorded)
"""Of all its fields together: from separate ones it takes half as long again."""


def type_of(event: Event) -> str:
    """Its name on the wire."""
    return str(event.__struct_config__.tag)


def encode(event: Event) -> bytes:
    """The stored bytes of a fact."""
    return _encoder.encode(event)


def encode_metadata(metadata: Metadata) -> bytes:
    """The stored bytes of what surrounds a fact."""
    return _encoder.encode(metadata)


def decode_event(type_: str, data: bytes) -> Event:
    """The fact behind stored bytes. UnknownEvent says what was wrong with them."""
    if type_ not in EVENT_TYPES and type_ not in UPCASTS:
        raise UnknownEvent(f"unknown event type {type_!r}")
    try:
        if upcast := UPCASTS.get(type_):
            return msgspec.convert(upcast(msgspec.json.decode(data)), AnyEvent)  # type: ignore[no-any-return]
        return _events.decode(data)
    except msgspec.MsgspecError as error:
        raise UnknownEvent(f"{type_} cannot be read: {error}") from error


def decode(record: LogRecord) -> Recorded:
    """The record with its contents read. UnknownEvent as for `decode_event`."""
    position, _, stream_id, version, type_, at, metadata, data = record
    return recorded(position, stream_id, version, type_, at, metadata, data)


def decode_all(records: Sequence[LogRecord]) -> list[Recorded]:
    """The same for many: a third sooner, but an error does not say whose it is."""
    types = {record.type for record in records}
    if not types or not types <= EVENT_TYPES.keys() - UPCASTS.keys():
        return [decode(record) for record in records]
    positions, _, streams, versions, _, instants, around, data = zip(*records, strict=True)
    events = map(_events.decode, data)
    parts = zip(positions, streams, versions, instants, map(_around, around), events, strict=True)
    return list(map(_recorded, parts))


def recorded(
    position: int,
    stream_id: UUID,
    version: int,
    type_: str,
    at: datetime,
    metadata: bytes,
    data: bytes,
) -> Recorded:
    """A fact in its envelope, with its contents read. UnknownEvent as for `decode_event`."""
    try:
        around = _around(metadata)
    except msgspec.MsgspecError as error:
        raise UnknownEvent(f"metadata of {type_} cannot be read: {error}") from error
    return Recorded(position, stream_id, version, at, around, decode_event(type_, data))


@lru_cache(maxsize=1024)
def _around(metadata: bytes) -> Metadata:
    """Facts of one request have the same, and stand side by side."""
    return _metadata.decode(metadata) if metadata else NOTHING_AROUND
