"""What people may ask about people: who is in the workspace, who is signed in, and who they are."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.access import PERMISSIONS, PUBLIC, ROLES, SCOPES, Principal
from domain.ids import show
from projections import people as people_model
from projections.people import failed_sign_ins, number_shares, sessions, users
from projections.workspaces import workspaces
from read_api.columns import schema, shape_of
from read_api.document import FRESHNESS, META, REFUSALS, described, found, name
from read_api.freshness import reached
from read_api.parameters import known_only
from read_api.query import Endpoint, by, in_workspace, many, one, part
from read_api.reader import Reader, answer
from read_api.structures import id_schema

PATH = "/v1/me"
_OF = people_model.projection

_users = (
    select(
        users.c.user_id,
        users.c.email,
        users.c.name,
        users.c.role,
        users.c.status,
        users.c.invited_at,
        users.c.invited_until,
        users.c.joined_at,
        users.c.removed_at,
        failed_sign_ins.c.failures.label("failed_sign_ins"),
        failed_sign_ins.c.failed_at,
        users.c.version,
    )
    .outerjoin(
        failed_sign_ins,
        (failed_sign_ins.c.workspace_id == users.c.workspace_id)
        & (failed_sign_ins.c.user_id == users.c.user_id),
    )
    .where(in_workspace(users))
)
_numbers = (
    select(number_shares.c.account_id, number_shares.c.shared_at)
    .where(in_workspace(number_shares), by(number_shares.c.user_id))
    .order_by(number_shares.c.account_id)
)
_sessions = select(
    sessions.c.session_id,
    sessions.c.address,
    sessions.c.agent,
    sessions.c.signed_in_at,
    sessions.c.refreshed_at,
    sessions.c.expires_at,
    sessions.c.ended_at,
    sessions.c.reason,
    sessions.c.version,
).where(in_workspace(sessions), by(sessions.c.user_id))

ENDPOINTS: tuple[Endpoint, ...] = (
    many(
        "/v1/users",
        "Users of the workspace, invited and removed ones too",
        _users,
        _OF,
        users.c.user_id,
        permission="people.read",
    ),
    one(
        "/v1/users/{user_id}",
        "One user with the numbers shared with them",
        _users.where(by(users.c.user_id)),
        _OF,
        part("numbers", _numbers),
        permission="people.read",
    ),
    many(
        "/v1/users/{user_id}/sessions",
        "A user's sessions, newest first, over ones too",
        _sessions,
        _OF,
        sessions.c.session_id,
        permission="people.manage",
        descending=True,
        parent=select(users.c.version).where(in_workspace(users), by(users.c.user_id)),
    ),
)

_workspace = select(
    workspaces.c.workspace_id,
    workspaces.c.name,
    workspaces.c.time_zone,
    workspaces.c.country,
    workspaces.c.language,
).where(in_workspace(workspaces))
_user = select(users.c.user_id, users.c.email, users.c.name, users.c.version).where(
    in_workspace(users), by(users.c.user_id)
)
_own_sessions = (
    _sessions.where(sessions.c.ended_at.is_(None)).order_by(sessions.c.session_id.desc()).limit(100)
)
_WORKSPACE, _USER, _NUMBERS, _SESSIONS = map(shape_of, (_workspace, _user, _numbers, _own_sessions))


def me(reader: Reader) -> Route:
    """GET /v1/me: who asks, what they may do; for people also their numbers and open sessions."""
    statements = [
        reader.source.prepare(one_) for one_ in (_workspace, _user, _numbers, _own_sessions)
    ]

    async def serve(request: Request) -> Response:
        known_only(request.query_params, ())
        principal: Principal = request.state.principal
        at = principal.workspace_id
        binds = {"workspace_id": at, "user_id": principal.user_id or UUID(int=0)}
        await reader.freshness.wait(request, at, _OF)
        stands, workspace, user, numbers, own = await reader.source.ask(
            reader.freshness.asked(at, _OF), *((one_, binds) for one_ in statements)
        )
        body: dict[str, Any] = {
            "workspace": next(iter(_WORKSPACE.records(workspace)), None),
            "user": next(iter(_USER.records(user)), None),
            "key_id": show("key", principal.key_id) if principal.key_id else None,
            "session_id": show("session", principal.session_id) if principal.session_id else None,
            "role": principal.role or None,
            "scopes": list(principal.scopes),
            "permissions": [one_ for one_ in PERMISSIONS if one_ in principal.permissions],
            "numbers": _NUMBERS.records(numbers),
            "sessions": _SESSIONS.records(own),
        }
        return answer(body, reached(stands), {})

    serve.operation = _operation()  # type: ignore[attr-defined]
    serve.permission = "me.read"  # type: ignore[attr-defined]
    return Route(PATH, serve, methods=["GET"], name=name(PATH))


def _operation() -> dict[str, Any]:
    def optional(of: dict[str, Any]) -> dict[str, Any]:
        return {**of, "type": [of["type"], "null"]}

    permissions = [one_ for one_ in PERMISSIONS if one_ != PUBLIC]
    properties = {
        "workspace": optional(schema(_WORKSPACE)),
        "user": optional(schema(_USER)),
        "key_id": optional(id_schema("key")),
        "session_id": optional(id_schema("session")),
        "role": {"enum": [*ROLES, None]},
        "scopes": {"type": "array", "items": {"type": "string", "enum": list(SCOPES)}},
        "permissions": {"type": "array", "items": {"type": "string", "enum": permissions}},
        "numbers": {"type": "array", "items": schema(_NUMBERS)},
        "sessions": {"type": "array", "items": schema(_SESSIONS)},
        "meta": META,
    }
    body = {"type": "object", "properties": properties, "required": list(properties)}
    summary = "Who asks, and what they may do"
    responses = {**REFUSALS, "200": found(summary, "application/json", body)}
    return described(PATH, summary, [*FRESHNESS], responses)
