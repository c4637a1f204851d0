"""Who stands behind an access token: a person whose session goes on, in the role they have now."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import and_, bindparam, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from commands.seals import ACCESS, Access, Seals
from commands.store import StoreUnavailable
from domain.access import ROLES, Principal
from infra.keys import KeyRing
from infra.lookups import Lookups
from projections.people import sessions, users
from projections.workspaces import workspaces
from read_api.source import source

NEW_FOR: Final = timedelta(seconds=10)
"""So long a token may be ahead of the read models: its session need not be known there yet."""


class _Standing(NamedTuple):
    """What the read models say of a session; `good` is None where they do not know it."""

    good: bool | None
    role: str = ""
    time_zone: str = "UTC"
    country: str = "ID"


class Sessions:
    """Sessions as the read database has them."""

    def __init__(
        self,
        engine: AsyncEngine,
        seals: Seals,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._source, self._seals, self._clock = source(engine), seals, clock
        self._asked = self._source.prepare(_LOOK_UP)
        self._lookups = Lookups(self._looked_up)

    async def authenticate(self, shown: str) -> Principal | None:
        """The person; None if the token is not ours or has expired, or its session has ended.

        Raises StoreUnavailable.
        """
        access = self._seals.access_in(shown)
        now = self._clock()
        if access is None or now >= access.expires_at:
            return None
        name = access.workspace_id.hex + access.session_id.hex
        standing = self._lookups.known(name) or await self._lookups.find(name)
        if standing.good is None and now < access.issued_at + NEW_FOR:
            return _principal(access, _Standing(True, access.role))
        return _principal(access, standing) if standing.good else None

    async def _looked_up(self, name: str) -> _Standing:
        binds = {"workspace_id": UUID(hex=name[:32]), "session_id": UUID(hex=name[32:])}
        try:
            (rows,) = await self._source.ask((self._asked, binds))
        except (SQLAlchemyError, OSError) as error:
            raise StoreUnavailable("sessions cannot be looked up") from error
        if not rows:
            return _Standing(None)
        ended_at, begun_in, expires_at, role, status, epoch, time_zone, country = rows[0]
        good = (
            ended_at is None
            and status == "active"
            and epoch == begun_in
            and expires_at.replace(tzinfo=UTC) > self._clock()
        )
        return _Standing(good, role, time_zone or "UTC", country or "ID")


def _principal(access: Access, standing: _Standing) -> Principal:
    return Principal(
        workspace_id=access.workspace_id,
        user_id=access.user_id,
        session_id=access.session_id,
        role=standing.role,
        permissions=ROLES.get(standing.role, frozenset()),  # type: ignore[call-overload]
        time_zone=standing.time_zone,
        country=standing.country,
    )


class Credentials:
    """Keys and access tokens, told apart by how they begin."""

    def __init__(self, keys: KeyRing, sessions_: Sessions) -> None:
        self._keys, self._sessions = keys, sessions_

    async def authenticate(self, shown: str) -> Principal | None:
        """Who asks, or None. Raises StoreUnavailable."""
        if shown.startswith(ACCESS):
            return await self._sessions.authenticate(shown)
        return await self._keys.authenticate(shown)


_LOOK_UP: Final = (
    select(
        sessions.c.ended_at,
        sessions.c.epoch.label("begun_in"),
        sessions.c.expires_at,
        users.c.role,
        users.c.status,
        users.c.epoch,
        workspaces.c.time_zone,
        workspaces.c.country,
    )
    .join(
        users,
        and_(
            users.c.workspace_id == sessions.c.workspace_id,
            users.c.user_id == sessions.c.user_id,
        ),
    )
    .outerjoin(workspaces, workspaces.c.workspace_id == sessions.c.workspace_id)
    .where(
        sessions.c.workspace_id == bindparam("workspace_id"),
        sessions.c.session_id == bindparam("session_id"),
    )
)
