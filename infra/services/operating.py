"""A port for operators on services that serve nobody else: alive, ready, figures."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import uvloop
from starlette.applications import Starlette

from infra.http.app import build
from infra.metrics.exposition import Gauges
from infra.metrics.movement import Checks
from infra.services.checks import readiness
from infra.services.listening import bindable, sockets
from infra.services.web import serve
from infra.settings import Settings


@contextmanager
def operating(settings: Settings, service: str, gauges: Gauges, *checks: Checks) -> Iterator[None]:
    """`/-/healthy`, `/-/ready` and `/-/metrics` at BLAZZ_<SERVICE>_PORT while the block runs.

    In a thread of its own, so that it answers whatever the service is doing. CannotListen says
    that the port is taken.
    """
    port = getattr(settings, f"{service}_port")
    app = build([], _no_keys, f"Blazz {service}", readiness(*checks), gauges=gauges)
    with bindable(settings.bind, port, f"BLAZZ_{service.upper()}_PORT"):
        for one in sockets(settings.bind, port):
            one.close()
    listener = _Listener(app, settings.bind, port)
    listener.start()
    try:
        yield
    finally:
        listener.end()


class _Listener(threading.Thread):
    def __init__(self, app: Starlette, host: str, port: int) -> None:
        # A service that has to end does not wait for who asks how it is.
        super().__init__(name="operating", daemon=True)
        self._app, self._host, self._port = app, host, port
        self._loop = uvloop.new_event_loop()
        self._told = asyncio.Event()

    def run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(serve(self._app, self._host, self._port, stop=self._told))

    def end(self) -> None:
        """Closes the port; returns when it is closed."""
        if self.is_alive():
            self._loop.call_soon_threadsafe(self._told.set)
            self.join()


async def _no_keys(_: str) -> NoReturn:
    raise AssertionError("every endpoint here is public")
