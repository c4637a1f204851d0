"""What was done in conversations day by day: as a whole, per agent or per team."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.ids import show
from projections import chat_daily as model
from projections.chat_daily import chat_daily
from read_api.analytics import DAY, DAYS, LONGEST_RANGE, days_asked
from read_api.document import FRESHNESS, META, REFUSALS, described, found, name
from read_api.freshness import reached
from read_api.parameters import wrong_parameter
from read_api.query import in_workspace
from read_api.reader import Reader, answer, asking
from read_api.source import Rows
from read_api.structures import id_schema

PATH: Final = "/v1/analytics/chat"
LONGEST_OF_MANY: Final = 31
"""Days, where each has a row for every agent or team."""
_OF: Final = {"workspace": "workspace", "users": "user", "teams": "team"}
_SUMMARY: Final = "Conversations day by day in the workspace's time zone"
_FIGURES: Final = {
    "opened": "Conversations begun, and those opened again after they were resolved; put down to "
    "who had them.",
    "resolved": "Resolutions, put down to who resolved, else to who had it.",
    "first_responses": "First answers since the customer began to wait; automatic ones are none. "
    "Put down to who answered, else to who had it.",
    "first_response_ms": "How long customers waited for these, together, in working hours; divide "
    "by `first_responses`.",
    "resolution_ms": "How long resolved conversations had been open, together, in working hours; "
    "divide by `resolved`.",
    "messages_in": "Messages of customers, put down to who had the conversation.",
    "messages_out": "Messages to customers outside campaigns, put down to who wrote them.",
}
_between: tuple[Any, Any] = bindparam("first"), bindparam("last")
_ROWS: Final = (
    select(chat_daily.c.day, chat_daily.c.scope_id, *(chat_daily.c[name] for name in _FIGURES))
    .where(
        in_workspace(chat_daily),
        chat_daily.c.scope == bindparam("scope"),
        chat_daily.c.day.between(*_between),
    )
    .order_by(chat_daily.c.day, chat_daily.c.scope_id)
)


def chat(reader: Reader) -> Route:
    """GET /v1/analytics/chat?from=&to=&of= with both days included."""
    statement = reader.source.prepare(_ROWS)

    async def serve(request: Request) -> Response:
        of = request.query_params.get("of", "workspace")
        if of not in _OF:
            raise wrong_parameter("of", f"{of[:40]!r} is not one of {', '.join(_OF)}")
        longest = LONGEST_RANGE if of == "workspace" else LONGEST_OF_MANY
        first, last = days_asked(request, "of", longest=longest)
        binds = {**asking(request), "scope": _OF[of], "first": first, "last": last}
        workspace_id = binds["workspace_id"]
        await reader.freshness.wait(request, workspace_id, model.projection)
        stands, rows = await reader.source.ask(
            reader.freshness.asked(workspace_id, model.projection), (statement, binds)
        )
        items = _whole(rows, first, last) if of == "workspace" else _each(rows, _OF[of])
        return answer({"items": items}, reached(stands), {})

    serve.operation = _operation()  # type: ignore[attr-defined]
    serve.permission = "analytics.read"  # type: ignore[attr-defined]
    return Route(PATH, serve, methods=["GET"], name=name(PATH))


def _whole(rows: Rows, first: date, last: date) -> list[dict[str, Any]]:
    """Every day of the range; one on which nothing happened has noughts."""
    figures = {row[0]: row[2:] for row in rows}
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    none = (0,) * len(_FIGURES)
    return [_item(day, figures.get(day, none)) for day in days]


def _each(rows: Rows, kind: str) -> list[dict[str, Any]]:
    """A row for each agent or team that did something on the day."""
    return [
        _item(row[0], row[2:], **{f"{kind}_id": show(kind, UUID(bytes=row[1]))}) for row in rows
    ]


def _item(day: date, figures: Sequence[int], **who: str) -> dict[str, Any]:
    return {"day": day, **who, **dict(zip(_FIGURES, figures, strict=True))}


def _operation() -> dict[str, Any]:
    whom = {f"{kind}_id": id_schema(kind) for kind in ("user", "team")}
    figures = {name: {"type": "integer", "description": text} for name, text in _FIGURES.items()}
    item = {
        "type": "object",
        "properties": {"day": DAY, **whom, **figures},
        "required": ["day", *figures],
    }
    body = {
        "type": "object",
        "properties": {"items": {"type": "array", "items": item}, "meta": META},
        "required": ["items", "meta"],
    }
    of = {
        "name": "of",
        "in": "query",
        "description": f"Of the workspace as a whole, or of each agent or team on each day (at most "
        f"{LONGEST_OF_MANY} days).",
        "schema": {"type": "string", "enum": list(_OF), "default": "workspace"},
    }
    responses = {**REFUSALS, "200": found(_SUMMARY, "application/json", body)}
    return described(PATH, _SUMMARY, [*DAYS, of, *FRESHNESS], responses)
