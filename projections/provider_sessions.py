"""The sessions through which WAHA numbers are reached: how each stands, and what is asked of it."""

from typing import Any

from sqlalchemy import Index

from domain.account import (
    NumberConnected,
    NumberDisconnected,
    SessionAnswered,
    SessionAsked,
    SessionChanged,
    SessionQrShown,
)
from domain.kernel import Recorded
from projections.columns import instant, key, long_text, number, read_model, text
from projections.projection import Projection
from projections.rows import Row, put

provider_sessions = read_model(
    "provider_sessions",
    key("workspace_id"),
    key("account_id"),
    text("session", 64),
    # Whether the number is connected: then its session is looked after.
    number("watched"),
    text("status", 16),
    long_text("reason"),
    # What the provider has not answered yet; empty if there is nothing.
    text("asked", 16),
    number("ask"),
    instant("changed_at"),
    long_text("qr"),
    instant("qr_expires_at"),
    number("version"),
    Index("ix_provider_sessions_work", "watched", "asked"),
)

projection = Projection("provider_sessions", provider_sessions)

Event = (
    NumberConnected
    | NumberDisconnected
    | SessionAsked
    | SessionAnswered
    | SessionChanged
    | SessionQrShown
)


def _session(event: Event, recorded: Recorded, **columns: Any) -> Row:
    return put(
        provider_sessions,
        workspace_id=event.workspace_id,
        account_id=event.account_id,
        version=recorded.version,
        **columns,
    )


@projection.on
def connected(event: NumberConnected, recorded: Recorded) -> list[Row]:
    if event.provider != "waha":
        return []
    begun = {"status": "stopped"} if recorded.version == 1 else {}
    return [_session(event, recorded, session=event.phone_number_id, watched=1, **begun)]


@projection.on
def disconnected(event: NumberDisconnected, recorded: Recorded) -> list[Row]:
    if event.provider != "waha":
        return []
    return [_session(event, recorded, watched=0)]


@projection.on
def asked(event: SessionAsked, recorded: Recorded) -> Row:
    return _session(event, recorded, asked=event.action, ask=event.ask, reason=None)


@projection.on
def answered(event: SessionAnswered, recorded: Recorded) -> Row:
    """Only the last ask is ever answered, so nothing is asked any more."""
    return _session(event, recorded, asked="", reason=event.reason or None)


@projection.on
def changed(event: SessionChanged, recorded: Recorded) -> Row:
    """A code is for the session as it was."""
    return _session(
        event,
        recorded,
        status=event.status,
        reason=event.reason or None,
        changed_at=event.at or recorded.recorded_at,
        qr=None,
        qr_expires_at=None,
    )


@projection.on
def qr_shown(event: SessionQrShown, recorded: Recorded) -> Row:
    return _session(event, recorded, qr=event.qr, qr_expires_at=event.expires_at)
