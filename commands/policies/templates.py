"""Hands new templates to the provider for review. Asking twice registers once."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Engine, and_, select

from commands.execute import Ask, execute_many
from commands.policies.ports import Provider, Refused, Registered, Submission, Unknown
from commands.policies.zones import Zones
from commands.store import EventStore
from domain.template import ApproveTemplate, RegisterTemplate, RejectTemplate, template
from projections.accounts import accounts
from projections.templates import template_submissions, templates

MOST: Final = 20
FIRST_RETRY_S: Final = 2.0
LONGEST_RETRY_S: Final = 300.0
SETTLE_S: Final = 2.0
"""What was answered may still stand in the work table for a moment."""

Answer = Registered | Refused | Unknown

log = logging.getLogger("blazz.policies")


class TemplatesPolicy:
    """`connect` gives a provider for the event loop it is entered in."""

    name: Final = "templates"
    pending = select(template_submissions.c.template_id).exists()

    def __init__(
        self,
        store: EventStore,
        read: Engine,
        zones: Zones,
        connect: Callable[[], AbstractAsyncContextManager[Provider]],
    ) -> None:
        self._store, self._read, self._zones, self._connect = store, read, zones, connect
        self._not_before: dict[UUID, tuple[float, float]] = {}
        """Template -> when it may be asked again, and how long was waited for that."""

    def step(self, now: datetime) -> int:
        """How many templates the provider has answered for."""
        rows = self._due()
        if not rows:
            return 0
        answered = 0
        for row, answer in zip(rows, asyncio.run(self._submit(rows)), strict=True):
            commands = _commands(row, answer)
            if commands:
                asks = [Ask(template, row.template_id, command) for command in commands]
                metadata = self._zones.metadata(row.workspace_id, self.name)
                execute_many(self._store, [asks], metadata, now)
                answered += 1
            self._again(row.template_id, answer, bool(commands))
        return answered

    def _due(self) -> list[Any]:
        s, t, a = template_submissions.c, templates.c, accounts.c
        of_template = and_(t.workspace_id == s.workspace_id, t.template_id == s.template_id)
        of_account = and_(a.workspace_id == s.workspace_id, a.account_id == s.account_id)
        statement = (
            select(templates, a.waba_id, a.provider)
            .select_from(
                template_submissions.join(templates, of_template).join(accounts, of_account)
            )
            .where(a.status != "disconnected")
            .order_by(s.submitted_at)
        )
        with self._read.connect() as connection:
            rows = connection.execute(statement).all()
        now, present = time.monotonic(), {row.template_id for row in rows}
        self._not_before = {i: at for i, at in self._not_before.items() if i in present}
        return [r for r in rows if self._not_before.get(r.template_id, (0.0, 0.0))[0] <= now][:MOST]

    async def _submit(self, rows: Sequence[Any]) -> list[Answer]:
        async with self._connect() as provider:
            asked = (provider.submit_template(_submission(row)) for row in rows)
            return list(await asyncio.gather(*asked))

    def _again(self, template_id: UUID, answer: Answer, answered: bool) -> None:
        now = time.monotonic()
        if answered:
            self._not_before[template_id] = (now + SETTLE_S, 0.0)
            return
        _, waited = self._not_before.get(template_id, (0.0, 0.0))
        wait_s = min(max(waited * 2, FIRST_RETRY_S), LONGEST_RETRY_S)
        self._not_before[template_id] = (now + wait_s, wait_s)
        log.warning("template %s is not handed in, again in %g s: %s", template_id, wait_s, answer)


def _submission(row: Any) -> Submission:
    buttons = msgspec.json.decode(row.buttons, type=list[str]) if row.buttons else []
    return Submission(
        row.waba_id,
        row.name,
        row.language,
        row.category,
        row.body or "",
        row.header_kind,
        row.header,
        row.footer,
        buttons,
        row.provider,
    )


def _commands(
    row: Any, answer: Answer
) -> list[RegisterTemplate | ApproveTemplate | RejectTemplate]:
    """Nothing for what may be otherwise the next time."""
    about = {"workspace_id": row.workspace_id, "template_id": row.template_id}
    match answer:
        case Registered(provider_template_id=id_, status=status, reason=reason):
            register = RegisterTemplate(**about, provider_template_id=id_)
            if status == "APPROVED":
                return [register, ApproveTemplate(**about)]
            if status == "REJECTED":
                return [register, RejectTemplate(**about, reason=reason or "rejected")]
            return [register]
        case Refused(error_class="M", code=code, reason=reason):
            return [RejectTemplate(**about, reason=f"{code}: {reason}")]
    return []
