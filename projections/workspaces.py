"""Workspaces and their API keys, as screens and the sign-in of keys need them."""

from typing import Any

from sqlalchemy import Column, Index, Integer

from domain.kernel import Event, Recorded
from domain.workspace import (
    ApiKeyIssued,
    ApiKeyRevoked,
    WorkspaceCreated,
    WorkspaceHoursSet,
    WorkspaceQuietHoursSet,
    WorkspaceRenamed,
    WorkspaceTimeZoneSet,
)
from projections.columns import canonical, instant, key, long_text, number, read_model, text
from projections.projection import Projection
from projections.rows import Row, put

workspaces = read_model(
    "workspaces",
    key("workspace_id"),
    text("name"),
    text("time_zone", 64),
    text("country", 16),
    text("language", 35),
    Column("quiet_start", Integer),
    Column("quiet_end", Integer),
    long_text("working_hours"),
    instant("created_at"),
    number("version"),
)

api_keys = read_model(
    "api_keys",
    key("workspace_id"),
    key("key_id"),
    text("name"),
    text("secret_hash", 64),
    long_text("scopes"),
    instant("expires_at"),
    instant("revoked_at"),
    instant("created_at"),
    # A key is looked up before its workspace is known.
    Index("ix_api_keys_secret_hash", "secret_hash"),
)

projection = Projection("workspaces", workspaces, api_keys)


def _workspace(event: Event, recorded: Recorded, **columns: Any) -> Row:
    return put(workspaces, workspace_id=event.workspace_id, version=recorded.version, **columns)


@projection.on
def created(event: WorkspaceCreated, recorded: Recorded) -> Row:
    return _workspace(
        event,
        recorded,
        name=event.name,
        time_zone=event.time_zone,
        country=event.country,
        language=event.language,
        created_at=recorded.recorded_at,
    )


@projection.on
def renamed(event: WorkspaceRenamed, recorded: Recorded) -> Row:
    return _workspace(event, recorded, name=event.name)


@projection.on
def moved(event: WorkspaceTimeZoneSet, recorded: Recorded) -> Row:
    return _workspace(event, recorded, time_zone=event.time_zone)


@projection.on
def quiet_hours_set(event: WorkspaceQuietHoursSet, recorded: Recorded) -> Row:
    return _workspace(event, recorded, quiet_start=event.start_minute, quiet_end=event.end_minute)


@projection.on
def working_hours_set(event: WorkspaceHoursSet, recorded: Recorded) -> Row:
    names = ("day", "start_minute", "end_minute")
    spans = [dict(zip(names, span, strict=True)) for span in event.weekly]
    return _workspace(event, recorded, working_hours=canonical(spans))


@projection.on
def key_issued(event: ApiKeyIssued, recorded: Recorded) -> list[Row]:
    return [
        _workspace(event, recorded),
        put(
            api_keys,
            workspace_id=event.workspace_id,
            key_id=event.key_id,
            name=event.name,
            secret_hash=event.secret_hash,
            scopes=canonical(event.scopes),
            expires_at=event.expires_at,
            created_at=recorded.recorded_at,
        ),
    ]


@projection.on
def key_revoked(event: ApiKeyRevoked, recorded: Recorded) -> list[Row]:
    return [
        _workspace(event, recorded),
        put(
            api_keys,
            workspace_id=event.workspace_id,
            key_id=event.key_id,
            revoked_at=recorded.recorded_at,
        ),
    ]
