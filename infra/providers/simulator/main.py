"""Starts the simulator as a service of its own: one process, one event loop, all in memory."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from infra.providers.simulator.app import SimulatorApp
from infra.providers.simulator.control import Control
from infra.providers.simulator.errors import GraphError
from infra.providers.simulator.graph import Graph
from infra.providers.simulator.options import SimulatorOptions
from infra.providers.simulator.serving import Announce, serve_app
from infra.providers.simulator.simulator import Simulator


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
    serve_app("simulator", build(options), host, port, ready)
