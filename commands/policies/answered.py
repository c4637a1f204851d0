"""Streams of messages that the provider has answered for, as they stood when we last wrote to them.

After the answer only webhooks add to such a stream, several within seconds. Whoever did add to it
meanwhile, a conflict has it read again.
"""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from commands.streams import Stream, Streams
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
            if stream is not None and isinstance(state, Message) and state.phase == "accepted":
                self._known[id_] = stream
        for id_ in list(self._known)[: max(0, len(self._known) - MOST)]:
            del self._known[id_]
