"""One HTTP session with WAHA: bounded connections, time-outs, and what their failure means."""

from types import TracebackType
from typing import Any, Final, Self

import aiohttp
import msgspec

from commands.policies.ports import Refused, Unknown
from infra.providers.capped import capped
from infra.providers.waha_answers import LONGEST_REASON, Reply, read

KEEPALIVE_S: Final = 4.0
"""Shorter than any server keeps an idle connection: a send must not meet one that just closed."""
LARGEST_ANSWER: Final = 2 * 1024 * 1024
CONNECTIONS: Final = 64


class WahaHttp:
    """`url` is the address of WAHA itself, without `/api`."""

    def __init__(self, url: str, api_key: str, timeout_s: float) -> None:
        self._url, self._api_key, self._timeout_s = url.rstrip("/"), api_key, timeout_s
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=CONNECTIONS, keepalive_timeout=KEEPALIVE_S, ttl_dns_cache=60
            ),
            timeout=aiohttp.ClientTimeout(total=self._timeout_s, sock_connect=self._timeout_s / 3),
            headers={
                "X-Api-Key": self._api_key,
                "Content-Type": "application/json",
                "Accept": "application/json",
            },
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def asked(
        self, method: str, path: str, body: Any = None, query: dict[str, str] | None = None
    ) -> Any | Refused | Unknown:
        """The JSON of a good answer, or what its absence means."""
        return read(await self._ask(method, path, body, query))

    async def done(self, method: str, path: str, body: Any) -> Refused | Unknown | None:
        """None when it was taken, whatever the answer says beside that."""
        found = await self.asked(method, path, body)
        return found if isinstance(found, Refused | Unknown) else None

    async def _ask(
        self, method: str, path: str, body: Any, query: dict[str, str] | None
    ) -> Reply | Refused | Unknown:
        assert self._http is not None, "used outside of `async with`"
        data = None if body is None else msgspec.json.encode(body)
        try:
            async with self._http.request(
                method, f"{self._url}{path}", data=data, params=query, allow_redirects=False
            ) as response:
                return Reply(response.status, await capped(response, LARGEST_ANSWER))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Refused("B", 0, f"could not connect: {error}"[:LONGEST_REASON])
        except TimeoutError:
            return Unknown(f"no answer within {self._timeout_s:g} s")
        except (aiohttp.ClientError, OSError) as error:
            return Unknown(f"connection broke: {error or type(error).__name__}"[:LONGEST_REASON])
