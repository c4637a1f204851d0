"""Files that are fetched from a provider: as they come, never whole in memory, with no redirects."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import aiohttp

from commands.policies.files_ports import Arriving, CutOff
from commands.policies.ports import Refused, Unknown
from infra.providers.error_codes import SERVER_ERROR, classify_status
from infra.providers.http_client import LONGEST_REASON

PIECE: Final = 64 * 1024
OK: Final = 200
TIMEOUT: Final = aiohttp.ClientTimeout(total=600, sock_connect=10, sock_read=30)
"""A large file takes its time, as long as something comes."""


@asynccontextmanager
async def downloading(
    session: aiohttp.ClientSession, url: str
) -> AsyncIterator[Arriving | Refused | Unknown]:
    """What that address answers, with the session's credentials: look at the address first."""
    try:
        request = await session.get(url, timeout=TIMEOUT, allow_redirects=False)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        yield Refused("B", 0, f"could not connect: {error}"[:LONGEST_REASON])
        return
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        yield Unknown(f"connection broke: {error or type(error).__name__}"[:LONGEST_REASON])
        return
    async with request as response:
        yield _read(response)


def _read(response: aiohttp.ClientResponse) -> Arriving | Refused | Unknown:
    status = response.status
    if status == OK:
        return Arriving(_chunks(response), response.headers.get("Content-Type", ""))
    words = f"HTTP {status} instead of the file"
    if status >= SERVER_ERROR:
        return Unknown(words)
    return Refused(classify_status(status), status, words)


async def _chunks(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    try:
        async for chunk in response.content.iter_chunked(PIECE):
            yield chunk
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        words = str(error) or type(error).__name__
        raise CutOff(f"the file was cut off: {words}"[:LONGEST_REASON]) from error
