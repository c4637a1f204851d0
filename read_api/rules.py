"""What people may ask about rules: what they say, how often they were used, what they would do."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.hours import Hours
from domain.ids import show
from domain.rule import Definition, Heard, Search, matches
from projections import rules as model
from projections.contacts import contacts
from projections.conversations import conversations
from projections.rules import rule_uses, rules
from projections.transcript_tables import transcript
from projections.workspaces import workspaces
from read_api.document import FRESHNESS, META, described, found, name, path_parameters, refusals
from read_api.freshness import reached
from read_api.parameters import known_only
from read_api.query import Endpoint, by, in_workspace, many, one
from read_api.reader import Reader, answer, asking, insist
from read_api.sharing import shared
from read_api.source import Rows
from read_api.structures import id_schema
from read_api.transcripts import text_of

PATH: Final = "/v1/rules/{rule_id}/dry-run"
LOOKED_AT: Final = 100
_SUMMARY: Final = "Which of the last 100 messages of customers the rule would have acted on"
_SHOWN = (
    select(
        rules.c.rule_id,
        rules.c.name,
        rules.c.priority,
        rules.c.cool_down_s,
        rules.c.enabled,
        rules.c.definition,
        func.coalesce(rule_uses.c.uses, 0).label("uses"),
        func.coalesce(rule_uses.c.answers, 0).label("answers_sent"),
        rule_uses.c.last_used_at,
        rules.c.updated_at,
        rules.c.version,
    )
    .outerjoin(
        rule_uses,
        (rule_uses.c.workspace_id == rules.c.workspace_id)
        & (rule_uses.c.rule_id == rules.c.rule_id),
    )
    .where(in_workspace(rules))
)

ENDPOINTS: tuple[Endpoint, ...] = (
    many(
        "/v1/rules",
        "Rules that answer by themselves, and how often each was used",
        _SHOWN,
        model.projection,
        rules.c.rule_id,
        permission="rules.read",
    ),
    one(
        "/v1/rules/{rule_id}",
        "One rule",
        _SHOWN.where(by(rules.c.rule_id)),
        model.projection,
        permission="rules.read",
    ),
)

_t, _earlier = transcript.c, transcript.alias("earlier")
_first = (
    ~select(_earlier.c.message_id)
    .where(
        _earlier.c.workspace_id == _t.workspace_id,
        _earlier.c.conversation_id == _t.conversation_id,
        _earlier.c.direction == "in",
        _earlier.c.place > "",
        _earlier.c.place < _t.place,
    )
    .exists()
)
_LAST = (
    select(
        _t.message_id,
        _t.conversation_id,
        _t.contact_id,
        _t.account_id,
        _t.at,
        text_of(_t).label("text"),
        _t.payload,
        _first.label("first"),
        conversations.c.labels,
        contacts.c.opted_out,
        contacts.c.language,
    )
    .select_from(
        transcript.outerjoin(
            contacts,
            (contacts.c.workspace_id == _t.workspace_id) & (contacts.c.contact_id == _t.contact_id),
        ).outerjoin(
            conversations,
            (conversations.c.workspace_id == _t.workspace_id)
            & (conversations.c.conversation_id == _t.conversation_id),
        )
    )
    .where(
        in_workspace(transcript),
        _t.direction == "in",
        _t.kind != "system",
        _t.place > "",
        _t.revoked_at.is_(None),
        shared(transcript),
    )
    .order_by(_t.place.desc())
    .limit(LOOKED_AT)
    .with_hint(transcript, "FORCE INDEX (ix_transcript_newest)", "mysql")
)
_HOURS = select(workspaces.c.time_zone, workspaces.c.working_hours).where(in_workspace(workspaces))
_RULE = select(rules.c.definition).where(in_workspace(rules), by(rules.c.rule_id))


def dry_run(reader: Reader, search: Search) -> Route:
    """GET /v1/rules/{rule_id}/dry-run: nothing is stored and nobody is answered."""
    asked = [reader.source.prepare(statement) for statement in (_RULE, _HOURS, _LAST)]

    async def serve(request: Request) -> Response:
        known_only(request.query_params, ())
        binds = asking(request)
        workspace_id: UUID = binds["workspace_id"]
        await reader.freshness.wait(request, workspace_id, model.projection)
        stands, rule, hours, rows = await reader.source.ask(
            reader.freshness.asked(workspace_id, model.projection),
            *((statement, binds) for statement in asked),
        )
        insist(rule, request)
        definition = msgspec.json.decode(rule[0][0], type=Definition)
        open_ = _hours(hours)
        items = [_item(row) for row in rows if _matches(definition, row, open_, search)]
        body = {"looked_at": len(rows), "matched": len(items), "items": items}
        return answer(body, reached(stands), {})

    serve.operation = _operation()  # type: ignore[attr-defined]
    serve.permission = "conversations.read"  # type: ignore[attr-defined]  # it shows what was said
    return Route(PATH, serve, methods=["GET"], name=name(PATH))


def _matches(definition: Definition, row: Any, hours: Hours, search: Search) -> bool:
    """With the labels, the consent and the language of today."""
    _, _, _, account_id, at, text, payload, first, labels, opted_out, language = row
    heard = Heard(
        text=text or "",
        payload=payload or "",
        first=bool(first),
        account_id=UUID(bytes=account_id),
        labels=tuple(msgspec.json.decode(labels)) if labels else (),
        opted_out=bool(opted_out),
        language=language or "",
    )
    return matches(definition, heard, at.replace(tzinfo=UTC), hours, search)


def _hours(rows: Rows) -> Hours:
    if not rows:
        return Hours()
    zone, spans = rows[0]
    weekly = msgspec.json.decode(spans) if spans else []
    intervals = tuple((s["day"], s["start_minute"], s["end_minute"]) for s in weekly)
    return Hours(intervals, ZoneInfo(zone or "UTC"))


def _item(row: Any) -> Mapping[str, Any]:
    kinds = ("message", "conversation", "contact", "account")
    ids = {f"{kind}_id": show(kind, UUID(bytes=row[n])) for n, kind in enumerate(kinds)}
    return {**ids, "at": row[4], "text": row[5]}


def _operation() -> dict[str, Any]:
    kinds = ("message", "conversation", "contact", "account")
    properties: dict[str, Any] = {f"{kind}_id": id_schema(kind) for kind in kinds}
    properties |= {
        "at": {"type": "string", "format": "date-time"},
        "text": {"type": ["string", "null"]},
    }
    item = {"type": "object", "properties": properties, "required": list(properties)}
    whole: dict[str, Any] = {
        "looked_at": {"type": "integer"},
        "matched": {"type": "integer"},
        "items": {"type": "array", "items": item},
        "meta": META,
    }
    body = {"type": "object", "properties": whole, "required": list(whole)}
    responses = {**refusals(400, 404, 422, 503), "200": found(_SUMMARY, "application/json", body)}
    return described(PATH, _SUMMARY, [*path_parameters(PATH), *FRESHNESS], responses)
