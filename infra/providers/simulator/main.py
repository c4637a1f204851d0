"""Starts the simulator as a service of its own: one process, one event loop, all in memory."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
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
from infra.providers.simulator.serving import Serving
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


def serve(options: SimulatorOptions, host: str, port: int, ready: Announce | None = None) -> None:
    """Serve until SIGTERM or SIGINT; port 0 takes a free one, which `ready` is told."""

    def announce(taken: int) -> None:
        print(f"simulator listening on http://{host}:{taken}", flush=True)  # noqa: T201  # its first line of output is an interface
        if ready is not None:
            ready(taken)

    app = build(options)
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
