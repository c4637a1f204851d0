"""Files at a service that speaks S3: one object each, `{prefix}/{workspace}/{two digits}/{SHA-256}`.

A name is the sum of the bytes, so a file is first written to a local one without a name, and then
sent with its sum, which the service checks: an object is there as a whole or not at all.
"""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import aclosing
from typing import IO, Any, Final, NamedTuple, TypeVar
from uuid import UUID

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from domain.file_storage import FileGone, Kept
from infra.files.arriving import arriving
from infra.files.s3_client import AT_ONCE

PIECE: Final = 256 * 1024
IN_MEMORY: Final = 1024 * 1024
MISSING: Final = 404
LONGEST_REASON: Final = 300
CHECK: Final = "check"

T = TypeVar("T")


class StorageAway(OSError):
    """The service did not do what it was asked; the message has its own words."""


class Bucket(NamedTuple):
    """Where it is at the service, and what stands before each name."""

    name: str
    prefix: str = ""

    def at(self, key: str) -> dict[str, str]:
        return {"Bucket": self.name, "Key": "/".join([*filter(None, self.prefix.split("/")), key])}


class S3Storage:
    """`client` is botocore's: it waits, so threads of its own do, and no others wait for them."""

    def __init__(self, bucket: Bucket, client: Any) -> None:
        self._bucket, self._client = bucket, client
        self._threads = ThreadPoolExecutor(AT_ONCE, "s3")

    async def put(self, workspace_id: UUID, chunks: AsyncIterator[bytes], most: int) -> Kept:
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
            kept = await arriving(chunks, file, most)
            key = _key(workspace_id, kept.sha256)
            await asyncio.wrap_future(self._threads.submit(self._send, key, file))
        return kept

    async def open(
        self, workspace_id: UUID, sha256: str, first: int = 0, last: int | None = None
    ) -> AsyncIterator[bytes]:
        pieces = self._get(_key(workspace_id, sha256), first, last)
        try:
            begun = await anext(pieces, b"")
        except FileNotFoundError:
            raise FileGone(workspace_id, sha256) from None
        return _going_on(begun, pieces)

    def check(self) -> None:
        """OSError if nothing can be kept there."""
        with tempfile.TemporaryFile() as empty:
            self._send(CHECK, empty)

    def _send(self, key: str, file: IO[bytes]) -> None:
        file.seek(0)
        _told(lambda: self._client.put_object(**self._bucket.at(key), Body=file))

    async def _get(self, key: str, first: int, last: int | None) -> AsyncGenerator[bytes, None]:
        about = self._bucket.at(key)
        if first or last is not None:
            about["Range"] = f"bytes={first}-{'' if last is None else last}"
        asked = self._threads.submit(_told, lambda: self._client.get_object(**about)["Body"])
        busy: Future[Any] = asked
        try:
            body = await asyncio.wrap_future(asked)
            while True:
                busy = read = self._threads.submit(_told, lambda: body.read(PIECE))
                if not (piece := await asyncio.wrap_future(read)):
                    return
                yield piece
        finally:
            # Whoever reads may stop at any moment; a thread may still be at it then.
            busy.add_done_callback(lambda _: _close(asked))


def _key(workspace_id: UUID, sha256: str) -> str:
    return f"{workspace_id.hex}/{sha256[:2]}/{sha256}"


async def _going_on(begun: bytes, pieces: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    async with aclosing(pieces):
        yield begun
        async for piece in pieces:
            yield piece


def _close(asked: Future[Any]) -> None:
    if not asked.cancelled() and asked.exception() is None:
        asked.result().close()


def _told(work: Callable[[], T]) -> T:
    """FileNotFoundError where there is no such object, StorageAway for all other trouble."""
    try:
        return work()
    except ClientError as error:
        words = str(error)[:LONGEST_REASON]
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if status == MISSING and error.response["Error"].get("Code") != "NoSuchBucket":
            raise FileNotFoundError(words) from error
        raise StorageAway(words) from error
    except (BotoCoreError, ResponseParserError, HTTPError) as error:
        raise StorageAway(f"cannot be reached: {error}"[:LONGEST_REASON]) from error
