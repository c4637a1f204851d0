"""A client of both APIs, as a dashboard would be one."""

import asyncio
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import aiohttp

Json = dict[str, Any]


class ApiRefused(Exception):
    """An answer that is a problem; its words are meant for people."""

    def __init__(self, status: int, problem: Json) -> None:
        errors = "; ".join(f"{e['pointer']}: {e['detail']}" for e in problem.get("errors", []))
        said = problem.get("detail", problem)
        super().__init__(f"{status} {said}{f' ({errors})' if errors else ''}")
        self.status, self.problem = status, problem


class Client:
    """`position` is that of the newest own write; every read waits for it."""

    def __init__(self, commands: str, reads: str, key: str) -> None:
        self.commands, self.reads, self.key = commands, reads, key
        self.position = 0
        self._http: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        headers = {"Authorization": f"Bearer {self.key}"}
        self._http = aiohttp.ClientSession(headers=headers)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self._http.close()

    async def post(self, path: str, body: object = None, **headers: str) -> Json:
        """A command. ApiRefused carries the problem."""
        return await self._write(path, headers, json=body if body is not None else {})

    async def upload(self, path: str, content: bytes, **query: str) -> Json:
        """A CSV file."""
        headers = {"Content-Type": "text/csv"}
        return await self._write(path, headers, data=content, params=query)

    async def _write(self, path: str, headers: Mapping[str, str], **more: Any) -> Json:
        given = {"Idempotency-Key": uuid4().hex, **headers}
        url = self.commands + path
        async with self._http.post(url, headers=given, **more) as response:
            body: Json = await response.json(content_type=None)
            if not response.ok:
                raise ApiRefused(response.status, body)
            self.position = max(self.position, int(response.headers.get("Blazz-Position", "0")))
            return body

    async def get(self, path: str, **query: str) -> Json:
        """A read that holds every own write."""
        headers = {"Blazz-Min-Position": str(self.position), "Prefer": "wait=10"}
        url = self.reads + path
        async with self._http.get(url, headers=headers, params=query) as response:
            body: Json = await response.json(content_type=None)
            if not response.ok:
                raise ApiRefused(response.status, body)
            return body

    async def pages(self, path: str, **query: str) -> list[Json]:
        """Every item of a list."""
        items: list[Json] = []
        after: Mapping[str, str] = {}
        while True:
            page = await self.get(path, limit="100", **query, **after)
            items += page["items"]
            if page["next"] is None:
                return items
            after = {"after": page["next"]}


async def until(what: str, ask: Callable[[], Any], limit_s: float = 60.0) -> Any:
    """The first true answer of `ask`; TimeoutError names what did not happen."""
    deadline = time.monotonic() + limit_s
    while not (answer := await ask()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {limit_s:.0f} s")
        await asyncio.sleep(0.05)
    return answer
