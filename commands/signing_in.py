"""Signing in with e-mail and password.

An e-mail nobody has costs the same time and gets the same answer as a wrong password.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final, NamedTuple
from uuid import UUID

import uuid_utils.compat as uuids
from prometheus_client import Counter
from starlette.requests import Request
from starlette.responses import Response

from commands.bodies import Body
from commands.execute import execute
from commands.handling import Desk
from commands.inviting import Address
from commands.limits import Limit, address_of, too_many
from commands.passwords import GivenPassword, Passwords
from commands.requests import body_of, metadata_by, query
from commands.seals import Numbered, Seals
from commands.staying import tokens
from commands.streams import Ask, Streams
from commands.texts import WorkspaceId
from domain.access import Problem
from domain.ids import user_id
from domain.kernel import Metadata
from domain.session import SignIn, session
from domain.sign_in_attempts import (
    FailSignIn,
    ForgiveSignInFailures,
    SignInAttempts,
    attempts_id,
    sign_in_attempts,
)
from domain.user import RehashPassword, User, user
from domain.workspace import Workspace, workspace

SESSION_FOR: Final = timedelta(days=30)
AGENT_LENGTH: Final = 200
SIGN_INS: Final = (60, 900.0)
"""So many from one address in so many seconds, whoever it says it is."""


_tried = Counter(
    "blazz_sign_ins_total",
    "Attempts to sign in: right, wrong, or too early to be looked at.",
    ["outcome"],
)


class Credentials(Body):
    workspace_id: WorkspaceId
    email: Address
    password: GivenPassword


class Who(NamedTuple):
    """Who somebody says they are, and where they come from."""

    workspace_id: UUID
    user_id: UUID
    attempts_id: UUID
    address: str
    agent: str


class Found(NamedTuple):
    """What is known of them."""

    workspace: Workspace
    user: User
    attempts: SignInAttempts


class Door:
    """Where people come in."""

    def __init__(self, desk: Desk, seals: Seals, passwords: Passwords) -> None:
        self._desk, self._seals, self._passwords = desk, seals, passwords
        self._sign_ins = Limit(*SIGN_INS)
        self._trying: dict[UUID, asyncio.Lock] = {}

    async def sign_in(self, request: Request) -> Response:
        """POST /v1/sessions."""
        query(request)
        address = address_of(request)
        self._sign_ins.take(address)
        body, _ = await body_of(request, Credentials)
        who = Who(
            body.workspace_id,
            user_id(body.workspace_id, body.email),
            attempts_id(body.workspace_id, body.email, address),
            address,
            request.headers.get("user-agent", "")[:AGENT_LENGTH],
        )
        async with self._alone(who.attempts_id):
            found = await self._desk.run(self._found, who)
            kept = found.user.password_hash if found.user.status == "active" else ""
            right = await self._passwords.right(kept, body.password)
            metadata = metadata_by(request, f"user:{who.user_id.hex}", found.workspace.time_zone)
            _tried.labels("right" if right else "wrong").inc()
            if right:
                hashed = await self._rehashed(kept, body.password)
                return await self._desk.run(self._signed_in, who, found.user, hashed, metadata)
            if found.workspace.name:
                await self._desk.run(self._failed, who, metadata)
        detail = "workspace, e-mail and password do not go together"
        raise Problem(401, "sign_in_failed", detail)

    async def _rehashed(self, kept: str, password: str) -> str:
        """The hash to keep from now on, if it is another one. Nobody is kept waiting for that."""
        if self._passwords.outdated(kept):
            with suppress(Problem):  # too many are being checked: at another sign-in
                return await self._passwords.hashed(password)
        return kept

    @asynccontextmanager
    async def _alone(self, attempts: UUID) -> AsyncIterator[None]:
        """One attempt at a time: else many at once would all be looked at as if they were the first."""
        lock = self._trying.setdefault(attempts, asyncio.Lock())
        try:
            async with lock:
                yield
        finally:
            if not lock.locked():
                self._trying.pop(attempts, None)

    def _found(self, who: Who) -> Found:
        streams = Streams(self._desk.store)
        streams.load([who.workspace_id, who.user_id, who.attempts_id])
        attempts = streams.look(sign_in_attempts, who.attempts_id, who.workspace_id)
        wait_s = attempts.wait_s(self._desk.clock())
        if wait_s:
            _tried.labels("early").inc()
            raise too_many(wait_s)
        return Found(
            streams.look(workspace, who.workspace_id, who.workspace_id),
            streams.look(user, who.user_id, who.workspace_id),
            attempts,
        )

    def _failed(self, who: Who, metadata: Metadata) -> None:
        command = FailSignIn(
            workspace_id=who.workspace_id, user_id=who.user_id, address=who.address
        )
        ask = Ask(sign_in_attempts, who.attempts_id, command)
        execute(self._desk.store, [ask], metadata, self._desk.clock())

    def _signed_in(self, who: Who, person: User, hashed: str, metadata: Metadata) -> Response:
        id_, now = uuids.uuid7(), self._desk.clock()
        signed_in = SignIn(
            workspace_id=who.workspace_id,
            session_id=id_,
            user_id=who.user_id,
            epoch=person.epoch,
            address=who.address,
            agent=who.agent,
            expires_at=now + SESSION_FOR,
        )
        forgiven = ForgiveSignInFailures(workspace_id=who.workspace_id, user_id=who.user_id)
        asks = [
            Ask(session, id_, signed_in),
            Ask(sign_in_attempts, who.attempts_id, forgiven),
        ]
        if hashed != person.password_hash:
            rehash = RehashPassword(
                workspace_id=who.workspace_id,
                user_id=who.user_id,
                was=person.password_hash,
                password_hash=hashed,
            )
            asks.append(Ask(user, who.user_id, rehash))
        done = execute(self._desk.store, asks, metadata, now)
        first = Numbered(who.workspace_id, id_, 1)
        return tokens(self._seals, first, who.user_id, person.role, done, now)
