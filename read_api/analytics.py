"""Figures day by day in the workspace's zone; a day without any stands there with zeros."""

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
import orjson
from sqlalchemy import bindparam, func, select
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.access import FieldError
from projections import daily as daily_model
from projections.daily import daily_analytics, daily_contacts
from read_api.document import FRESHNESS, META, REFUSALS, described, found, name
from read_api.freshness import reached
from read_api.parameters import known_only, wrong_parameter, wrong_parameters
from read_api.query import in_workspace
from read_api.reader import Reader, answer
from read_api.source import Rows, Source

PATH = "/v1/analytics/daily"
LONGEST_RANGE = 366
DAY: dict[str, Any] = {"type": "string", "format": "date"}
DAYS: list[dict[str, Any]] = [
    {"name": name, "in": "query", "required": True, "schema": DAY} for name in ("from", "to")
]
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_counts = [c for c in daily_analytics.c if c.name not in ("workspace_id", "day")]
_between: tuple[Any, Any] = bindparam("first"), bindparam("last")
_DAYS = select(daily_analytics.c.day, *_counts).where(
    in_workspace(daily_analytics), daily_analytics.c.day.between(*_between)
)
_PEOPLE = (
    select(daily_contacts.c.day, func.count().label("contacts_messaged"))
    .where(in_workspace(daily_contacts), daily_contacts.c.day.between(*_between))
    .group_by(daily_contacts.c.day)
)
_OF = daily_model.projection
_NAMES = ["".join(c.name) for c in _counts]  # plain text: the column's own is a subclass
_SHOWN = ("day", *_NAMES, "contacts_messaged")
_SENT = _SHOWN.index("messages_sent")
DAYS_KEPT = 50_000
RANGES_KEPT = 100

_Day: Any = msgspec.defstruct(
    "Day", [("day", date), *((name, int, 0) for name in _SHOWN[1:])], gc=False
)
"""A day as it is shown. A year of them is written down three times as fast as dicts would be."""
_written = msgspec.json.Encoder().encode


@lru_cache(RANGES_KEPT)
def _empty(first: date, last: date) -> list[Any]:
    """The days of a range on which nothing happened."""
    return [_Day(first + timedelta(n)) for n in range((last - first).days + 1)]


class People:
    """How many people were messaged on each day, counted again only when that can have changed.

    A person comes to a day with a message that is counted as sent on it, and no such count is ever
    taken back: while a day's `messages_sent` stands, so does its number of people.
    """

    def __init__(self, source: Source) -> None:
        self._source, self._counting = source, source.prepare(_PEOPLE)
        self._known: dict[UUID, dict[tuple[date, int], int]] = {}
        self._days = 0

    async def added(self, workspace_id: UUID, rows: Rows) -> dict[date, Any]:
        """The rows of days as they are shown, by day."""
        if self._days > DAYS_KEPT:
            self._known, self._days = {}, 0
        known = self._known.setdefault(workspace_id, {})
        missing = [
            (row[0], row[_SENT]) for row in rows if row[_SENT] and (row[0], row[_SENT]) not in known
        ]
        if missing:
            counted = await self._count(workspace_id, [day for day, _ in missing])
            known |= {key: counted.get(key[0], 0) for key in missing}
            self._days += len(missing)
        return {row[0]: _Day(*row, known[row[0], row[_SENT]] if row[_SENT] else 0) for row in rows}

    async def _count(self, workspace_id: UUID, days: list[date]) -> dict[date, int]:
        binds = {"workspace_id": workspace_id, "first": min(days), "last": max(days)}
        (found,) = await self._source.ask((self._counting, binds))
        return {row[0]: row[1] for row in found}


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


def days_asked(request: Request, *others: str, longest: int = LONGEST_RANGE) -> tuple[date, date]:
    """`from` and `to`, both included; `others` may be given beside them. Problem 422 otherwise."""
    given = request.query_params
    known_only(given, ("from", "to", *others))
    first, last = _day(given, "from"), _day(given, "to")
    if isinstance(first, FieldError) or isinstance(last, FieldError):
        raise wrong_parameters([day for day in (first, last) if isinstance(day, FieldError)])
    if last < first or (last - first).days >= longest:
        raise wrong_parameter(
            "to", f"{last} must be from {first} on and within {longest} days", "range_invalid"
        )
    return first, last


def daily(reader: Reader) -> Route:
    """GET /v1/analytics/daily?from=&to= with both days included."""
    days, people = reader.source.prepare(_DAYS), People(reader.source)

    async def serve(request: Request) -> Response:
        first, last = days_asked(request)
        workspace_id: UUID = request.state.principal.workspace_id
        binds = {"workspace_id": workspace_id, "first": first, "last": last}
        await reader.freshness.wait(request, workspace_id, _OF)
        stands, rows = await reader.source.ask(
            reader.freshness.asked(workspace_id, _OF), (days, binds)
        )
        shown = await people.added(workspace_id, rows)
        items = [shown.get(empty.day, empty) for empty in _empty(first, last)]
        body = {"items": orjson.Fragment(_written(items))}
        return answer(body, reached(stands), {})

    serve.operation = _operation()  # type: ignore[attr-defined]
    serve.permission = "analytics.read"  # type: ignore[attr-defined]
    return Route(PATH, serve, methods=["GET"], name=name(PATH))


def _operation() -> dict[str, Any]:
    figures = {name: {"type": "integer"} for name in (*_NAMES, "contacts_messaged")}
    item = {"type": "object", "properties": {"day": DAY, **figures}, "required": ["day", *figures]}
    body = {
        "type": "object",
        "properties": {"items": {"type": "array", "items": item}, "meta": META},
        "required": ["items", "meta"],
    }
    parameters = [*DAYS, *FRESHNESS]
    responses = {**REFUSALS, "200": found("One item a day", "application/json", body)}
    summary = "Figures day by day in the workspace's time zone"
    return described(PATH, summary, parameters, responses)
