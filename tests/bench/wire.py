"""Clients of the measurement: HTTP/1.1 with next to no cost of their own, and bare SQL."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import asyncmy

from tests.bench.screens import Get

CLIENTS: Final = 16
Asked = tuple[str, int]
"""A text of SQL, and how many statements it has."""


class NotAnswered(Exception):
    """An answer other than 200 would make the times worthless."""


async def over_http(port: int, requests: Sequence[Get]) -> list[float]:
    """Milliseconds of each request, asked by 16 clients that each wait for their answers."""
    lines = [
        f"GET {get.url} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {get.key}\r\n\r\n"
        for get in requests
    ]

    async def open_client() -> Callable[[bytes], Awaitable[None]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)

        async def ask(line: bytes) -> None:
            writer.write(line)
            await _answer(reader)

        return ask

    return await _all([line.encode() for line in lines], open_client)


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    rest = await (reader.readexactly(int(length)) if length else reader.readuntil(b"\r\n0\r\n\r\n"))
    if not head.startswith(b"HTTP/1.1 200"):
        raise NotAnswered((head + rest[:500]).decode())


async def over_sql(url: str, asked: Sequence[Sequence[Asked]]) -> list[float]:
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
        return await _all(asked, open_client)
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
    things: Sequence[Any], open_client: Callable[[], Awaitable[Callable[[Any], Awaitable[None]]]]
) -> list[float]:
    took: list[float] = []
    coming = iter(things)
    clients = [await open_client() for _ in range(CLIENTS)]

    async def work(ask: Callable[[Any], Awaitable[None]]) -> None:
        for thing in coming:
            began = time.perf_counter()
            await ask(thing)
            took.append((time.perf_counter() - began) * 1000)

    await asyncio.gather(*(work(ask) for ask in clients))
    return took
