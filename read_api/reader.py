"""Serves endpoints: waits for the asked position, runs the statements, writes the answer."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.access import Problem
from read_api.answers import objects
from read_api.cursors import Cursors
from read_api.document import name, operation
from read_api.freshness import Freshness, Reached, reached
from read_api.listing import Listing
from read_api.lookout import Ear
from read_api.paging import edge_of, narrowing
from read_api.parameters import known_only, page_size, path_ids
from read_api.query import Endpoint, Many, One
from read_api.sharing import viewing
from read_api.source import Rows, source

PRIVATE = "private, no-store"
WRITTEN = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z
LIST_PARAMETERS = ("limit", "after")

Serve = Callable[[Request], Awaitable[Response]]


class Reader:
    """Turns endpoints into routes over one database of read models."""

    def __init__(
        self, engine: AsyncEngine, secret: bytes, partitions: int, ear: Ear | None = None
    ) -> None:
        self.source = source(engine)
        self.cursors = Cursors(secret)
        self.freshness = Freshness(self.source, partitions, ear)

    def route(self, endpoint: Endpoint) -> Route:
        """The route of an endpoint, with its description for the OpenAPI document."""
        serve = self._one(endpoint) if isinstance(endpoint, One) else self._many(endpoint)
        serve.operation = operation(endpoint)  # type: ignore[attr-defined]
        serve.permission = endpoint.permission  # type: ignore[attr-defined]
        return Route(endpoint.path, serve, methods=["GET"], name=name(endpoint.path))

    def _one(self, endpoint: One) -> Serve:
        """The row with its parts, or Problem 404."""
        statement = self.source.prepare(endpoint.statement)
        parts = [self.source.prepare(part.statement) for part in endpoint.parts]

        async def serve(request: Request) -> Response:
            known_only(request.query_params, ())
            workspace_id: UUID = request.state.principal.workspace_id
            binds = asking(request)
            await self.freshness.wait(request, workspace_id, endpoint.of)
            stands, found, *lists = await self.source.ask(
                self.freshness.asked(workspace_id, endpoint.of),
                (statement, binds),
                *((part, binds) for part in parts),
            )
            insist(found, request)
            (body,) = objects(endpoint.shape, found[:1], endpoint.derived)
            for part, rows in zip(endpoint.parts, lists, strict=True):
                body[part.name] = part.shape.records(rows)
            headers = {"ETag": f'"{body["version"]}"'} if "version" in body else {}
            return answer(body, reached(stands), headers)

        return serve

    def _many(self, endpoint: Many) -> Serve:
        """A page, and where the next one starts."""
        ways = ("before",) if endpoint.both_ways else ()
        known = (*(f.name for f in endpoint.filters), *LIST_PARAMETERS, *ways)
        parent = None if endpoint.parent is None else self.source.prepare(endpoint.parent)
        listing = Listing(self.source, endpoint)

        async def serve(request: Request) -> Response:
            given = request.query_params
            known_only(given, known)
            limit, edge = page_size(given), edge_of(endpoint, given)
            workspace_id: UUID = request.state.principal.workspace_id
            binds, used, names = narrowing(endpoint, given)
            within = _within(workspace_id, request, used)
            if edge.cursor:
                binds["behind"] = self.cursors.read(within, edge.cursor)
            binds |= asking(request)
            await self.freshness.wait(request, workspace_id, endpoint.of)
            beside = [self.freshness.asked(workspace_id, endpoint.of)]
            beside += [] if parent is None else [(parent, binds)]
            shown, (stands, *there) = await listing.find(names, binds, edge, limit, *beside)
            for rows in there:
                insist(rows, request)
            at = reached(stands)
            tag = _tag(at, within, request.url.query)
            if tag in ",".join(request.headers.getlist("if-none-match")):
                return Response(status_code=304, headers={"ETag": tag, "Cache-Control": PRIVATE})
            seal = partial(self.cursors.write, within)
            return answer(shown.body(seal, request.url), at, {"ETag": tag})

        return serve


def asking(request: Request) -> dict[str, Any]:
    """What every statement may bind: the path's ids, the workspace, who asks."""
    principal = request.state.principal
    ids = path_ids(request.path_params)
    return {**viewing(principal), **ids, "workspace_id": principal.workspace_id}


def insist(found: Rows, request: Request) -> None:
    """Problem 404 unless what the path is about has been found."""
    if not found:
        path = request.scope["path"]
        raise Problem(404, "not_found", f"nothing at {path} in this workspace")


def _within(workspace_id: UUID, request: Request, used: Mapping[str, str]) -> str:
    """What a cursor and a tag are sealed to."""
    return orjson.dumps([workspace_id.hex, request.scope["path"], sorted(used.items())]).decode()


def _tag(at: Reached, *parts: str) -> str:
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
    return f'W/"{at.position}-{digest}"'


def answer(body: dict[str, Any], at: Reached, headers: Mapping[str, str]) -> Response:
    """A JSON answer with the position it stands for; `body` is the caller's no more."""
    body["meta"] = at.meta()
    content = orjson.dumps(body, option=WRITTEN)
    return Response(
        content,
        media_type="application/json",
        headers={"Cache-Control": PRIVATE, "Blazz-Position": str(at.position), **headers},
    )
