"""Turns stored webhook bodies into commands: all items of many bodies, one load, one commit.

A body is done when every item became facts or was known already; kept, with the reason, when some
of it did not; tried again while it speaks of messages that are not known yet.
"""

import logging
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import Engine

from commands.execute import Ask, execute_many
from commands.policies.answered import Answered
from commands.policies.directory import Directory
from commands.policies.inbox_commands import resolve, streams_of
from commands.policies.inbox_people import People
from commands.policies.ports import Inbox, InboxItem
from commands.policies.verdicts import Asks, Raced, Strange, Unheard, Verdict, verdict
from commands.policies.waha_payloads import parse as parse_waha
from commands.policies.webhook_items import Item, NotAPayload
from commands.policies.whatsapp_payloads import parse as parse_whatsapp
from commands.policies.zones import Zones
from commands.store import EventStore, StoreUnavailable
from commands.streams import Streams
from domain.kernel import Metadata

BODIES: Final = 200
ITEMS: Final = 1000
TRIES: Final = 10
FIRST_WAIT_S: Final = 3.6
"""Doubled at each try: ten of them take an hour."""
STRANGE_TRIES: Final = 4
"""Of a body whose number nobody has: they take a minute, in which the read models should know it."""
MORE_ROUNDS: Final = 3
"""Of items about which somebody else wrote meanwhile."""
LONGEST_REASON: Final = 1000
PARSERS: Final[Mapping[str, Callable[[bytes], list[Item]]]] = {
    "cloud_api": parse_whatsapp,
    "waha": parse_waha,
}
"""By whose signature the body had."""

log = logging.getLogger("blazz.policies")


class InboxPolicy:
    name: Final = "inbox"

    def __init__(self, store: EventStore, read: Engine, zones: Zones, inbox: Inbox) -> None:
        self._store, self._read, self._zones, self._inbox = store, read, zones, inbox
        self._answered = Answered()

    def step(self, now: datetime) -> int:
        """How many bodies were taken on."""
        taken = self._inbox.take(BODIES, now)
        read: list[tuple[InboxItem, list[Item]]] = []
        settled: list[tuple[int, Literal["done", "kept"], str]] = []
        for body in taken:
            try:
                read.append((body, PARSERS[body.source](body.body)))
            except NotAPayload as error:
                settled.append((body.id, "kept", str(error)[:LONGEST_REASON]))
        if settled:
            self._inbox.settle(settled)
        for some in _portions(read):
            self._carry_out(some, now)
        return len(taken)

    def _carry_out(self, bodies: Sequence[tuple[InboxItem, list[Item]]], now: datetime) -> None:
        try:
            verdicts = self._verdicts([items for _, items in bodies], now)
        except StoreUnavailable:
            raise
        except Exception as error:
            # One body that cannot be worked on must not hold up the others.
            log.exception("%d webhook bodies could not be worked on together", len(bodies))
            if len(bodies) > 1:
                for body in bodies:
                    self._carry_out([body], now)
                return
            verdicts = [[Unheard(f"could not be worked on: {error!r}"[:LONGEST_REASON])]]
        self._settle([body for body, _ in bodies], verdicts, now)

    def _verdicts(self, bodies: Sequence[list[Item]], now: datetime) -> list[list[Verdict]]:
        items = [item for body in bodies for item in body]
        directory = Directory(self._read, items)
        found = self._round(items, directory, now)
        for _ in range(MORE_ROUNDS):
            again = [n for n, one in enumerate(found) if isinstance(one, Raced)]
            if not again:
                break
            for n, one in zip(
                again, self._round([items[n] for n in again], directory, now), strict=True
            ):
                found[n] = one
        verdicts = iter(found)
        return [[next(verdicts) for _ in body] for body in bodies]

    def _round(self, items: Sequence[Item], directory: Directory, now: datetime) -> list[Verdict]:
        """Whose they are by what is stored now; then one commit."""
        streams = Streams(self._store)
        streams.load(id_ for item in items for id_ in streams_of(item, directory))
        people = People(streams)
        resolved = [resolve(item, directory, streams, people) for item in items]
        groups = [list(g) for r in resolved if isinstance(r, Asks) for g in r.groups]
        named = {ask.stream_id for group in groups for ask in group}
        streams.adopt(self._answered.among(named))
        sys.audit("blazz.inbox.before_commit")
        metadata = self._metadata(groups)
        results = iter(execute_many(self._store, groups, metadata, now, streams))
        sys.audit("blazz.inbox.after_commit")
        self._answered.note(streams, named)
        return [verdict(r, results) for r in resolved]

    def _metadata(self, groups: Sequence[Sequence[Ask]]) -> list[Metadata]:
        return [self._zones.metadata(g[0].command.workspace_id, self.name) for g in groups]

    def _settle(
        self, bodies: Sequence[InboxItem], verdicts: Sequence[list[Verdict]], now: datetime
    ) -> None:
        settled: list[tuple[int, Literal["done", "kept"], str]] = []
        put_off: dict[tuple[int, str], list[int]] = defaultdict(list)
        for body, found in zip(bodies, verdicts, strict=True):
            reasons = "; ".join(dict.fromkeys(v.reason for v in found if v))[:LONGEST_REASON]
            if any(body.attempts < _tries(v) for v in found):
                put_off[body.attempts, reasons].append(body.id)
            else:
                settled.append((body.id, "kept" if reasons else "done", reasons))
        for (attempts, reasons), ids in put_off.items():
            due_at = now + timedelta(seconds=FIRST_WAIT_S * 2**attempts)
            self._inbox.later(ids, due_at, reasons)
        if settled:
            self._inbox.settle(settled)


def _tries(found: Verdict) -> int:
    """How often it is worth another look."""
    match found:
        case Unheard() | Raced():
            return TRIES
        case Strange():
            return STRANGE_TRIES
    return 0


def _portions(
    bodies: Sequence[tuple[InboxItem, list[Item]]],
) -> list[list[tuple[InboxItem, list[Item]]]]:
    """Bodies in turn, so that no portion has many more than `ITEMS` items."""
    portions: list[list[tuple[InboxItem, list[Item]]]] = []
    room = 0
    for body in bodies:
        if room <= 0:
            portions.append([])
            room = ITEMS
        portions[-1].append(body)
        room -= len(body[1])
    return portions
