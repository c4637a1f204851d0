"""HTTP with a provider: one session, bounded connections, time-outs, and what their failure means.

A connection that could not be made is the only fault of transport that is Refused; whatever may have
left is Unknown.
"""

from collections.abc import Mapping
from types import TracebackType
from typing import Final, NamedTuple, Self

import aiohttp
from yarl import URL

from commands.policies.ports import Refused, Unknown

LONGEST_REASON: Final = 500
KEEPALIVE_S: Final = 4.0
"""Shorter than any server keeps an idle connection: a send must not meet one that just closed."""


class Reply(NamedTuple):
    status: int
    body: bytes


class HttpClient:
    """`async with` opens it; an answer of more than `largest` bytes is read as an empty one."""

    def __init__(
        self, headers: Mapping[str, str], *, connections: int, timeout_s: float, largest: int
    ) -> None:
        self._headers = {**headers, "Content-Type": "application/json"}
        self._connections, self._timeout_s, self._largest = connections, timeout_s, largest
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self._connections, keepalive_timeout=KEEPALIVE_S, ttl_dns_cache=60
            ),
            timeout=aiohttp.ClientTimeout(total=self._timeout_s, sock_connect=self._timeout_s / 3),
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
        self, method: str, url: str | URL, body: bytes | None, query: dict[str, str] | None
    ) -> Reply | Refused | Unknown:
        assert self._session is not None, "used outside of `async with`"
        try:
            async with self._session.request(
                method, url, data=body, params=query, allow_redirects=False
            ) as response:
                return Reply(response.status, await _capped(response, self._largest))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Refused("B", 0, f"could not connect: {error}"[:LONGEST_REASON])
        except TimeoutError:
            return Unknown(f"no answer within {self._timeout_s:g} s")
        except (aiohttp.ClientError, OSError) as error:
            return Unknown(f"connection broke: {error or type(error).__name__}"[:LONGEST_REASON])


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
