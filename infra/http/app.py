"""Puts routes, keys and health together into one application: either API, or both on one port."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from domain.access import PERMISSIONS, FieldError, Problem
from infra.http.frame import Frame
from infra.http.openapi import document, operation
from infra.http.origins import asked_from
from infra.http.paths import Paths
from infra.http.problem_pages import page
from infra.http.resource import Authenticate, Resource
from infra.metrics.exposition import MEDIA_TYPE as METRICS_TYPE
from infra.metrics.exposition import Gauges, exposed

Ready = Callable[[], Awaitable[Mapping[str, Any]]]
"""Each thing looked at: "ok" (or True), or what is wrong with it."""

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


def build(
    routes: Sequence[Route],
    authenticate: Authenticate,
    title: str,
    ready: Ready,
    lifespan: Lifespan | None = None,
    gauges: Gauges | None = None,
    origin: str = "",
) -> Starlette:
    """The application. An endpoint carries `operation` and `permission`, and may carry `body_limit`.

    Pages of `origin` may ask it.
    """
    described = [*routes, *_about(ready, gauges or Gauges())]
    _insist_on_permissions(described)
    spec = orjson.dumps(document(title, [*described, _spec_route(b"")]))
    by_path: dict[str, list[Route]] = {}
    for route in [*described, _spec_route(spec)]:
        by_path.setdefault(route.path, []).append(route)
    # A fixed path wins over one with parameters, whichever was named first.
    paths = sorted(by_path, key=lambda path: "{" in path)
    resources = [Route(path, Resource(by_path[path], authenticate)) for path in paths]
    application = _Application(routes=resources, lifespan=lifespan or _nothing)
    application.origin = origin
    return application


def _insist_on_permissions(routes: Sequence[Route]) -> None:
    for route in routes:
        found = getattr(route.endpoint, "permission", None)
        if found not in PERMISSIONS:
            raise ValueError(
                f"{', '.join(sorted(route.methods or ()))} {route.path} declares "
                f"{'no permission' if found is None else f'an unknown permission {found!r}'}; "
                f"it needs one of {', '.join(PERMISSIONS)}"
            )


class _Application(Starlette):
    """One layer around the paths, instead of four that each wrap the answer once more."""

    origin = ""

    def build_middleware_stack(self) -> ASGIApp:
        paths = Paths(route for route in self.routes if isinstance(route, Route))
        framed = Frame(paths, otherwise=self.router)
        return asked_from(framed, self.origin) if self.origin else framed


@asynccontextmanager
async def _nothing(_: Starlette) -> AsyncIterator[None]:
    yield


def _about(ready: Ready, gauges: Gauges) -> list[Route]:
    @operation("Is the process alive", answer="healthy", tag="operations")
    async def healthy(_: Request) -> Response:
        return _json({"status": "ok"})

    @operation("Can it do its work", answer="ready", tag="operations", refusals=(503,))
    async def is_ready(_: Request) -> Response:
        checks = dict(await ready())
        wrong = {name: found for name, found in checks.items() if found not in (True, "ok")}
        if wrong:
            errors = [
                FieldError(pointer=name, code="not_ready", detail=str(found))
                for name, found in wrong.items()
            ]
            raise Problem(503, "not_ready", f"not ready: {', '.join(wrong)}", errors=errors)
        return _json({"status": "ok", "checks": dict.fromkeys(checks, "ok")})

    @operation("Figures for Prometheus", answer="figures", tag="operations", content="text")
    async def metrics(_: Request) -> Response:
        text = await asyncio.to_thread(exposed, gauges)
        return Response(text, media_type=METRICS_TYPE)

    return [
        Route("/-/healthy", healthy),
        Route("/-/ready", is_ready),
        Route("/-/metrics", metrics),
        Route("/problems/{code}", page),
    ]


def _spec_route(spec: bytes) -> Route:
    @operation("This description", answer="OpenAPI document", tag="operations")
    async def openapi(_: Request) -> Response:
        return Response(spec, media_type="application/json")

    return Route("/openapi.json", openapi)


def _json(body: Any) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")
