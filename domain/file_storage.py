"""Where the bytes of files are kept: each under its workspace and its own SHA-256.

So the same contents are there once, and keeping them again changes nothing.
"""

from collections.abc import AsyncIterator
from typing import NamedTuple, Protocol
from uuid import UUID


class Kept(NamedTuple):
    """What it came to. The digest is 64 hexadecimal digits."""

    sha256: str
    size: int


class TooLarge(Exception):
    """More bytes came than were allowed; none of them are left."""

    def __init__(self, most: int) -> None:
        super().__init__(f"the file has more than {most} bytes")
        self.most = most


class FileGone(Exception):
    """There are no such bytes, though there is a fact that says so."""

    def __init__(self, workspace_id: UUID, sha256: str) -> None:
        super().__init__(f"the storage has no file {workspace_id.hex}/{sha256}")


class FileStorage(Protocol):
    async def put(self, workspace_id: UUID, chunks: AsyncIterator[bytes], most: int) -> Kept:
        """Durable when it returns. TooLarge after `most` bytes; that, and whatever `chunks` itself
        raises, leaves nothing behind. Memory holds a chunk, never the file.
        """

    async def open(
        self, workspace_id: UUID, sha256: str, first: int = 0, last: int | None = None
    ) -> AsyncIterator[bytes]:
        """The bytes from `first` through `last` (to the end without it). FileGone if there are none,
        before anything is given out.
        """
        ...
