"""Clients of the measurement: HTTP/1.1 with next to no cost of their own, and bare SQL.

Both are 16 at a time, if not told otherwise, under the same loop, which is warm before the first time is taken.
"""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import asyncmy

from tests.bench.screens import Get

CLIENTS: Final = 16
Asked = tuple[str, int]
"""A text of SQL, and how many statements it has."""
_HEAD_ENDS: Final = b"\r\n\r\n"


class NotAnswered(Exception):
    """An answer other than 200 would make the times worthless."""


async def over_http(
    port: int, requests: Sequence[Get], warm: int = 0, clients: int = CLIENTS
) -> list[float]:
    """Milliseconds of each request, asked by clients that each wait for their answers.

    The first `warm` of them are asked without being measured, and asked again.
    """
    lines = [
        f"GET {get.url} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {get.key}\r\n\r\n"
        for get in requests
    ]
    loop, opened = asyncio.get_running_loop(), []

    async def open_client() -> Callable[[bytes], Awaitable[None]]:
        transport, client = await loop.create_connection(_Client, "127.0.0.1", port)
        opened.append(transport)
        return client.ask

    try:
        return await _all([line.encode() for line in lines], open_client, warm, clients)
    finally:
        for transport in opened:
            transport.close()


class _Client(asyncio.Protocol):
    """One connection; of an answer it looks at the status and at where it ends."""

    def __init__(self) -> None:
        self._got = bytearray()
        self._transport: Any = None
        self._answered: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    async def ask(self, line: bytes) -> None:
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(line)
        await self._answered

    def data_received(self, data: bytes) -> None:
        self._got += data
        if self._answered is None or not _complete(self._got):
            return
        answered, self._answered = self._answered, None
        if self._got.startswith(b"HTTP/1.1 200"):
            answered.set_result(None)
        else:
            answered.set_exception(NotAnswered(self._got[:1000].decode()))
        self._got.clear()

    def connection_lost(self, _error: Exception | None) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(NotAnswered("the connection was closed instead"))


def _complete(got: bytearray) -> bool:
    head = got.find(_HEAD_ENDS)
    if head < 0:
        return False
    length = got[:head].lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    if length:
        return len(got) >= head + len(_HEAD_ENDS) + int(length)
    return got.endswith(b"\r\n0\r\n\r\n")


async def over_sql(
    url: str, asked: Sequence[Sequence[Asked]], warm: int = 0, clients: int = CLIENTS
) -> list[float]:
    """The same for what the requests ask the database."""
    parts, opened = urlsplit(url), []

    async def open_client() -> Callable[[Sequence[Asked]], Awaitable[None]]:
        connection = await asyncmy.connect(
            host=parts.hostname,
            port=parts.port,
            user=parts.username,
            database=parts.path.strip("/"),
            autocommit=True,
        )
        opened.append(connection)

        async def ask(texts: Sequence[Asked]) -> None:
            for text, statements in texts:
                await _rows(connection, text, statements)

        return ask

    try:
        return await _all(asked, open_client, warm, clients)
    finally:
        for connection in opened:
            connection.close()


async def _rows(connection: Any, text: str, statements: int) -> None:
    cursor = connection.cursor()
    await cursor.execute(text)
    await cursor.fetchall()
    for _ in range(statements - 1):
        await cursor.nextset()
        await cursor.fetchall()


async def _all(
    things: Sequence[Any],
    open_client: Callable[[], Awaitable[Callable[[Any], Awaitable[None]]]],
    warm: int,
    count: int,
) -> list[float]:
    took: list[float] = []
    coming = iter([*things[:warm], *things])
    clients = [await open_client() for _ in range(count)]

    async def work(ask: Callable[[Any], Awaitable[None]]) -> None:
        for thing in coming:
            began = time.perf_counter()
            await ask(thing)
            took.append((time.perf_counter() - began) * 1000)

    gc.collect()
    gc.disable()  # the client's own pauses are nobody's times
    try:
        await asyncio.gather(*(work(ask) for ask in clients))
    finally:
        gc.enable()
    return took[warm:]
