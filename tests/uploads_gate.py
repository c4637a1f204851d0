"""Stands before a provider: lets everything through, but holds or breaks uploads if told to."""

import asyncio
import threading
from contextlib import asynccontextmanager, contextmanager, suppress
from urllib.parse import urlsplit

UPLOAD = b"/media HTTP/1.1"


class Gate:
    """`let` is "through", "hold" or "break"; `seen` counts uploads that have come to `url`."""

    def __init__(self, behind):
        self.behind, self.url = behind, ""
        self.let, self.seen = "through", 0

    @asynccontextmanager
    async def open(self):
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        async with server:
            self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            yield self

    async def _accept(self, reader, writer):
        parts = urlsplit(self.behind)
        with suppress(OSError):
            to_reader, to_writer = await asyncio.open_connection(parts.hostname, parts.port)
            ways = [self._out(reader, to_writer), self._back(to_reader, writer)]
            tasks = [asyncio.ensure_future(way) for way in ways]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                to_writer.close()
        writer.close()

    async def _out(self, reader, writer):
        while data := await reader.read(65536):
            if UPLOAD in data:
                self.seen += 1
                if self.let == "break":
                    return
            while self.let == "hold" and UPLOAD in data:  # noqa: ASYNC110
                await asyncio.sleep(0.01)  # told from another thread
            writer.write(data)
            await writer.drain()

    async def _back(self, reader, writer):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


@contextmanager
def gate(behind):
    """In a thread of its own."""
    opened, stop = threading.Event(), threading.Event()
    standing = Gate(behind)

    async def stand():
        async with standing.open():
            opened.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=lambda: asyncio.run(stand()))
    thread.start()
    opened.wait()
    try:
        yield standing
    finally:
        standing.let = "through"
        stop.set()
        thread.join()
