"""Considers every message of a customer once, and lets a stop word or a rule act on it.

The outcome and all that follows from it are one append. It rests on the conversation as it was
looked at: whatever comes between (a person's answer) has it considered anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import Engine, exists, select

from commands.execute import execute_many
from commands.patterns import search
from commands.policies.considering import (
    Row,
    Rules,
    asks_of,
    conversation_of,
    is_done,
    outcome,
    streams_of,
)
from commands.policies.recent import Recent
from commands.policies.zones import Zones
from commands.store import EventStore
from commands.streams import Ask, Streams
from domain.ids import consideration_id
from domain.kernel import Rejected
from domain.rule import Definition
from projections.considerations import considerations
from projections.rules import rules

MOST: Final = 500
MOST_RULES: Final = 200
"""Of one workspace, those with the lowest priority first."""
AGAIN: Final = frozenset({"version_stale", "conflict"})
_definition: Final = msgspec.json.Decoder(Definition)


class AutoReplyPolicy:
    name: Final = "auto_reply"
    pending = exists().where(considerations.c.position > 0)

    def __init__(self, store: EventStore, read: Engine, zones: Zones) -> None:
        self._store, self._read, self._zones = store, read, zones
        self._recent = Recent()

    def step(self, now: datetime) -> int:
        """How many messages it has considered. Those of one conversation follow each other."""
        # The read models may still name what was considered a moment ago.
        rows = self._recent.unmet(self._waiting())
        if not rows:
            return 0
        streams, considered = Streams(self._store), 0
        streams.load(consideration_id(row.message_id) for row in rows)
        rows = [row for row in rows if not is_done(row, streams)]
        streams.load(streams_of(rows))
        streams.load_asked([conversation_of(row) for row in rows])
        kept = {ws: self._rules(ws) for ws in {row.workspace_id for row in rows}}
        for together in _rounds(rows):
            considered += self._consider(together, kept, streams, now)
        return considered

    def _consider(
        self, rows: Sequence[Row], kept: dict[UUID, Rules], streams: Streams, now: datetime
    ) -> int:
        groups = [_asks(row, kept[row.workspace_id], streams, now) for row in rows]
        answers = self._execute(rows, groups, streams, now)
        refused = [
            (row, answer.code)
            for row, answer in zip(rows, answers, strict=True)
            if isinstance(answer, Rejected)
        ]
        # Somebody wrote meanwhile: looked at again. All else that is refused would be so forever.
        final = [(row, code) for row, code in refused if code not in AGAIN]
        bare = [[outcome(row, "none", why=code)] for row, code in final]
        self._execute([row for row, _ in final], bare, streams, now)
        done = {*rows} - {row for row, code in refused if code in AGAIN}
        self._recent.meet(done)
        return len(done)

    def _execute(
        self, rows: Sequence[Row], groups: Sequence[list[Ask]], streams: Streams, now: datetime
    ) -> list[object]:
        metadata = [self._zones.metadata(row.workspace_id, self.name) for row in rows]
        return list(execute_many(self._store, groups, metadata, now, streams))

    def _waiting(self) -> list[Row]:
        """Those that came first."""
        columns = [considerations.c[name] for name in Row._fields]
        statement = (
            select(*columns)
            .where(considerations.c.position > 0)  # all of them, along the index
            .order_by(considerations.c.position)
            .limit(MOST)
            # Of a short table MySQL would rather read and sort all there is.
            .with_hint(considerations, "FORCE INDEX (ix_considerations_position)", "mysql")
        )
        with self._read.connect() as connection:
            return [Row(*row) for row in connection.execute(statement)]

    def _rules(self, workspace_id: UUID) -> Rules:
        c = rules.c
        statement = (
            select(c.rule_id, c.definition)
            .where(c.workspace_id == workspace_id, c.enabled == 1)
            .order_by(c.priority, c.rule_id)
            .limit(MOST_RULES)
        )
        with self._read.connect() as connection:
            found = connection.execute(statement).all()
        return Rules([(row.rule_id, _definition.decode(row.definition)) for row in found], search)


def _asks(row: Row, rules: Rules, streams: Streams, now: datetime) -> list[Ask]:
    """One message that cannot be looked into does not hold up the others."""
    try:
        return asks_of(row, rules, streams, now)
    except Rejected as rejected:
        return [outcome(row, "none", why=rejected.code)]


def _rounds(rows: Iterable[Row]) -> list[list[Row]]:
    """The first of each conversation, then the second of each, and so on."""
    counts, rounds = defaultdict[UUID, int](int), list[list[Row]]()
    for row in rows:
        nth = counts[row.conversation_id]
        counts[row.conversation_id] = nth + 1
        if nth == len(rounds):
            rounds.append([])
        rounds[nth].append(row)
    return rounds
