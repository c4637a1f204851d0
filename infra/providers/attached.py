"""A file of ours on its way to a provider: piece by piece, as a form's part or within JSON."""

import base64
import logging
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import uuid4

import msgspec

from commands.policies.ports import Attachment, Refused
from domain.file_storage import FileGone
from infra.providers.http_client import LONGEST_REASON, Streamed, closed

GONE: Final = 410
AWAY: Final = 0

log = logging.getLogger("blazz.providers")


async def opened(file: Attachment) -> AsyncIterator[bytes] | Refused:
    """Its bytes, or why there are none: for good if nobody has them any more."""
    try:
        return await file.open()
    except FileGone as gone:
        return Refused("M", GONE, str(gone)[:LONGEST_REASON])
    except Exception as error:
        log.exception("the storage of files cannot be read")
        words = f"the storage of files cannot be read: {error!r}"
        return Refused("B", AWAY, words[:LONGEST_REASON])


def multipart(file: Attachment, chunks: AsyncIterator[bytes]) -> Streamed:
    """The form in which the Cloud API takes a file."""
    boundary = f"blazz-{uuid4().hex}"
    fields = {"messaging_product": "whatsapp", "type": file.mime_type}
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    head += (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
        f'filename="{_quoted(file.filename or "file")}"\r\nContent-Type: {file.mime_type}\r\n\r\n'
    )
    begun, ended = head.encode(), f"\r\n--{boundary}--\r\n".encode()
    size = len(begun) + file.size + len(ended)
    return Streamed(
        f"multipart/form-data; boundary={boundary}", _between(begun, chunks, ended), size
    )


def within_json(body: dict[str, Any], file: Attachment, chunks: AsyncIterator[bytes]) -> Streamed:
    """The body with the file's bytes in it, base64, as its `file.data`."""
    place = uuid4().hex
    whole = msgspec.json.encode({**body, "file": {**body["file"], "data": place}})
    begun, _, ended = whole.partition(place.encode())
    size = len(begun) + (file.size + 2) // 3 * 4 + len(ended)
    return Streamed("application/json", _between(begun, _base64(chunks), ended), size)


def _quoted(filename: str) -> str:
    """As forms have it; there are no line breaks in a file's name."""
    return filename.replace("\\", "_").replace('"', "%22")


async def _between(
    begun: bytes, chunks: AsyncIterator[bytes], ended: bytes
) -> AsyncIterator[bytes]:
    try:
        yield begun
        async for chunk in chunks:
            yield chunk
        yield ended
    finally:
        await closed(chunks)


async def _base64(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Three bytes are four letters, so what is left of a chunk waits for the next."""
    left = b""
    try:
        async for chunk in chunks:
            left += chunk
            whole = len(left) // 3 * 3
            yield base64.b64encode(left[:whole])
            left = left[whole:]
        yield base64.b64encode(left)
    finally:
        await closed(chunks)
