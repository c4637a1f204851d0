"""A server that tells when it listens, and leaves with status 0 when asked to stop."""

import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator

import uvicorn


class Serving(uvicorn.Server):
    """`release` lets go what would hold up a stop; `announce` is told the port."""

    def __init__(
        self, config: uvicorn.Config, release: Callable[[], None], announce: Callable[[int], None]
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
