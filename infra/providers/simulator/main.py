"""Starts the simulator as a service of its own: one process, one event loop, all in memory."""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from http import HTTPStatus

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from infra.providers.simulator.app import SimulatorApp
from infra.providers.simulator.control import Control
from infra.providers.simulator.errors import GraphError
from infra.providers.simulator.graph import Graph
from infra.providers.simulator.options import SimulatorOptions
from infra.providers.simulator.simulator import Simulator

Announce = Callable[[int], None]
BACKLOG = 4096


def build(options: SimulatorOptions) -> SimulatorApp:
    """The ASGI application; needs a server that speaks ASGI's lifespan."""
    simulator = Simulator(options)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await simulator.outbox.start()
        sending = asyncio.get_running_loop().create_task(simulator.schedule.run())
        try:
            yield
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            await simulator.outbox.stop()

    async def refuse(request: Request, error: Exception) -> Response:
        refusal = _as_graph_error(request, error)
        simulator.refused[refusal.code] += 1
        return Response(refusal.body(), refusal.status, media_type="application/json")

    rest = Starlette(
        routes=[*Control(simulator).routes(), *Graph(simulator).routes()],
        exception_handlers={GraphError: refuse, HTTPException: refuse, Exception: refuse},
        lifespan=lifespan,
    )
    return SimulatorApp(simulator, rest)


def _as_graph_error(request: Request, error: Exception) -> GraphError:
    if isinstance(error, GraphError):
        return error
    if isinstance(error, HTTPException) and error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return GraphError(100, f"Unsupported {request.method.lower()} request.", subcode=33)
    if isinstance(error, HTTPException):
        return GraphError(2500, f"Unknown path components: {request.url.path}")
    return GraphError(1, "The simulator failed; its log says why.")


class _Server(uvicorn.Server):
    """Tells when it listens, and leaves with status 0 when asked to stop."""

    def __init__(self, app: SimulatorApp, announce: Announce) -> None:
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
        super().__init__(config)
        self._app, self._announce = app, announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started and sockets:
            self._announce(sockets[0].getsockname()[1])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.release()
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


def serve(options: SimulatorOptions, host: str, port: int, ready: Announce | None = None) -> None:
    """Serve until SIGTERM or SIGINT; port 0 takes a free one, which `ready` is told."""

    def announce(taken: int) -> None:
        print(f"simulator listening on http://{host}:{taken}", flush=True)  # noqa: T201  # its first line of output is an interface
        if ready is not None:
            ready(taken)

    with socket.create_server((host, port), backlog=BACKLOG) as listening:
        _Server(build(options), announce).run(sockets=[listening])
