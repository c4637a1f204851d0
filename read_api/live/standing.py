"""What whoever listens may see now: asked when a stream begins, whenever something about rights has
happened in the workspace, and now and then.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec.structs import replace
from sqlalchemy import bindparam, select

from domain.access import ROLES, Principal, Problem, permissions_of
from projections.people import number_shares, sessions, users
from projections.workspaces import api_keys
from read_api.live.room import Listener
from read_api.live.topics import Topics, View, insist
from read_api.query import in_workspace
from read_api.source import Source

AT_ONCE: Final = 4
"""Look-ups under way for all streams together, so that others find a connection free."""

_key: Final = select(api_keys.c.scopes, api_keys.c.expires_at).where(
    in_workspace(api_keys),
    api_keys.c.key_id == bindparam("key_id"),
    api_keys.c.revoked_at.is_(None),
)
_session: Final = (
    select(
        sessions.c.ended_at,
        sessions.c.expires_at,
        sessions.c.epoch.label("begun_in"),
        users.c.epoch,
        users.c.status,
        users.c.role,
    )
    .join(
        users,
        (users.c.workspace_id == sessions.c.workspace_id) & (users.c.user_id == sessions.c.user_id),
    )
    .where(in_workspace(sessions), sessions.c.session_id == bindparam("session_id"))
)
_shares: Final = select(number_shares.c.account_id).where(
    in_workspace(number_shares), number_shares.c.user_id == bindparam("user_id")
)
_scopes: Final = msgspec.json.Decoder(tuple[str, ...])


class Standing:
    """Asks the read models."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._key, self._session = source.prepare(_key), source.prepare(_session)
        self._shares = source.prepare(_shares)
        self._room = asyncio.Semaphore(AT_ONCE)

    async def view(self, principal: Principal, topics: Topics) -> View | None:
        """What they see of these topics; None if they may not listen any more. Problem 403 if
        they may not see one of the topics.
        """
        async with self._room:
            now = await self._now(principal)
            if now is None:
                return None
            insist(topics.needed, now)
            accounts = await self._accounts(now) if now.only_shared else None
            return View(now, topics, accounts)

    async def recheck(self, listeners: Sequence[Listener]) -> None:
        """Each goes on with what it may see now, or is cut."""
        for listener in listeners:
            try:
                view = await self.view(listener.view.principal, listener.view.topics)
            except Problem:
                view = None
            if view is None:
                listener.cut("access")
            else:
                listener.view = view

    async def _now(self, principal: Principal) -> Principal | None:
        if principal.session_id is not None:
            return await self._person(principal)
        found = await self._row(self._key, principal, key_id=principal.key_id)
        if found is None or _past(found[1]):
            return None
        scopes = _scopes.decode(found[0] or "[]")
        if scopes == principal.scopes:
            return principal
        return replace(principal, scopes=scopes, permissions=permissions_of(scopes))

    async def _person(self, principal: Principal) -> Principal | None:
        """One whose session the read models do not know yet has only just signed in."""
        found = await self._row(self._session, principal, session_id=principal.session_id)
        if found is None:
            return principal
        ended_at, expires_at, begun_in, epoch, status, role = found
        if ended_at is not None or _past(expires_at) or (begun_in, "active") != (epoch, status):
            return None
        if role == principal.role:
            return principal
        return replace(principal, role=role, permissions=ROLES.get(role, frozenset()))

    async def _row(
        self, statement: Any, principal: Principal, **binds: Any
    ) -> Sequence[Any] | None:
        binds["workspace_id"] = principal.workspace_id
        (found,) = await self._source.ask((statement, binds))
        return found[0] if found else None

    async def _accounts(self, principal: Principal) -> frozenset[UUID]:
        binds = {"workspace_id": principal.workspace_id, "user_id": principal.user_id}
        (found,) = await self._source.ask((self._shares, binds))
        return frozenset(UUID(bytes=account_id) for (account_id,) in found)


def _past(instant: datetime | None) -> bool:
    return instant is not None and instant.replace(tzinfo=UTC) <= datetime.now(UTC)
