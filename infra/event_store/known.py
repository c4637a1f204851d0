"""Versions that are stored for certain, because this process has read or written them."""

from collections.abc import Mapping
from typing import Final

ROOM: Final = 20_000
"""Streams of a generation; what was not touched for two generations is let go."""


class Known:
    """Facts are never undone, so a stream stands at what is known of it, or higher.

    That is enough to append without looking first: an expected version that is known to exist
    leaves no hole, and the unique key refuses the one that is no longer the last. A database that
    was away may have come back older: then all is forgotten.
    """

    def __init__(self) -> None:
        self._young: dict[bytes, int] = {}
        self._old: dict[bytes, int] = {}

    def at(self, stream: bytes) -> int:
        """The highest version known of it; 0 for none."""
        return self._young.get(stream) or self._old.get(stream, 0)

    def saw(self, heads: Mapping[bytes, int]) -> None:
        """The streams have these versions."""
        if len(self._young) > ROOM:
            self._old, self._young = self._young, {}
        self._young.update(heads)

    def forget(self) -> None:
        """Nothing is certain any more."""
        self._young, self._old = {}, {}
