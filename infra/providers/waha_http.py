"""HTTP with WAHA: JSON both ways."""

from typing import Any, Final

import msgspec

from commands.policies.ports import Refused, Unknown
from infra.providers.http_client import HttpClient, Streamed
from infra.providers.waha_answers import read

LARGEST_ANSWER: Final = 2 * 1024 * 1024
CONNECTIONS: Final = 64


class WahaHttp(HttpClient):
    """`url` is the address of WAHA itself, without `/api`."""

    def __init__(self, url: str, api_key: str, timeout_s: float) -> None:
        headers = {"X-Api-Key": api_key, "Accept": "application/json"}
        super().__init__(
            headers, connections=CONNECTIONS, timeout_s=timeout_s, largest=LARGEST_ANSWER
        )
        self._url = url.rstrip("/")

    async def _asked(
        self, method: str, path: str, body: Any = None, query: dict[str, str] | None = None
    ) -> Any | Refused | Unknown:
        """The JSON of a good answer, or what its absence means."""
        data = body if body is None or isinstance(body, Streamed) else msgspec.json.encode(body)
        return read(await self._request(method, f"{self._url}{path}", data, query))

    async def _done(self, method: str, path: str, body: Any) -> Refused | Unknown | None:
        """None when it was taken, whatever the answer says beside that."""
        found = await self._asked(method, path, body)
        return found if isinstance(found, Refused | Unknown) else None
