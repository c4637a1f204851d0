"""A client that costs little, so that what is measured is the server: keep-alive, bytes made ahead."""

import asyncio
import time
from collections.abc import Sequence
from typing import NamedTuple


class Posted(NamedTuple):
    """How long all of it took, and each request, in order of size."""

    seconds: float
    each_ms: list[float]


def request(host: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    """One HTTP/1.1 POST as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


async def post_all(port: int, requests: Sequence[bytes], clients: int) -> Posted:
    """Every request once, over so many connections; each answer must be a 200 without a body."""
    waiting, taken = list(reversed(requests)), list[float]()

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            while waiting:
                started = time.perf_counter()
                writer.write(waiting.pop())
                answer = await reader.readuntil(b"\r\n\r\n")
                taken.append((time.perf_counter() - started) * 1000)
                if not answer.startswith(b"HTTP/1.1 200 "):
                    raise RuntimeError(f"not taken: {answer.decode()}")
        finally:
            writer.close()
            await writer.wait_closed()

    started = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(clients)))
    return Posted(time.perf_counter() - started, sorted(taken))
