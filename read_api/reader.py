"""Serves endpoints: waits for the asked position, runs the statement, writes the answer."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Select, bindparam
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.access import Problem
from read_api.columns import Field, record
from read_api.cursors import Cursors
from read_api.document import name, operation
from read_api.freshness import Freshness, Reached
from read_api.query import Derived, Endpoint, Many, One, known_only, narrowed, page_size, path_ids

PRIVATE = "private, no-store"
LIST_PARAMETERS = ("limit", "after")


class Reader:
    """Turns endpoints into routes over one database of read models."""

    def __init__(self, engine: AsyncEngine, secret: bytes, partitions: int) -> None:
        self.engine = engine
        self.cursors = Cursors(secret)
        self.freshness = Freshness(engine, partitions)

    def route(self, endpoint: Endpoint) -> Route:
        """The route of an endpoint, with its description for the OpenAPI document."""

        async def serve(request: Request) -> Response:
            if isinstance(endpoint, One):
                return await self.one(endpoint, request)
            return await self.many(endpoint, request)

        serve.operation = operation(endpoint)  # type: ignore[attr-defined]
        serve.scope = "read"  # type: ignore[attr-defined]
        return Route(endpoint.path, serve, methods=["GET"], name=name(endpoint.path))

    async def one(self, endpoint: One, request: Request) -> Response:
        """The row with its parts, or Problem 404."""
        known_only(request.query_params, ())
        workspace_id: UUID = request.state.principal.workspace_id
        binds = {**path_ids(request.path_params), "workspace_id": workspace_id}
        await self.freshness.wait(request, workspace_id, endpoint.of)
        async with self.engine.connect() as connection:
            reached = await self.freshness.reached(connection, workspace_id, endpoint.of)
            found = (await connection.execute(endpoint.statement, binds)).first()
            if found is None:
                raise Problem(404, "not_found", f"nothing at {request.url.path} in this workspace")
            body = _object(endpoint.shape, found, endpoint.derived)
            for part in endpoint.parts:
                rows = await connection.execute(part.statement, binds)
                body[part.name] = [record(part.shape, row) for row in rows]
        headers = {"ETag": f'"{body["version"]}"'} if "version" in body else {}
        return answer({**body, "meta": reached.meta()}, reached, headers)

    async def many(self, endpoint: Many, request: Request) -> Response:
        """A page, and where the next one starts."""
        given = request.query_params
        known_only(given, (*(f.name for f in endpoint.filters), *LIST_PARAMETERS))
        limit = page_size(given)
        workspace_id: UUID = request.state.principal.workspace_id
        statement, binds, used = narrowed(endpoint, given)
        within = orjson.dumps([workspace_id.hex, request.url.path, sorted(used.items())]).decode()
        statement, position = self._behind(endpoint, statement, within, given.get("after"))
        binds |= {**path_ids(request.path_params), **position, "workspace_id": workspace_id}
        await self.freshness.wait(request, workspace_id, endpoint.of)
        async with self.engine.connect() as connection:
            reached = await self.freshness.reached(connection, workspace_id, endpoint.of)
            if endpoint.parent is not None:
                await exists(connection, endpoint.parent, binds, request)
            rows = (await connection.execute(statement, {**binds, "page": limit + 1})).all()
        tag = _tag(reached, within, str(request.query_params))
        if tag in ",".join(request.headers.getlist("if-none-match")):
            return Response(status_code=304, headers={"ETag": tag, "Cache-Control": PRIVATE})
        body = self._page(endpoint, request, rows, limit, within)
        return answer({**body, "meta": reached.meta()}, reached, {"ETag": tag})

    def _behind(
        self, endpoint: Many, statement: Select[Any], within: str, after: str | None
    ) -> tuple[Select[Any], dict[str, Any]]:
        key, position = endpoint.key, {}
        if after:
            position = {"behind": self.cursors.read(within, after)}
            behind = bindparam("behind", type_=key.type)
            statement = statement.where(key < behind if endpoint.descending else key > behind)
        order = key.desc() if endpoint.descending else key.asc()
        return statement.order_by(order).limit(bindparam("page")), position

    def _page(
        self, endpoint: Many, request: Request, rows: Sequence[Any], limit: int, within: str
    ) -> dict[str, Any]:
        following = following_url = None
        if len(rows) > limit:
            rows = rows[:limit]
            last = rows[-1]._mapping[endpoint.key.name]  # noqa: SLF001 - SQLAlchemy's public name
            following = self.cursors.write(within, last)
            following_url = str(request.url.include_query_params(after=following))
        items = [_object(endpoint.shape, row, endpoint.derived) for row in rows]
        return {"items": items, "next": following, "next_url": following_url}


async def exists(
    connection: AsyncConnection, parent: Select[Any], binds: Mapping[str, Any], request: Request
) -> None:
    """Problem 404 unless the statement finds what the path is about."""
    asked = {name: binds[name] for name in parent.compile().params}
    if (await connection.execute(parent, asked)).first() is None:
        raise Problem(404, "not_found", f"nothing at {request.url.path} in this workspace")


def _object(
    shape: Sequence[Field], row: Sequence[Any], derived: Sequence[Derived]
) -> dict[str, Any]:
    body = record(shape, row)
    for figure in derived:
        body[figure.name] = figure.value(body)
    return body


def _tag(reached: Reached, *parts: str) -> str:
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
    return f'W/"{reached.position}-{digest}"'


def answer(body: object, reached: Reached, headers: Mapping[str, str]) -> Response:
    """A JSON answer with the position it stands for."""
    content = orjson.dumps(body, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)
    return Response(
        content,
        media_type="application/json",
        headers={
            "Cache-Control": PRIVATE,
            "Blazz-Position": str(reached.position),
            **headers,
        },
    )
