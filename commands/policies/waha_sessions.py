"""Looks after the sessions of WAHA numbers: does what people ask of them, asks how they stand in
case a report was lost, and fetches the code to scan while one is waited for.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Engine, exists, or_, select

from commands.execute import Ask, execute_many
from commands.policies.ports import Refused, Unknown
from commands.policies.session_ports import SessionInfo, Sessions
from commands.policies.zones import Zones
from commands.store import EventStore
from domain.account import AccountCommand, AnswerSession, ReportSession, ShowQr, account
from projections.provider_sessions import provider_sessions

CALM_S, EAGER_S, LONGEST_S = 30.0, 1.0, 60.0
"""How often a session is asked for: one that is on its way somewhere, more often."""
ON_ITS_WAY: Final = frozenset({"connecting", "scan_qr"})
QR_LIVES: Final = timedelta(seconds=20)
MOST: Final = 20
_WATCHED: Final = or_(provider_sessions.c.watched == 1, provider_sessions.c.asked != "")

log = logging.getLogger("blazz.policies")


class Found(NamedTuple):
    """What the provider said of one session."""

    carried_out: Refused | Unknown | None
    info: SessionInfo | Refused | Unknown | None
    qr: str | Refused | Unknown | None


class WahaSessionsPolicy:
    """`connect` gives the provider for the event loop it is entered in."""

    name: Final = "waha_sessions"
    pending = exists().where(_WATCHED)

    def __init__(
        self,
        store: EventStore,
        read: Engine,
        zones: Zones,
        connect: Callable[[], AbstractAsyncContextManager[Sessions]],
    ) -> None:
        self._store, self._read, self._zones, self._connect = store, read, zones, connect
        self._again: dict[tuple[UUID, int], tuple[float, float]] = {}
        """When a session (and what was asked of it) is turned to next, and how long was waited."""

    def step(self, now: datetime) -> int:
        """How many sessions something new was learnt of, or done with."""
        rows = self._due()
        if not rows:
            return 0
        done = 0
        for row, found in zip(rows, asyncio.run(self._turn_to(rows, now)), strict=True):
            commands = _commands(row, found, now)
            self._plan(row, found, bool(commands))
            asks = [Ask(account, row.account_id, command) for command in commands]
            metadata = self._zones.metadata(row.workspace_id, self.name)
            results = execute_many(
                self._store, [[ask] for ask in asks], [metadata] * len(asks), now
            )
            done += any(getattr(result, "events", ()) for result in results)
        return done

    def _due(self) -> list[Any]:
        statement = select(provider_sessions).where(_WATCHED)
        with self._read.connect() as connection:
            rows = connection.execute(statement).all()
        keys = {_key(row) for row in rows}
        self._again = {key: at for key, at in self._again.items() if key in keys}
        clock = time.monotonic()
        return [row for row in rows if self._again.get(_key(row), (0.0, 0.0))[0] <= clock][:MOST]

    async def _turn_to(self, rows: Sequence[Any], now: datetime) -> list[Found]:
        async with self._connect() as provider:
            return list(await asyncio.gather(*(_one(provider, row, now) for row in rows)))

    def _plan(self, row: Any, found: Found, learnt: bool) -> None:
        failed = [part for part in found if isinstance(part, Refused | Unknown)]
        _, waited = self._again.get(_key(row), (0.0, 0.0))
        if failed and not learnt:
            wait_s = min(max(waited * 2, EAGER_S), LONGEST_S)
            log.warning("session %s, again in %g s: %s", row.session, wait_s, failed[0].reason)
        else:
            eager = row.asked or row.status in ON_ITS_WAY
            wait_s = EAGER_S if eager else CALM_S
        self._again[_key(row)] = (time.monotonic() + wait_s, wait_s)


def _key(row: Any) -> tuple[UUID, int]:
    """A new ask does not wait for what an old one has to wait for; nor does a new state."""
    return row.account_id, row.version


async def _one(provider: Sessions, row: Any, now: datetime) -> Found:
    carried_out = None
    if row.asked:
        carried_out = await provider.carry_out(row.session, row.asked)
        if carried_out is not None:
            return Found(carried_out, None, None)
    if not row.watched:
        return Found(carried_out, None, None)
    info = await provider.session(row.session)
    waits = isinstance(info, SessionInfo) and info.status == row.status == "scan_qr"
    qr = None
    if waits and (row.qr_expires_at is None or row.qr_expires_at <= now):
        qr = await provider.qr(row.session)
    return Found(carried_out, info, qr)


def _commands(row: Any, found: Found, now: datetime) -> list[AccountCommand]:
    """Nothing for what may be otherwise the next time."""
    about = {"workspace_id": row.workspace_id, "account_id": row.account_id}
    commands: list[AccountCommand] = []
    match found.carried_out:
        case None if row.asked:
            commands.append(AnswerSession(**about, ask=row.ask, taken=True))
        case Refused(error_class="M" | "P" | "A", code=code, reason=reason):
            refused = f"{code}: {reason}"
            commands.append(AnswerSession(**about, ask=row.ask, taken=False, reason=refused))
    if isinstance(found.info, SessionInfo):
        status, reason = found.info
        commands.append(ReportSession(**about, status=status, reason=reason))
    if isinstance(found.qr, str):
        commands.append(ShowQr(**about, qr=found.qr, expires_at=now + QR_LIVES))
    return commands
