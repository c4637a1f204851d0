"""A server that tells when it listens, and leaves with status 0 when asked to stop."""

import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Protocol

import uvicorn
from starlette.types import Receive, Scope, Send

Announce = Callable[[int], None]
BACKLOG = 4096


class App(Protocol):
    """An ASGI application that needs its lifespan."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...

    def release(self) -> None:
        """Lets go what would hold up a stop."""


def serve_app(name: str, app: App, host: str, port: int, ready: Announce | None = None) -> None:
    """Serve until SIGTERM or SIGINT; port 0 takes a free one, which `ready` is told."""

    def announce(taken: int) -> None:
        print(f"{name} listening on http://{host}:{taken}", flush=True)  # noqa: T201  # its first line of output is an interface
        if ready is not None:
            ready(taken)

    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=5,
    )
    with socket.create_server((host, port), backlog=BACKLOG) as listening:
        Serving(config, app.release, announce).run(sockets=[listening])


class Serving(uvicorn.Server):
    """`release` lets go what would hold up a stop; `announce` is told the port."""

    def __init__(
        self, config: uvicorn.Config, release: Callable[[], None], announce: Announce
    ) -> None:
        super().__init__(config)
        self._release, self._announce = release, announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started and sockets:
            self._announce(sockets[0].getsockname()[1])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._release()
        await super().shutdown(sockets=sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        caught = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in caught}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
