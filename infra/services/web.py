"""Runs one of our HTTP applications until it is told to stop."""

import asyncio
import gc
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import uvicorn
from starlette.applications import Starlette

from infra.services.listening import sockets

GRACE_S = 15
IDLE_S = 90
"""Longer than clients and proxies keep a connection that rests (aiohttp 15 s, nginx 60 s). Whoever
closes first must be the one who asks: else a request meets a connection that is being closed."""
Started = Callable[[int], None]


class _Server(uvicorn.Server):
    """Says the port once it listens; port 0 leaves the choice to the system."""

    def __init__(self, config: uvicorn.Config, started: Started | None) -> None:
        super().__init__(config)
        self._say = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # All that stays until the end is there now: looking through it again takes long.
        gc.collect()
        gc.freeze()
        if self._say is not None and self.started:
            self._say(self.servers[0].sockets[0].getsockname()[1])

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """A signal is the normal way to end: it is not raised once more afterwards."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()


async def serve(
    app: Starlette,
    host: str,
    port: int,
    started: Started | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Serve until SIGTERM, SIGINT or `stop`; requests under way are finished first."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = _Server(config, started)
    with ExitStack() as closing:
        # Taken here, because uvicorn would end the process without saying which setting to change.
        listening = [closing.enter_context(one) for one in sockets(host, port)]
        watching = asyncio.create_task(_end(server, stop)) if stop is not None else None
        try:
            await server.serve(listening)
        finally:
            if watching is not None:
                watching.cancel()


async def _end(server: uvicorn.Server, stop: asyncio.Event) -> None:
    await stop.wait()
    server.should_exit = True
