"""Tells customers that a user has read what they wrote: the provider is asked to show it.

It is asked once, again after a passing refusal, and not any more minutes later. What was done is
known to this process only: another one repeats the last minutes, which nobody notices.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from math import inf
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Engine, and_, or_, select, tuple_

from commands.policies.ports import Heard, Provider, Refused, Unknown
from projections.accounts import accounts
from projections.read_receipts import read_receipts
from projections.transcript_tables import transcript

GIVEN_UP: Final = timedelta(minutes=5)
OLDEST: Final = timedelta(days=30)
"""Of older messages the provider knows nothing any more."""
SHOWN: Final = 20_000
AT_ONCE: Final = 10
"""From a number, and in a second at most: what it may do in that second is for messages."""
PACE_S: Final = 1.0
FIRST_RETRY_S, LONGEST_RETRY_S = 1.0, 60.0
FINAL: Final = frozenset({"M", "R"})
"""Classes of refusals that stay as they are."""

Answer = Refused | Unknown | None

log = logging.getLogger("blazz.policies")


class ReadReceiptsPolicy:
    """`connect` gives a provider for the event loop it is entered in."""

    name: Final = "read_receipts"

    def __init__(
        self, read: Engine, connect: Callable[[], AbstractAsyncContextManager[Provider]]
    ) -> None:
        self._read, self._connect = read, connect
        self._tried: dict[UUID, tuple[float, float]] = {}
        """Message -> when it is turned to again (never: done with), and how long was waited."""
        self._numbers: dict[UUID, float] = {}
        """When a number is turned to again."""

    def step(self, now: datetime) -> int:
        """How many customers were told."""
        due = self._due(now)
        if not due:
            return 0
        rows = {row.message_id: row for row in self._details(due, now)}
        answers = asyncio.run(self._tell(list(rows.values()))) if rows else []
        answered = dict(zip(rows, answers, strict=True))
        clock = time.monotonic()
        for one in due:
            if one.message_id in answered:
                self._learn(one, answered[one.message_id], clock)
            else:  # its number is paused, or tells nobody: that may be otherwise soon
                self._again(one.message_id, clock)
        return sum(answer is None for answer in answers)

    def _due(self, now: datetime) -> list[Any]:
        """Those of the last minutes that are not done with, some of each number."""
        r = read_receipts.c
        statement = (
            select(r.workspace_id, r.conversation_id, r.account_id, r.message_id)
            .where(r.asked_at > now - GIVEN_UP)
            .order_by(r.asked_at)
            .limit(SHOWN)
        )
        with self._read.connect() as connection:
            rows = connection.execute(statement).all()
        present, clock = {row.message_id for row in rows}, time.monotonic()
        self._tried = {id_: at for id_, at in self._tried.items() if id_ in present}
        self._numbers = {id_: at for id_, at in self._numbers.items() if at > clock}
        due, taken = [], Counter[UUID]()
        for row in rows:
            waits = self._tried.get(row.message_id, (0.0, 0.0))[0] > clock
            if waits or row.account_id in self._numbers or taken[row.account_id] == AT_ONCE:
                continue
            taken[row.account_id] += 1
            due.append(row)
        self._numbers |= dict.fromkeys(taken, clock + PACE_S)
        return due

    def _details(self, due: Sequence[Any], now: datetime) -> Sequence[Any]:
        """Of those that may be told now, how the provider calls them."""
        r, a, t = read_receipts.c, accounts.c, transcript.c
        of_number = and_(a.workspace_id == r.workspace_id, a.account_id == r.account_id)
        of_message = and_(t.workspace_id == r.workspace_id, t.message_id == r.message_id)
        keys = [(row.workspace_id, row.conversation_id) for row in due]
        statement = (
            select(r.message_id, a.phone_number_id, a.provider, t.provider_id)
            .select_from(read_receipts.join(accounts, of_number).join(transcript, of_message))
            .where(
                tuple_(r.workspace_id, r.conversation_id).in_(keys),
                r.message_id.in_([row.message_id for row in due]),
                a.read_receipts == 1,
                a.status == "connected",
                or_(a.provider != "waha", a.session_status == "working"),
                t.direction == "in",
                t.at > now - OLDEST,
            )
        )
        with self._read.connect() as connection:
            return connection.execute(statement).all()

    async def _tell(self, rows: Sequence[Any]) -> list[Answer]:
        async with self._connect() as provider:
            heard = (Heard(row.phone_number_id, row.provider_id, row.provider) for row in rows)
            return list(await asyncio.gather(*(provider.mark_read(one) for one in heard)))

    def _learn(self, one: Any, answer: Answer, clock: float) -> None:
        if answer is None:
            self._tried[one.message_id] = (inf, 0.0)
            return
        if isinstance(answer, Refused) and answer.error_class in FINAL:
            self._tried[one.message_id] = (inf, 0.0)
            log.warning("message %s is not marked as read: %s", one.message_id, answer.reason)
            return
        wait_s = self._again(one.message_id, clock)
        if isinstance(answer, Refused) and answer.error_class == "T":
            self._numbers[one.account_id] = clock + wait_s
        log.info("message %s is marked as read in %g s: %s", one.message_id, wait_s, answer.reason)

    def _again(self, message_id: UUID, clock: float) -> float:
        _, waited = self._tried.get(message_id, (0.0, 0.0))
        wait_s = min(max(waited * 2, FIRST_RETRY_S), LONGEST_RETRY_S)
        self._tried[message_id] = (clock + wait_s, wait_s)
        return wait_s
