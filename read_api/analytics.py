"""Figures day by day in the workspace's zone; a day without any stands there with zeros."""

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

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
from read_api.query import in_workspace, known_only, wrong_parameter, wrong_parameters
from read_api.reader import Reader, answer
from read_api.source import Rows, Source

PATH = "/v1/analytics/daily"
LONGEST_RANGE = 366
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
_ZEROS = (0,) * len(_SHOWN[1:])
DAYS_KEPT = 50_000
TEXTS_KEPT = 10_000


@lru_cache(TEXTS_KEPT)
def _day_shown(figures: tuple[Any, ...]) -> orjson.Fragment:
    """A day's JSON. A year has hundreds, of which the last at most has changed since last asked."""
    return orjson.Fragment(orjson.dumps(dict(zip(_SHOWN, figures, strict=True))))


class People:
    """How many people were messaged on each day, counted again only when that can have changed.

    A person comes to a day with a message that is counted as sent on it, and no such count is ever
    taken back: while a day's `messages_sent` stands, so does its number of people.
    """

    def __init__(self, source: Source) -> None:
        self._source, self._counting = source, source.prepare(_PEOPLE)
        self._known: dict[tuple[UUID, date, int], int] = {}

    async def added(self, workspace_id: UUID, rows: Rows) -> dict[date, orjson.Fragment]:
        """The rows of days as they are shown, by day."""
        if len(self._known) > DAYS_KEPT:
            self._known.clear()
        keys = [(workspace_id, row[0], row[_SENT]) for row in rows]
        missing = [
            day for _, day, sent in keys if sent and (workspace_id, day, sent) not in self._known
        ]
        if missing:
            await self._count(workspace_id, missing, keys)
        known = self._known
        return {
            row[0]: _day_shown((*row, known[key] if row[_SENT] else 0))
            for row, key in zip(rows, keys, strict=True)
        }

    async def _count(
        self, workspace_id: UUID, missing: list[date], keys: list[tuple[UUID, date, int]]
    ) -> None:
        between = {"first": min(missing), "last": max(missing)}
        (found,) = await self._source.ask(
            (self._counting, {"workspace_id": workspace_id, **between})
        )
        people = {row[0]: row[1] for row in found}
        self._known |= {key: people.get(key[1], 0) for key in keys if key[1] in missing}


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
    days, people = reader.source.prepare(_DAYS), People(reader.source)

    async def serve(request: Request) -> Response:
        first, last = _range(request)
        workspace_id: UUID = request.state.principal.workspace_id
        binds = {"workspace_id": workspace_id, "first": first, "last": last}
        await reader.freshness.wait(request, workspace_id, _OF)
        stands, rows = await reader.source.ask(
            reader.freshness.asked(workspace_id, _OF), (days, binds)
        )
        counted = await people.added(workspace_id, rows)
        items = [
            counted.get(day) or _day_shown((day, *_ZEROS))
            for day in (first + timedelta(n) for n in range((last - first).days + 1))
        ]
        return answer({"items": items}, reached(stands), {})

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
