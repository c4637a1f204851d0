"""Stands between clients and one broker, and can lose the broker's answers to what was produced."""

import asyncio
import struct
from contextlib import asynccontextmanager, suppress

PRODUCE = 0


class Proxy:
    """`losing`: answers to produce requests are lost; the broker has the records all the same."""

    def __init__(self, bootstrap):
        self.host, port = bootstrap.split(":")
        self.port, self.bootstrap, self.losing, self.lost = int(port), "", False, 0
        self.ended, self.open = asyncio.Event(), set()

    async def accept(self, reader, writer):
        serving = asyncio.current_task()
        self.open.add(serving)
        await self.serve(reader, writer)
        self.open.discard(serving)

    async def serve(self, reader, writer):
        to_reader, to_writer = await asyncio.open_connection(self.host, self.port)
        produced = set()
        ways = [
            asyncio.create_task(self._requests(reader, to_writer, produced)),
            asyncio.create_task(self._answers(to_reader, writer, produced)),
            asyncio.create_task(self.ended.wait()),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for task in ways:
            task.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for end in (writer, to_writer):
            end.close()
            with suppress(OSError):
                await end.wait_closed()

    async def _requests(self, reader, writer, produced):
        while True:
            frame = await _frame(reader)
            api, _, number = struct.unpack_from(">hhi", frame)
            if api == PRODUCE:
                produced.add(number)
            await _pass_on(writer, frame)

    async def _answers(self, reader, writer, produced):
        while True:
            frame = await _frame(reader)
            (number,) = struct.unpack_from(">i", frame)
            if number in produced and self.losing:
                self.lost += 1
                continue
            # The broker says where it listens; whoever asks through here is to come back here.
            here = self.bootstrap.split(":")[1]
            frame = frame.replace(_address(self.host, self.port), _address(self.host, int(here)))
            await _pass_on(writer, frame)


@asynccontextmanager
async def between(bootstrap, port=0):
    """A running proxy; `proxy.bootstrap` is for the clients."""
    proxy = Proxy(bootstrap)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", port)
    proxy.bootstrap = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
        proxy.ended.set()
        await asyncio.gather(*proxy.open)


def _address(host, port):
    return struct.pack(">h", len(host)) + host.encode() + struct.pack(">i", port)


async def _frame(reader):
    (size,) = struct.unpack(">i", await reader.readexactly(4))
    return await reader.readexactly(size)


async def _pass_on(writer, frame):
    writer.write(struct.pack(">i", len(frame)) + frame)
    await writer.drain()
