"""Figures day by day in the workspace's zone; a day without any stands there with zeros."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.access import FieldError
from projections import daily as daily_model
from projections.daily import daily_analytics, daily_contacts
from read_api.document import FRESHNESS, META, REFUSALS, described, found, name
from read_api.query import in_workspace, known_only, wrong_parameter, wrong_parameters
from read_api.reader import Reader, answer

PATH = "/v1/analytics/daily"
LONGEST_RANGE = 366
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_counts = [c for c in daily_analytics.c if c.name not in ("workspace_id", "day")]
_between: tuple[Any, Any] = bindparam("first"), bindparam("last")
_days = select(daily_analytics.c.day, *_counts).where(
    in_workspace(daily_analytics), daily_analytics.c.day.between(*_between)
)
_people = (
    select(daily_contacts.c.day, func.count().label("contacts_messaged"))
    .where(in_workspace(daily_contacts), daily_contacts.c.day.between(*_between))
    .group_by(daily_contacts.c.day)
)
_OF = daily_model.projection
_NAMES = ["".join(c.name) for c in _counts]  # plain text: the column's own is a subclass


def _day(given: QueryParams, name: str) -> date | FieldError:
    text, pointer = given.get(name), f"?{name}"
    if text is None:
        detail = "is missing; give a day as YYYY-MM-DD"
        return FieldError(pointer=pointer, code="missing", detail=detail)
    try:
        if _DAY.fullmatch(text):  # fromisoformat takes weeks, too
            return date.fromisoformat(text)
    except ValueError:
        pass
    detail = f"{text[:40]!r} is not a day as YYYY-MM-DD"
    return FieldError(pointer=pointer, code="invalid_value", detail=detail)


def _range(request: Request) -> tuple[date, date]:
    given = request.query_params
    known_only(given, ("from", "to"))
    first, last = _day(given, "from"), _day(given, "to")
    if isinstance(first, FieldError) or isinstance(last, FieldError):
        raise wrong_parameters([day for day in (first, last) if isinstance(day, FieldError)])
    if last < first or (last - first).days >= LONGEST_RANGE:
        raise wrong_parameter(
            "to", f"{last} must be from {first} on and within {LONGEST_RANGE} days", "range_invalid"
        )
    return first, last


def daily(reader: Reader) -> Route:
    """GET /v1/analytics/daily?from=&to= with both days included."""

    async def serve(request: Request) -> Response:
        first, last = _range(request)
        workspace_id: UUID = request.state.principal.workspace_id
        binds = {"workspace_id": workspace_id, "first": first, "last": last}
        await reader.freshness.wait(request, workspace_id, _OF)
        async with reader.engine.connect() as connection:
            reached = await reader.freshness.reached(connection, workspace_id, _OF)
            counted = {row[0]: row[1:] for row in await connection.execute(_days, binds)}
            people = {row[0]: row[1] for row in await connection.execute(_people, binds)}
        zeros = (0,) * len(_NAMES)
        items = [
            {
                "day": day,
                **dict(zip(_NAMES, counted.get(day, zeros), strict=True)),
                "contacts_messaged": people.get(day, 0),
            }
            for day in (first + timedelta(n) for n in range((last - first).days + 1))
        ]
        return answer({"items": items, "meta": reached.meta()}, reached, {})

    serve.operation = _operation()  # type: ignore[attr-defined]
    serve.scope = "read"  # type: ignore[attr-defined]
    return Route(PATH, serve, methods=["GET"], name=name(PATH))


def _operation() -> dict[str, Any]:
    day = {"type": "string", "format": "date"}
    figures = {name: {"type": "integer"} for name in (*_NAMES, "contacts_messaged")}
    item = {"type": "object", "properties": {"day": day, **figures}, "required": ["day", *figures]}
    body = {
        "type": "object",
        "properties": {"items": {"type": "array", "items": item}, "meta": META},
        "required": ["items", "meta"],
    }
    parameters: list[dict[str, Any]] = [
        *(
            {"name": name, "in": "query", "required": True, "schema": day}
            for name in ("from", "to")
        ),
        *FRESHNESS,
    ]
    responses = {**REFUSALS, "200": found("One item a day", "application/json", body)}
    summary = "Figures day by day in the workspace's time zone"
    return described(PATH, summary, parameters, responses)
