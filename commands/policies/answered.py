"""Streams to which webhooks add again and again, as they stood when we last wrote to them.

Messages the provider has answered for, conversations, and the contacts met in them. Whoever did add
to one meanwhile, a conflict has it read again; to a contact hardly anything is ever added.
"""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from commands.stream import Stream
from commands.streams import Streams
from domain.contact import Contact
from domain.conversation import Conversation
from domain.message import Message

MOST: Final = 20_000


class Answered:
    """A bounded memory, the oldest forgotten first; used by one thread."""

    def __init__(self) -> None:
        self._known: dict[UUID, Stream] = {}

    def among(self, stream_ids: Iterable[UUID]) -> dict[UUID, Stream]:
        """Those of them that are remembered."""
        return {i: stream for i in stream_ids if (stream := self._known.get(i)) is not None}

    def note(self, streams: Streams, stream_ids: Iterable[UUID]) -> None:
        """What became of them in a commit that has been made."""
        for id_ in stream_ids:
            self._known.pop(id_, None)
            stream = streams.held(id_)
            state = stream.folded if stream is not None else None
            if stream is not None and _is_kept(state):
                self._known[id_] = stream
        for id_ in list(self._known)[: max(0, len(self._known) - MOST)]:
            del self._known[id_]


def _is_kept(state: Any) -> bool:
    """Of messages before their answer others write, too."""
    if isinstance(state, Message):
        return state.phase == "accepted"
    return isinstance(state, Contact | Conversation) and state.status != "absent"
