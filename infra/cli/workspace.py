"""Workspaces and their keys, made by an operator; a key is shown once and never stored."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from sqlalchemy import Engine, select
from uuid_utils.compat import uuid7

from commands.execute import Ask, execute
from commands.store import EventStore
from domain import workspace as ws
from domain.access import SCOPES
from domain.ids import name_id, parse
from domain.kernel import Metadata, Rejected
from infra.keys import new_key
from projections.workspaces import workspaces

INSTALLATION = UUID(int=0)
OPERATOR = Metadata(actor="operator")
_QUIET_HOURS: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


def workspace_id(name: str) -> UUID:
    """A workspace's name is unique in an installation: its id is derived from the first one."""
    return name_id(INSTALLATION, "workspace", name.strip().casefold())


def find(store: EventStore, read: Engine, name: str) -> UUID:
    """The workspace of that name or shown id. Rejected if there is none, or it is not the only one.

    The store is asked first, as the read models may not know yet what was just made; one that was
    renamed is found by the read models.
    """
    wanted, derived = name.strip().casefold(), workspace_id(name)
    try:
        shown: UUID | None = parse("workspace", name.strip())
    except ValueError:
        shown = None
    first = shown or derived
    state = ws.workspace.fold([one.event for one in store.load([first])[first]])
    if state.name and (shown or state.name.strip().casefold() == wanted):
        return first
    with read.connect() as connection:
        rows = connection.execute(select(workspaces.c.workspace_id, workspaces.c.name)).all()
    found = [id_ for id_, called in rows if (called or "").strip().casefold() == wanted]
    if len(found) == 1:
        return UUID(str(found[0]))
    how = "several workspaces are" if found else "no workspace is"
    raise Rejected("not_found", f"{how} named {name!r}; `blazz workspace list` shows them")


def create(store: EventStore, name: str, time_zone: str, country: str, language: str) -> UUID:
    """The new workspace's id. Rejected if the zone or country is none, or the name is taken."""
    _check_zone(time_zone)
    if country not in phonenumbers.SUPPORTED_REGIONS:
        raise Rejected("unknown_country", f"no country {country!r}; give two letters like ID or DE")
    id_ = workspace_id(name)
    command = ws.CreateWorkspace(
        workspace_id=id_,
        name=name.strip(),
        time_zone=time_zone,
        country=country,
        language=language,
    )
    execute(store, [Ask(ws.workspace, id_, command)], OPERATOR, datetime.now(UTC))
    return id_


def change(
    store: EventStore, id_: UUID, name: str | None, time_zone: str | None, quiet_hours: str | None
) -> None:
    """What is given becomes so, all of it or nothing; Rejected if one is not possible."""
    commands: list[ws.WorkspaceCommand] = []
    if name is not None:
        commands.append(ws.RenameWorkspace(workspace_id=id_, name=name.strip()))
    if time_zone is not None:
        _check_zone(time_zone)
        commands.append(ws.SetTimeZone(workspace_id=id_, time_zone=time_zone))
    if quiet_hours is not None:
        start, end = _minutes(quiet_hours)
        commands.append(ws.SetQuietHours(workspace_id=id_, start_minute=start, end_minute=end))
    asks = [Ask(ws.workspace, id_, command) for command in commands]
    if asks:
        execute(store, asks, OPERATOR, datetime.now(UTC))


def check_scopes(scopes: tuple[str, ...]) -> None:
    """Rejected if one of them is none."""
    unknown = set(scopes) - set(SCOPES)
    if unknown:
        raise Rejected(
            "unknown_scope", f"no scope {', '.join(sorted(unknown))}; known: {', '.join(SCOPES)}"
        )


def issue_key(
    store: EventStore,
    name: str,
    scopes: tuple[str, ...],
    label: str,
    *,
    id_: UUID | None = None,
    days: int | None = None,
) -> str:
    """A new key for the workspace of that name, or `id_`; it expires after so many days, if given.

    Rejected if there is no such workspace, or a scope is none.
    """
    check_scopes(scopes)
    shown, secret_hash = new_key()
    id_, now = id_ or workspace_id(name), datetime.now(UTC)
    command = ws.IssueApiKey(
        workspace_id=id_,
        key_id=uuid7(),
        name=label,
        secret_hash=secret_hash,
        scopes=scopes,
        expires_at=None if days is None else now + timedelta(days=days),
    )
    execute(store, [Ask(ws.workspace, id_, command)], OPERATOR, now)
    return shown


def revoke_key(store: EventStore, id_: UUID, shown_key: str) -> None:
    """The key opens nothing any more. Rejected if the workspace has no such key."""
    try:
        key_id = parse("key", shown_key)
    except ValueError as error:
        raise Rejected("not_found", f"{error}; `blazz workspace keys` shows them") from None
    command = ws.RevokeApiKey(workspace_id=id_, key_id=key_id)
    execute(store, [Ask(ws.workspace, id_, command)], OPERATOR, datetime.now(UTC))


def _check_zone(time_zone: str) -> None:
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Rejected(
            "unknown_time_zone", f"no time zone {time_zone!r}; give an IANA name like Asia/Jakarta"
        ) from None


def _minutes(quiet_hours: str) -> tuple[int | None, int | None]:
    if quiet_hours == "off":
        return None, None
    found = _QUIET_HOURS.fullmatch(quiet_hours)
    if found is None:
        raise Rejected(
            "invalid_quiet_hours",
            f"quiet hours are like 21:00-08:00, or off; these are {quiet_hours!r}",
        )
    hour, minute, last_hour, last_minute = map(int, found.groups())
    return hour * 60 + minute, last_hour * 60 + last_minute
