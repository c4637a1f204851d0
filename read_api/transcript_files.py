"""A whole conversation as a file: JSON, or one message a line."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from projections import transcript as model
from projections.transcript_tables import transcript
from read_api.answers import Page
from read_api.besides import Besides
from read_api.document import FRESHNESS, described, found, name, path_parameters, refusals
from read_api.freshness import reached
from read_api.paging import Edge, page_of
from read_api.parameters import known_only, wrong_parameter
from read_api.plans import BEHIND
from read_api.query import Many, many
from read_api.reader import PRIVATE, WRITTEN, Reader, asking, insist
from read_api.transcripts import BESIDES, HERE, MESSAGES

PATH: Final = "/v1/conversations/{conversation_id}/transcript"
CHUNK: Final = 500
_START: Final = Edge("first", "")
FORMATS: Final = {"json": "application/json", "ndjson": "application/x-ndjson"}
_SEPARATORS: Final = {"json": (b'{"items":[', b",\n", b"]}"), "ndjson": (b"", b"\n", b"\n")}
_ALL: Final[Many] = many(
    PATH,
    "All that was said in a conversation, oldest first",
    MESSAGES,
    model.projection,
    transcript.c.place,
    permission="conversations.read",
    besides=BESIDES,
    walked=lambda _: "ix_transcript_conversation",
)


def transcript_file(reader: Reader) -> Route:
    """GET /v1/conversations/{conversation_id}/transcript; a long one is streamed in chunks."""
    here = reader.source.prepare(HERE)
    (first,), (behind,) = (
        map(reader.source.prepare, page_of(_ALL, (), way)) for way in ("first", "after")
    )
    besides = Besides(reader.source, _ALL)

    async def serve(request: Request) -> Response:
        known_only(request.query_params, ("format",))
        chosen = request.query_params.get("format", "json")
        if chosen not in FORMATS:
            raise wrong_parameter("format", f"{chosen[:40]!r} is neither json nor ndjson")
        binds = {**asking(request), "page": CHUNK + 1}
        workspace_id = binds["workspace_id"]
        await reader.freshness.wait(request, workspace_id, _ALL.of)
        stands, there, *rows = await reader.source.ask(
            reader.freshness.asked(workspace_id, _ALL.of),
            (here, binds),
            (first, binds),
            *besides.first(binds),
        )
        insist(there, request)
        headers = {
            "Cache-Control": PRIVATE,
            "Blazz-Position": str(reached(stands).position),
            "Content-Disposition": f'attachment; filename="transcript.{chosen}"',
        }

        async def ask(last: Sequence[Any]) -> Page:
            its = {**binds, BEHIND: _ALL.shape.stored(last, _ALL.key)}
            more = await reader.source.ask((behind, its), *besides.first(its))
            return await besides.page(_START, CHUNK, more, its)

        page, format_ = await besides.page(_START, CHUNK, rows, binds), FORMATS[chosen]
        if page.goes_on:
            parts = _streamed(page, ask, chosen)
            return StreamingResponse(parts, headers=headers, media_type=format_)
        return Response(_written(page, *_SEPARATORS[chosen]), headers=headers, media_type=format_)

    serve.operation = _operation()  # type: ignore[attr-defined]
    serve.permission = _ALL.permission  # type: ignore[attr-defined]
    return Route(PATH, serve, methods=["GET"], name=name(PATH))


async def _streamed(
    page: Page, behind: Callable[[Sequence[Any]], Awaitable[Page]], chosen: str
) -> AsyncIterator[memoryview]:
    head, between, foot = _SEPARATORS[chosen]
    while page.goes_on:
        yield _written(page, head, between, between)
        head, page = b"", await behind(page.rows[-1])
    yield _written(page, head, between, foot)


def _written(page: Page, head: bytes, between: bytes, foot: bytes) -> memoryview:
    """The messages of a page, in one piece of memory: hundreds of small ones, joined, are dear."""
    written = bytearray(head)
    for item in page.items():
        written += orjson.dumps(item, option=WRITTEN)
        written += between
    if page.rows:
        del written[-len(between) :]
    written += foot
    return memoryview(written)


def _operation() -> dict[str, Any]:
    format_ = {
        "name": "format",
        "in": "query",
        "description": "One JSON document, or one message a line.",
        "schema": {"type": "string", "enum": list(FORMATS), "default": "json"},
    }
    shown = found(_ALL.summary, FORMATS["json"], {"type": "object"})
    shown["content"][FORMATS["ndjson"]] = {"schema": {"type": "string"}}
    responses = {**refusals(400, 404, 422, 503), "200": shown}
    parameters = [*path_parameters(PATH), *FRESHNESS, format_]
    return described(PATH, _ALL.summary, parameters, responses)
