"""Staying signed in: a short-lived access token, and a refresh token that is good for one use."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from commands.bodies import Body
from commands.execute import Done, execute
from commands.handling import Desk, accepted
from commands.limits import Limit, address_of
from commands.requests import body_of, metadata_by, query
from commands.seals import Access, Numbered, Seals, Token
from commands.streams import Ask, Streams
from domain.access import Problem, Role
from domain.ids import show
from domain.kernel import Rejected
from domain.session import RefreshSession, SessionEnded, session
from domain.user import User, user
from domain.workspace import workspace

ACCESS_FOR: Final = timedelta(minutes=15)
REFRESHES: Final = (60, 60.0)
"""So many from one address in so many seconds."""


class Refresh(Body):
    refresh_token: Token


class Renewal:
    """Where refresh tokens are exchanged."""

    def __init__(self, desk: Desk, seals: Seals) -> None:
        self._desk, self._seals = desk, seals
        self._refreshes = Limit(*REFRESHES)

    async def refresh(self, request: Request) -> Response:
        """POST /v1/sessions/refresh."""
        query(request)
        self._refreshes.take(address_of(request))
        body, _ = await body_of(request, Refresh)
        token = self._seals.numbered_in("refresh", body.refresh_token)
        if token is None:
            raise _over()
        return await self._desk.run(self._refreshed, token, request)

    def _refreshed(self, token: Numbered, request: Request) -> Response:
        streams, at = Streams(self._desk.store), token.workspace_id
        begun = streams.look(session, token.id, at).begun
        if begun is None:
            raise _over()
        person: User = streams.look(user, begun.user_id, at)
        if person.status != "active" or person.epoch != begun.epoch:
            raise _over()
        zone = streams.look(workspace, at, at).time_zone
        metadata = metadata_by(request, f"user:{begun.user_id.hex}", zone)
        command = RefreshSession(workspace_id=at, session_id=token.id, generation=token.number)
        try:
            done = execute(
                self._desk.store,
                [Ask(session, token.id, command)],
                metadata,
                self._desk.clock(),
                streams=streams,
            )
        except Rejected:
            raise _over() from None
        if any(isinstance(event, SessionEnded) for event in done.events):
            detail = "this refresh token was used before, so its session has been ended; sign in"
            raise Problem(401, "refresh_token_reused", detail)
        generation = streams.look(session, token.id, at).generation
        following = token._replace(number=generation)
        return tokens(self._seals, following, begun.user_id, person.role, done, self._desk.clock())


def tokens(
    seals: Seals, refresh: Numbered, user_id: UUID, role: Role, done: Done, now: datetime
) -> Response:
    """The answer to who has signed in, or goes on being so."""
    at, session_id, _ = refresh
    access = Access(at, user_id, session_id, role, now, now + ACCESS_FOR)
    return accepted(
        200,
        show("session", session_id),
        done.version,
        done.position,
        "",
        user_id=show("user", user_id),
        role=role,
        token_type="Bearer",  # noqa: S106 - a kind, not a token
        access_token=seals.access(access),
        expires_in=int(ACCESS_FOR.total_seconds()),
        refresh_token=seals.numbered("refresh", refresh),
    )


def _over() -> Problem:
    return Problem(401, "session_over", "the session has ended or is not known; sign in again")
