"""A session is a person signed in somewhere: absent -> open -> ended, or over when it expires.

Its refresh token is of one generation; each use makes the next. A used one that comes back has been
copied, so the session ends: unless it comes at once, from another window of the same browser.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.kernel import Command, Decider, Event, PersonalText, Rejected
from domain.refusals import exists, not_found

GRACE: Final = timedelta(seconds=10)
"""So long the refresh token used last may come again; it gives the same next one."""

Ending = Literal["signed_out", "revoked", "token_reused"]


class SignedIn(Event):
    """`epoch` is the user's then: the session is good while it still is."""

    session_id: UUID
    user_id: UUID
    epoch: int
    address: PersonalText
    agent: PersonalText
    expires_at: datetime


class SessionRefreshed(Event):
    session_id: UUID
    user_id: UUID
    generation: int
    at: datetime | None = None


class SessionEnded(Event):
    session_id: UUID
    user_id: UUID
    reason: Ending


SessionEvent = SignedIn | SessionRefreshed | SessionEnded


class SignIn(Command):
    session_id: UUID
    user_id: UUID
    epoch: int
    address: str
    agent: str
    expires_at: datetime


class RefreshSession(Command):
    session_id: UUID
    generation: int


class EndSession(Command):
    session_id: UUID
    reason: Ending


SessionCommand = SignIn | RefreshSession | EndSession


class Session(msgspec.Struct, frozen=True, kw_only=True):
    begun: SignedIn | None = None
    generation: int = 0
    refreshed_at: datetime | None = None
    ended: Ending | None = None


def evolve(session: Session, event: SessionEvent) -> Session:
    """The session after that fact."""
    match event:
        case SignedIn():
            return Session(begun=event, generation=1)
        case SessionRefreshed():
            return replace(session, generation=event.generation, refreshed_at=event.at)
        case SessionEnded():
            return replace(session, ended=event.reason)
        case _:
            assert_never(event)


def decide(session: Session, command: SessionCommand, now: datetime) -> Sequence[SessionEvent]:
    """What follows from the request."""
    at, session_id = command.workspace_id, command.session_id
    if isinstance(command, SignIn):
        signed_in = SignedIn(
            workspace_id=at,
            session_id=session_id,
            user_id=command.user_id,
            epoch=command.epoch,
            address=command.address,
            agent=command.agent,
            expires_at=command.expires_at,
        )
        if session.begun not in (None, signed_in):
            raise exists("session", session_id)
        return [] if session.begun else [signed_in]
    if session.begun is None:
        raise not_found("session", session_id)
    user_id = session.begun.user_id
    match command:
        case EndSession(reason=reason):
            if session.ended:
                return []
            return [
                SessionEnded(workspace_id=at, session_id=session_id, user_id=user_id, reason=reason)
            ]
        case RefreshSession():
            return _refresh(session, session.begun, command, now)
        case _:
            assert_never(command)


def _refresh(
    session: Session, begun: SignedIn, command: RefreshSession, now: datetime
) -> Sequence[SessionEvent]:
    if session.ended or now >= begun.expires_at:
        raise Rejected("session_over", "the session has ended or expired; sign in again")
    at, session_id, user_id = command.workspace_id, command.session_id, begun.user_id
    if command.generation > session.generation:
        raise Rejected("session_over", "the session knows no such refresh token; sign in again")
    if _again(session, command, now):
        return []
    if command.generation < session.generation:
        return [
            SessionEnded(
                workspace_id=at, session_id=session_id, user_id=user_id, reason="token_reused"
            )
        ]
    return [
        SessionRefreshed(
            workspace_id=at,
            session_id=session_id,
            user_id=user_id,
            generation=session.generation + 1,
            at=now,
        )
    ]


def _again(session: Session, command: RefreshSession, now: datetime) -> bool:
    """Another window uses the token that this one has just used."""
    last = session.refreshed_at
    just = last is not None and now - last < GRACE
    return just and command.generation == session.generation - 1


session: Decider[Session, SessionCommand, SessionEvent] = Decider(
    "session", Session(), decide, evolve
)
