"""The stream and its tickets as the OpenAPI document has them."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from read_api.document import described, refusals
from read_api.live.topics import PATTERN

PATH: Final = "/v1/stream"


def endpoint_of(serve: Any, operation: dict[str, Any], admit: Any = None) -> Any:
    async def endpoint(request: Request) -> Response:
        found: Response = await serve(request)
        return found

    endpoint.__name__ = operation["operationId"]
    marked: Any = endpoint
    marked.operation, marked.permission = operation, "me.read"
    if admit is not None:
        marked.admit = admit
    return endpoint


def _parameter(name: str, where: str, description: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": where, "description": description, **more}


_MARK: Final = {"type": "string", "pattern": "^[0-9]{1,18}(-[0-9]{1,18})?$"}
STREAM: Final = {
    **described(
        PATH,
        "What happens in the workspace, as server-sent events",
        [
            _parameter(
                "topics",
                "query",
                "What to tell, with commas between.",
                required=True,
                schema={"type": "string", "pattern": PATTERN},
                example="conversations,campaign:cmp_0190f2a0b6d87c1e8a5b0c9d8e7f6a5b",
            ),
            _parameter(
                "Last-Event-ID",
                "header",
                "The id of the last event that was seen: the stream goes on behind it.",
                schema=_MARK,
            ),
            _parameter("last_event_id", "query", "The same, for a first request.", schema=_MARK),
            _parameter(
                "ticket", "query", "In place of a key; good once.", schema={"type": "string"}
            ),
        ],
        {
            **refusals(400, 422, 503),
            "200": {
                "description": "Items without a name, each with its id; named are open, reset, cut "
                "and notification",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
        },
    ),
    "operationId": "stream",
}
TICKET: Final = {
    **described(
        f"{PATH}/tickets",
        "A ticket for one stream, good for 30 seconds and used once",
        [],
        {
            **refusals(422, 503),
            "201": {
                "description": "The ticket, to be sent as ?ticket=",
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "properties": {
                                "ticket": {"type": "string"},
                                "expires_at": {"type": "string", "format": "date-time"},
                            },
                            "required": ["ticket", "expires_at"],
                        }
                    }
                },
            },
        },
    ),
    "operationId": "issue_stream_ticket",
}
