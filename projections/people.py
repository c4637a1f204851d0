"""Users of a workspace, the numbers shared with them, their sessions, and their failed sign-ins."""

from typing import Any

from sqlalchemy import Index

from domain.kernel import Recorded
from domain.session import SessionEnded, SessionRefreshed, SignedIn
from domain.sign_in_attempts import SignInFailed, SignInFailuresForgiven
from domain.user import (
    NumberShared,
    NumberUnshared,
    UserEvent,
    UserInvited,
    UserJoined,
    UserPasswordChanged,
    UserPasswordRehashed,
    UserRemoved,
    UserRestored,
    UserRoleChanged,
)
from projections.columns import instant, key, link, number, read_model, text
from projections.projection import Projection
from projections.rows import Row, add, drop, put

users = read_model(
    "users",
    key("workspace_id"),
    key("user_id"),
    text("email", 254),
    text("name"),
    text("role", 16),
    text("status", 16),
    number("epoch"),
    instant("invited_at"),
    instant("invited_until"),
    instant("joined_at"),
    instant("removed_at"),
    number("version"),
)

number_shares = read_model(
    "number_shares",
    key("workspace_id"),
    key("user_id"),
    key("account_id"),
    instant("shared_at"),
    Index("ix_number_shares_account", "workspace_id", "account_id", "user_id"),
)

sessions = read_model(
    "sessions",
    key("workspace_id"),
    key("session_id"),
    link("user_id"),
    number("epoch"),
    text("address", 64),
    text("agent"),
    instant("signed_in_at"),
    instant("refreshed_at"),
    instant("expires_at"),
    instant("ended_at"),
    text("reason", 16),
    number("version"),
    Index("ix_sessions_user", "workspace_id", "user_id", "session_id"),
)

failed_sign_ins = read_model(
    "failed_sign_ins",
    key("workspace_id"),
    key("user_id"),
    number("failures"),
    instant("failed_at"),
    instant("forgiven_at"),
)

projection = Projection("people", users, number_shares, sessions, failed_sign_ins)


def _user(event: UserEvent, recorded: Recorded, **columns: Any) -> Row:
    about = {"workspace_id": event.workspace_id, "user_id": event.user_id}
    return put(users, **about, version=recorded.version, **columns)


def _session(
    event: SignedIn | SessionRefreshed | SessionEnded, at: Recorded, **columns: Any
) -> Row:
    about = {"workspace_id": event.workspace_id, "session_id": event.session_id}
    return put(sessions, **about, user_id=event.user_id, version=at.version, **columns)


@projection.on
def invited(event: UserInvited, recorded: Recorded) -> Row:
    return _user(
        event,
        recorded,
        email=event.email,
        role=event.role,
        status="invited",
        invited_at=recorded.recorded_at,
        invited_until=event.expires_at,
    )


@projection.on
def joined(event: UserJoined, recorded: Recorded) -> Row:
    return _user(
        event,
        recorded,
        name=event.name,
        role=event.role,
        status="active",
        joined_at=recorded.recorded_at,
    )


@projection.on
def role_changed(event: UserRoleChanged, recorded: Recorded) -> Row:
    return _user(event, recorded, role=event.role)


@projection.on
def removed(event: UserRemoved, recorded: Recorded) -> Row:
    at = recorded.recorded_at
    return _user(event, recorded, status="removed", epoch=event.epoch, removed_at=at)


@projection.on
def restored(event: UserRestored, recorded: Recorded) -> Row:
    return _user(event, recorded, status=event.status, removed_at=None)


@projection.on
def password_changed(event: UserPasswordChanged, recorded: Recorded) -> Row:
    return _user(event, recorded, epoch=event.epoch)


@projection.on
def password_rehashed(event: UserPasswordRehashed, recorded: Recorded) -> Row:
    return _user(event, recorded)


@projection.on
def shared(event: NumberShared, recorded: Recorded) -> list[Row]:
    return [_user(event, recorded), put(number_shares, **_share(event, recorded))]


@projection.on
def unshared(event: NumberUnshared, recorded: Recorded) -> list[Row]:
    return [_user(event, recorded), drop(number_shares, **_share(event, recorded))]


def _share(event: NumberShared | NumberUnshared, recorded: Recorded) -> dict[str, Any]:
    return {
        "workspace_id": event.workspace_id,
        "user_id": event.user_id,
        "account_id": event.account_id,
        "shared_at": recorded.recorded_at,
    }


@projection.on
def signed_in(event: SignedIn, recorded: Recorded) -> Row:
    return _session(
        event,
        recorded,
        epoch=event.epoch,
        address=event.address,
        agent=event.agent,
        signed_in_at=recorded.recorded_at,
        expires_at=event.expires_at,
    )


@projection.on
def refreshed(event: SessionRefreshed, recorded: Recorded) -> Row:
    return _session(event, recorded, refreshed_at=recorded.recorded_at)


@projection.on
def ended(event: SessionEnded, recorded: Recorded) -> Row:
    return _session(event, recorded, ended_at=recorded.recorded_at, reason=event.reason)


@projection.on
def failed(event: SignInFailed, recorded: Recorded) -> list[Row]:
    about = {"workspace_id": event.workspace_id, "user_id": event.user_id}
    return [
        add(failed_sign_ins, **about, failures=1),
        put(failed_sign_ins, **about, failed_at=recorded.recorded_at),
    ]


@projection.on
def forgiven(event: SignInFailuresForgiven, recorded: Recorded) -> Row:
    about = {"workspace_id": event.workspace_id, "user_id": event.user_id}
    return put(failed_sign_ins, **about, forgiven_at=recorded.recorded_at)
