"""Raw webhook bodies, kept before they are answered. The same body is kept once."""

import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal, NamedTuple, TypeVar, get_args

from sqlalchemy import Engine, bindparam, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from commands.store import StoreUnavailable
from infra.bell import Bell
from infra.event_store.faults import Fault, fault
from infra.event_store.tables import webhook_inbox as inbox

ROWS: Final = 500
MAX_BODY: Final = 8 * 1024 * 1024
ATTEMPTS: Final = 20
CLOUD_API: Final = "cloud_api"
_AGAIN: Final = {Fault.TAKEN, Fault.AGAIN, Fault.LOST}


class InboxItem(NamedTuple):
    """One raw body. `attempts` counts how often it was put off before."""

    id: int
    received_at: datetime
    body: bytes
    attempts: int
    source: str = CLOUD_API


Settled = Literal["done", "kept"]
_SETTLED: Final = frozenset(get_args(Settled))
OPEN: Final = ("new", "waiting", "kept")
"""All states but `done`, of which there are too many to count."""


class Inbox:
    """Rows are `new`, then `done`, `kept` (for people to look at) or `waiting` (for a next try).

    What is done goes after a while (`infra/upkeep.py`); what is kept stays.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine, self._bell = engine, Bell(engine.url, "inbox")

    def accept(self, body: bytes, now: datetime) -> bool:
        """Keep the body. False if it was there already."""
        return self.accept_many([body], now)[0]

    def accept_many(
        self,
        bodies: Sequence[bytes],
        now: datetime,
        source: str = CLOUD_API,
        names: Sequence[bytes] | None = None,
    ) -> list[bool]:
        """Keep the bodies in one commit: for each, whether it was new.

        Bodies of the same name are the same; without `names` the same bytes are.
        """
        for body in bodies:
            if len(body) > MAX_BODY:
                raise ValueError(f"a webhook body has {len(body)} bytes; at most {MAX_BODY} fit")
        keys = [sha256(name).digest() for name in names or bodies]
        kept = {key: (body, source) for key, body in zip(keys, bodies, strict=True)}
        for attempt in range(ATTEMPTS):
            try:
                return self._accept(kept, keys, now)
            except DBAPIError as error:
                # Another receiver may have kept one of them between our look and our insert.
                found = fault(error.orig or error)
                if found in _AGAIN and attempt < ATTEMPTS - 1:
                    time.sleep(random.uniform(0, 0.002) * attempt)  # noqa: S311 (jitter)
                elif found in {Fault.TAKEN, Fault.OTHER}:
                    raise
                else:
                    raise StoreUnavailable(f"the inbox cannot answer: {found.value}") from error
        raise AssertionError

    def take(self, limit: int, now: datetime) -> list[InboxItem]:
        """What is due, repeats first but at most half of it. Taking changes nothing."""
        with self._engine.connect() as connection:
            half = {"now": now, "most": limit // 2}
            repeats = connection.execute(_WAITING, half).all()
            rest = {"most": limit - len(repeats)}
            return [InboxItem(*row) for row in (*repeats, *connection.execute(_NEW, rest).all())]

    def settle(self, outcomes: Iterable[tuple[int, Settled, str]]) -> None:
        """These are finished: `done`, or `kept` for the reason given."""
        alike: dict[tuple[str, str], list[int]] = defaultdict(list)
        for id_, state, reason in outcomes:
            if state not in _SETTLED:
                raise ValueError(f"an inbox row is settled as done or kept, not {state!r}")
            alike[state, reason].append(id_)
        with self._engine.begin() as connection:
            for (to, why), ids in alike.items():
                for some in _portions(ids):
                    connection.execute(_SETTLE, {"ids": some, "to": to, "why": why})

    def later(self, ids: Sequence[int], next_try_at: datetime, reason: str) -> None:
        """These could not be done: they are due again then, with one more attempt counted."""
        with self._engine.begin() as connection:
            for some in _portions(ids):
                connection.execute(_LATER, {"ids": some, "why": reason, "at": next_try_at})

    def counts(self) -> dict[str, int]:
        """How many rows are in each state in which something is left to do, for us or for people."""
        of_state = select(inbox.c.state, func.count()).where(inbox.c.state.in_(OPEN))
        per_state = of_state.group_by(inbox.c.state)
        with self._engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(per_state)}

    def _accept(
        self, bodies: dict[bytes, tuple[bytes, str]], keys: Sequence[bytes], now: datetime
    ) -> list[bool]:
        known = select(inbox.c.dedupe_key).where(
            inbox.c.dedupe_key.in_(bindparam("keys", expanding=True))
        )
        with self._engine.begin() as connection:
            had = {
                bytes(key)
                for some in _portions(list(bodies))
                for key in connection.execute(known, {"keys": some}).scalars()
            }
            new = {key: body for key, body in bodies.items() if key not in had}
            if new:
                rows = [_row(key, *body, now) for key, body in new.items()]
                connection.execute(insert(inbox), rows)
            sys.audit("blazz.inbox.before_commit")
        sys.audit("blazz.inbox.after_commit")
        self._bell.ring()
        return [new.pop(key, None) is not None for key in keys]


_IN_TURN: Final = (
    select(*(inbox.c[name] for name in InboxItem._fields))
    .order_by(inbox.c.next_try_at, inbox.c.id)
    .limit(bindparam("most"))
)
_WAITING: Final = _IN_TURN.where(
    inbox.c.state == "waiting", inbox.c.next_try_at <= bindparam("now")
)
_NEW: Final = _IN_TURN.where(inbox.c.state == "new")
_CHANGE: Final = (
    update(inbox)
    .where(inbox.c.id.in_(bindparam("ids", expanding=True)))
    .values(reason=bindparam("why"))
)
_SETTLE: Final = _CHANGE.values(state=bindparam("to"))
_LATER: Final = _CHANGE.values(
    state="waiting", attempts=inbox.c.attempts + 1, next_try_at=bindparam("at")
)
T = TypeVar("T")


def _portions(values: Sequence[T]) -> list[Sequence[T]]:
    return [values[start : start + ROWS] for start in range(0, len(values), ROWS)]


def _row(key: bytes, body: bytes, source: str, now: datetime) -> dict[str, object]:
    return {
        "dedupe_key": key,
        "received_at": now,
        "signature_ok": 1,
        "source": source,
        "body": body,
        "state": "new",
        "reason": "",
        "attempts": 0,
        "next_try_at": now,
    }
