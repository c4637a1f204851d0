"""HTTP with a provider: one session, bounded connections, time-outs, and what their failure means.

A connection that could not be made is the only fault of transport that is Refused; whatever may have
left is Unknown.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from types import TracebackType
from typing import Final, NamedTuple, Self

import aiohttp
from yarl import URL

from commands.policies.ports import Refused, Unknown

LONGEST_REASON: Final = 500
KEEPALIVE_S: Final = 4.0
"""Shorter than any server keeps an idle connection: a send must not meet one that just closed."""
SLOWEST_BYTES_PER_S: Final = 256 * 1024
"""So much of a file has to leave in a second, or it is given up."""
LOOK_S, LOOKS = 0.01, 100


class Reply(NamedTuple):
    status: int
    body: bytes


class Streamed(NamedTuple):
    """A body that is never whole in memory: its type, its bytes as they come, and how many."""

    kind: str
    chunks: AsyncIterator[bytes]
    size: int


class HttpClient:
    """`async with` opens it; an answer of more than `largest` bytes is read as an empty one."""

    def __init__(
        self, headers: Mapping[str, str], *, connections: int, timeout_s: float, largest: int
    ) -> None:
        self._headers = {**headers, "Content-Type": "application/json"}
        self._connections, self._timeout_s, self._largest = connections, timeout_s, largest
        self._timeout = _timeout(timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self._connections, keepalive_timeout=KEEPALIVE_S, ttl_dns_cache=60
            ),
            timeout=self._timeout,
            headers=self._headers,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _request(
        self,
        method: str,
        url: str | URL,
        body: bytes | Streamed | None,
        query: dict[str, str] | None,
    ) -> Reply | Refused | Unknown:
        try:
            return await self._asked_for(method, url, body, query)
        finally:
            if isinstance(body, Streamed):
                await closed(body.chunks)

    async def _asked_for(
        self,
        method: str,
        url: str | URL,
        body: bytes | Streamed | None,
        query: dict[str, str] | None,
    ) -> Reply | Refused | Unknown:
        assert self._session is not None, "used outside of `async with`"
        data: bytes | AsyncIterator[bytes] | None
        headers, timeout = None, self._timeout
        if isinstance(body, Streamed):
            # Its length is said, so that it does not go in chunks, which not every server takes.
            headers = {"Content-Type": body.kind, "Content-Length": str(body.size)}
            data, timeout = body.chunks, _timeout(self._timeout_s, body.size)
        else:
            data = body
        try:
            async with self._session.request(
                method,
                url,
                data=data,
                params=query,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                return Reply(response.status, await _capped(response, self._largest))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Refused("B", 0, f"could not connect: {error}"[:LONGEST_REASON])
        except TimeoutError:
            return Unknown(f"no answer within {timeout.total:g} s")
        except (aiohttp.ClientError, OSError) as error:
            return Unknown(f"connection broke: {error or type(error).__name__}"[:LONGEST_REASON])


async def closed(chunks: AsyncIterator[bytes]) -> None:
    """Lets go of what the bytes come from, where whoever took them has stopped in the middle."""
    for _ in range(LOOKS):
        try:
            if isinstance(chunks, AsyncGenerator):
                await chunks.aclose()
        except RuntimeError:  # it is just giving out some, which nobody will take
            await asyncio.sleep(LOOK_S)
        else:
            return


def _timeout(seconds: float, size: int = 0) -> aiohttp.ClientTimeout:
    """For an answer, after so many bytes have left."""
    return aiohttp.ClientTimeout(seconds + size / SLOWEST_BYTES_PER_S, sock_connect=seconds / 3)


async def _capped(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The body, read to its end, or nothing if it has more bytes than `most`."""
    if (response.content_length or 0) > most:
        return b""
    body = b""
    while piece := await response.content.readany():
        body += piece
        if len(body) > most:
            return b""
    return body
