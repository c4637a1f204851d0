"""Starts the simulator as a service of its own: one process, one event loop, all in memory."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.providers.simulator.serving import Announce, serve_app
from infra.providers.waha_simulator.api import TRANSPORT, Api
from infra.providers.waha_simulator.control import Control
from infra.providers.waha_simulator.errors import WahaError, refused, unauthorized
from infra.providers.waha_simulator.options import WahaOptions
from infra.providers.waha_simulator.simulator import WahaSimulator

OPEN = ("/_simulator/", "/-/", "/ping")


class WahaApp:
    """The ASGI application; needs a server that speaks ASGI's lifespan."""

    def __init__(self, options: WahaOptions) -> None:
        self._simulator = WahaSimulator(options)
        self._api = Api(self._simulator)
        self._routes: ASGIApp = Starlette(
            routes=[*Control(self._simulator).routes(), *self._api.routes()],
            exception_handlers={
                WahaError: self._refuse,
                HTTPException: self._refuse,
                Exception: self._refuse,
            },
            lifespan=self._lifespan,
        )

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        await self._simulator.hooks.start()
        try:
            yield
        finally:
            self._simulator.close()
            await self._simulator.hooks.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(OPEN):
            given = next((v for k, v in scope["headers"] if k == b"x-api-key"), b"").decode()
            known = self._simulator.options.api_keys
            if not given or (known and given not in known):
                self._simulator.refused[401] += 1
                await self._answer(unauthorized())(scope, receive, send)
                return
        # ASGI knows no "close without an answer", so uvicorn's own transport is handed on.
        cycle: Any = getattr(send, "__self__", None)
        transport = getattr(cycle, "transport", None)
        await self._routes({**scope, TRANSPORT: transport}, receive, send)

    async def _refuse(self, request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            error = refused(404, f"Cannot {request.method} {request.url.path}")
        if not isinstance(error, WahaError):
            error = refused(500, "The simulator failed; its log says why.")
        self._simulator.refused[error.status] += 1
        return self._answer(error)

    @staticmethod
    def _answer(error: WahaError) -> Response:
        return Response(error.body(), error.status, media_type="application/json")

    def release(self) -> None:
        """What holds up a stop is let go."""
        self._api.release()


def serve(options: WahaOptions, host: str, port: int, ready: Announce | None = None) -> None:
    """Serve until SIGTERM or SIGINT; port 0 takes a free one, which `ready` is told."""
    serve_app("waha simulator", WahaApp(options), host, port, ready)
