"""One file on its way from a provider into the storage, and what it means when it does not arrive."""

import base64
import binascii
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Final, NamedTuple

from commands.policies.files_ports import Arriving, CutOff, Fetcher, Whereabouts
from commands.policies.ports import Refused, Unknown
from commands.policies.wanted_files import Wanted
from domain.file_storage import FileStorage, Kept, TooLarge
from domain.media import LARGEST_RECEIVED

FOR_GOOD: Final = frozenset({"M", "R"})
DIGEST_BYTES: Final = 32
UNTOLD: Final = "application/octet-stream"


class Fetched(NamedTuple):
    """Its bytes are kept."""

    kept: Kept
    mime_type: str


class Failed(NamedTuple):
    """`final`: asking again would lead to the same. `ours`: not the provider's fault."""

    why: str
    final: bool = False
    ours: bool = False


class OtherBytes(Exception):
    """What came is not what the provider said it would be."""


async def fetched(fetcher: Fetcher, storage: FileStorage, wanted: Wanted) -> Fetched | Failed:
    """Fetches it; never raises for what the network, the provider or the storage does."""
    where = Whereabouts(wanted.provider, wanted.media_id, wanted.url)
    async with fetcher.fetch(where) as found:
        match found:
            case Refused(error_class, code, reason):
                return Failed(f"{code}: {reason}" if code else reason, error_class in FOR_GOOD)
            case Unknown(reason):
                return Failed(reason)
        chunks = _checked(found, _digests(wanted.sha256, found.sha256))
        try:
            kept = await storage.put(wanted.workspace_id, chunks, LARGEST_RECEIVED)
        except TooLarge as error:
            return Failed(str(error), final=True)
        except (CutOff, OtherBytes) as error:
            return Failed(str(error))
        except OSError as error:
            return Failed(f"it cannot be kept: {error}", ours=True)
    return Fetched(kept, wanted.mime_type or found.mime_type or UNTOLD)


async def _checked(arriving: Arriving, said: frozenset[str]) -> AsyncIterator[bytes]:
    """The bytes; OtherBytes at their end if they are not those that were announced."""
    digest, empty = sha256(), True
    async for chunk in arriving.chunks:
        digest.update(chunk)
        empty = False
        yield chunk
    if empty:
        raise OtherBytes("the provider gave a file without any bytes")
    if said and said != {digest.hexdigest()}:
        raise OtherBytes(
            f"its bytes have the SHA-256 {digest.hexdigest()}, the provider had said "
            f"{', '.join(sorted(said))}"
        )


def _digests(*said: str) -> frozenset[str]:
    """In hexadecimal; providers write them so, or in base64. What is neither says nothing."""
    return frozenset(digest for text in said if (digest := _digest(text)))


def _digest(text: str) -> str:
    for read in (bytes.fromhex, _from_base64):
        try:
            value = read(text)
        except (ValueError, binascii.Error):
            continue
        if len(value) == DIGEST_BYTES:
            return value.hex()
    return ""


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
