"""What is known of a message that came in: enough to tell a repetition, and what is shown."""

from datetime import datetime
from typing import assert_never

import msgspec
from msgspec.structs import replace

from domain.inbound.events import (
    InboundEdited,
    InboundEvent,
    InboundReacted,
    InboundReceived,
    InboundRevoked,
    Received,
)


class Inbound(msgspec.Struct, frozen=True, kw_only=True):
    """A message, or in a stream of its own a reaction. Which reports came first leaves no trace."""

    received: Received | None = None
    edits: frozenset[str] = frozenset()
    edited: Received | None = None
    edited_at: tuple[datetime, str] | None = None
    """When the edit that counts was made, and its id: of two at the same time the greater one."""
    revoked: bool = False
    emoji: str = ""
    reacted_at: tuple[datetime, str, str] | None = None

    @property
    def shown(self) -> Received | None:
        """What its reader sees; None if it was revoked, or is only known by its reactions."""
        return None if self.revoked else self.edited or self.received


def evolve(inbound: Inbound, event: InboundEvent) -> Inbound:
    """The message after that fact."""
    match event:
        case InboundReceived():
            return replace(inbound, received=event.content)
        case InboundEdited():
            edits = inbound.edits | {event.edit_id}
            if event.superseded:
                return replace(inbound, edits=edits)
            place = (event.at, event.edit_id)
            return replace(inbound, edits=edits, edited=event.content, edited_at=place)
        case InboundRevoked():
            return replace(inbound, revoked=True)
        case InboundReacted():
            place_ = (event.at, event.provider_id, event.emoji)
            return replace(inbound, emoji=event.emoji, reacted_at=place_)
        case _:
            assert_never(event)
