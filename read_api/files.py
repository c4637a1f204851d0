"""The files of conversations: what there is of a message's file, and the file itself."""

import logging
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, bindparam, or_, select
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from domain.access import Problem
from domain.file_storage import FileGone, FileStorage
from projections import files as model
from projections.files import file_uses, files
from projections.transcript_tables import transcript
from read_api.beside import beside
from read_api.columns import shape_of
from read_api.document import FRESHNESS, described, found, name, path_parameters, refusals
from read_api.file_answers import UNKNOWN, disposition, kind_of, span
from read_api.freshness import reached
from read_api.parameters import known_only
from read_api.query import by, in_workspace
from read_api.reader import PRIVATE, Reader, asking, insist
from read_api.sharing import VIEWER, shared

PATH: Final = "/v1/files/{file_id}"
SUMMARY: Final = "A file of a conversation, or one that you have uploaded"
SANDBOX: Final = "default-src 'none'; sandbox"

log = logging.getLogger("blazz.files")

_f, _u = files.c, file_uses.c
_message = transcript.alias("whose")
_SHOWN: Final = (
    (_message.c.workspace_id == _u.workspace_id)
    & (_message.c.message_id == _u.message_id)
    & _message.c.revoked_at.is_(None)
)


def _only(found_: list[dict[str, Any]]) -> dict[str, Any] | None:
    return found_[0] if found_ else None


def _may_have(kind: str, media: str | None) -> bool:
    """What is sent from here may have a file that nothing else tells of."""
    return kind != "text" or media is not None


def file_beside(message_id: Any) -> Any:
    """The file of each message of a page, as it is shown now: that of its last edit, none of a
    revoked one. `message_id` is the page's column.
    """
    return beside(
        "file",
        select(
            _u.message_id,
            _f.file_id.label("id"),
            _f.status,
            _f.mime_type,
            _f.size,
            _f.filename,
            _f.why,
            _f.gone,
        )
        .join(files, and_(_f.workspace_id == _u.workspace_id, _f.file_id == _u.file_id))
        .join(_message, and_(_SHOWN, _message.c.edition == _u.edition))
        .where(in_workspace(file_uses), shared(file_uses)),
        _u.message_id,
        message_id,
        _only,
        told=("kind", "media"),
        has=_may_have,
    )


_uses = select(_u.message_id).where(
    _u.workspace_id == bindparam("workspace_id"), _u.file_id == _f.file_id
)
_seen = _uses.join(_message, _SHOWN).where(shared(file_uses))
ONE: Final = select(
    _f.file_id, _f.status, _f.mime_type, _f.size, _f.filename, _f.sha256, _f.why
).where(
    in_workspace(files),
    by(_f.file_id),
    or_(
        _seen.correlate(files).exists(),
        _f.user_id == bindparam(VIEWER),
        and_(bindparam("sees_all") == 1, ~_uses.correlate(files).exists()),
    ),
)
_SHAPE: Final = shape_of(ONE)


def file(reader: Reader, storage: FileStorage) -> Route:
    """GET /v1/files/{file_id}: its bytes."""
    one = reader.source.prepare(ONE)

    async def serve(request: Request) -> Response:
        known_only(request.query_params, ())
        binds = asking(request)
        workspace_id = binds["workspace_id"]
        await reader.freshness.wait(request, workspace_id, model.projection)
        stands, rows = await reader.source.ask(
            reader.freshness.asked(workspace_id, model.projection), (one, binds)
        )
        insist(rows, request)
        (row,) = _SHAPE.records(rows)
        _insist_stored(row)
        headers = _headers(row, reached(stands).position)
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        part = span(request.headers, row["size"], headers["ETag"])
        first, last = part or (0, row["size"] - 1)
        headers["Content-Length"] = str(last + 1 - first)
        if part:
            headers["Content-Range"] = f"bytes {first}-{last}/{row['size']}"
        status = 206 if part else 200
        if request.method == "HEAD":
            return Response(status_code=status, headers=headers)
        chunks = await _opened(storage, workspace_id, row["sha256"], first, last)
        return StreamingResponse(chunks, status, headers)

    serve.operation = _operation()  # type: ignore[attr-defined]
    serve.permission = "conversations.read"  # type: ignore[attr-defined]
    return Route(PATH, serve, methods=["GET"], name=name(PATH))


async def _opened(
    storage: FileStorage, workspace_id: UUID, sha256: str, first: int, last: int
) -> AsyncIterator[bytes]:
    """Problem 410 for what is gone, 503 while the storage does not answer."""
    try:
        return await storage.open(workspace_id, sha256, first, last)
    except FileGone as gone:
        raise Problem(410, "file_gone", f"{gone}; its backup would have it") from None
    except OSError as error:
        log.warning("the storage of files does not answer: %s", error)
        detail, later = "the storage of files does not answer", {"Retry-After": "5"}
        raise Problem(503, "storage_away", detail, headers=later) from None


def _insist_stored(row: dict[str, Any]) -> None:
    """Problem 404 for a file that is still to come, or never will."""
    if row["status"] != "stored":
        why = f": {row['why']}" if row["why"] else ", ask again later"
        raise Problem(404, "file_not_here", f"file {row['file_id']} is {row['status']}{why}")


def _headers(row: dict[str, Any], position: int) -> dict[str, str]:
    kind = kind_of(row["mime_type"])
    return {
        "Content-Type": kind,
        "Content-Disposition": disposition(kind, row["filename"] or "", row["file_id"]),
        "Content-Security-Policy": SANDBOX,
        "Cache-Control": PRIVATE,
        "Accept-Ranges": "bytes",
        "ETag": f'"{row["sha256"]}"',
        "Blazz-Position": str(position),
    }


def _operation() -> dict[str, Any]:
    tag = {
        "description": "The SHA-256 of the bytes, for If-None-Match and If-Range",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[0-9a-f]{64}"$'},
    }
    whole = found("Its bytes", UNKNOWN, {}, ETag=tag)
    whole["content"] = {"*/*": {}}
    responses = {
        **refusals(400, 404, 410, 416, 422, 503),
        "200": whole,
        "206": {**whole, "description": "The part that was asked for"},
        "304": {"description": "It is that of the ETag", "headers": {"ETag": tag}},
    }
    asked = (
        ("If-None-Match", "The ETag of what you have; 304 if it is still that."),
        ("Range", "`bytes=FIRST-LAST`, `bytes=FIRST-` or `bytes=-HOW_MANY`."),
        ("If-Range", "The ETag of what you have a part of; all of it comes if it is another."),
    )
    given = [
        {"name": name, "in": "header", "description": words, "schema": {"type": "string"}}
        for name, words in asked
    ]
    return described(PATH, SUMMARY, [*path_parameters(PATH), *FRESHNESS, *given], responses)
