"""A file on its way into the storage: written down, measured and summed piece by piece."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import IO

from domain.file_storage import Kept, TooLarge


async def arriving(chunks: AsyncIterator[bytes], into: IO[bytes], most: int) -> Kept:
    """What it came to, once `chunks` has ended. TooLarge with the first byte too many."""
    digest, size = hashlib.sha256(), 0

    def take(chunk: bytes) -> None:
        digest.update(chunk)
        into.write(chunk)

    async for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise TooLarge(most)
        await asyncio.to_thread(take, chunk)
    return Kept(digest.hexdigest(), size)
