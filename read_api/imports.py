"""What people may ask about a contact import: its progress, and every row's outcome as CSV."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from projections import imports as import_model
from projections.imports import import_rows, imports
from read_api.columns import shape_of, text
from read_api.document import FRESHNESS, described, found, name, path_parameters, refusals
from read_api.freshness import reached
from read_api.parameters import known_only, path_ids
from read_api.query import Endpoint, by, in_workspace, many, one
from read_api.reader import PRIVATE, Reader, insist
from read_api.source import Rows

PATH = "/v1/imports/{import_id}/rows.csv"
CHUNK = 1000
_MEDIA = "text/csv; charset=utf-8"
_OF = import_model.projection

_imports = select(*(c for c in imports.c if c.name != "workspace_id")).where(in_workspace(imports))
_import = _imports.where(by(imports.c.import_id))
_chunk = (
    select(
        import_rows.c.line,
        import_rows.c.outcome,
        import_rows.c.contact_id,
        import_rows.c.column_name.label("column"),
        import_rows.c.value,
        import_rows.c.code,
        import_rows.c.reason,
    )
    .where(in_workspace(import_rows), by(import_rows.c.import_id))
    .where(import_rows.c.line > bindparam("behind"))
    .order_by(import_rows.c.line)
    .limit(CHUNK)
)
_SHAPE = shape_of(_chunk)

ENDPOINTS: tuple[Endpoint, ...] = (
    many(
        "/v1/imports",
        "Contact imports, newest first",
        _imports,
        import_model.projection,
        imports.c.import_id,
        permission="contacts.read",
        descending=True,
    ),
    one(
        "/v1/imports/{import_id}",
        "One contact import",
        _import,
        import_model.projection,
        permission="contacts.read",
    ),
)


def rows_csv(reader: Reader) -> Route:
    """GET /v1/imports/{import_id}/rows.csv, streamed in chunks."""
    import_, chunk = reader.source.prepare(_import), reader.source.prepare(_chunk)

    async def serve(request: Request) -> Response:
        known_only(request.query_params, ())
        workspace_id: UUID = request.state.principal.workspace_id
        binds = {**path_ids(request.path_params), "workspace_id": workspace_id}
        await reader.freshness.wait(request, workspace_id, _OF)
        stands, known_, rows = await reader.source.ask(
            reader.freshness.asked(workspace_id, _OF),
            (import_, binds),
            (chunk, {**binds, "behind": 0}),
        )
        insist(known_, request)
        headers = {
            "Cache-Control": PRIVATE,
            "Blazz-Position": str(reached(stands).position),
            "Content-Disposition": 'attachment; filename="rows.csv"',
        }
        if len(rows) < CHUNK:
            return Response(_HEADING + _lines(rows), headers=headers, media_type=_MEDIA)
        following = _streamed(reader, chunk, binds, rows)
        return StreamingResponse(following, headers=headers, media_type=_MEDIA)

    serve.operation = _operation()  # type: ignore[attr-defined]
    serve.permission = "contacts.read"  # type: ignore[attr-defined]
    return Route(PATH, serve, methods=["GET"], name=name(PATH))


def _operation() -> dict[str, Any]:
    lines = "One line a row, with line number, outcome and reason"
    responses = {
        **refusals(400, 404, 422, 503),
        "200": found(lines, "text/csv", {"type": "string"}),
    }
    parameters = [*path_parameters(PATH), *FRESHNESS]
    return described(PATH, "What became of every row of the file", parameters, responses)


async def _streamed(
    reader: Reader, chunk: Any, binds: dict[str, Any], rows: Rows
) -> AsyncIterator[str]:
    yield _HEADING
    while rows:
        yield _lines(rows)
        if len(rows) < CHUNK:
            return
        (rows,) = await reader.source.ask((chunk, {**binds, "behind": rows[-1][0]}))


def _lines(rows: Rows) -> str:
    return _csv([[text(v) for v in row.values()] for row in _SHAPE.records(rows)])


def _csv(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


_HEADING = _csv([list(_SHAPE.names)])
