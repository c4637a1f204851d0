"""One import, chunk by chunk: each chunk's contacts and outcomes are one commit.

An import that was cut off goes on where it stood when the same request comes again.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from commands.contact_csv import Row
from commands.execute import Done, execute
from commands.import_rows import Resolved, Resolver, number_of
from commands.store import EventStore, Receipt, VersionConflict
from commands.streams import Ask, Streams
from domain.access import Problem
from domain.contact_import import (
    FailImport,
    FinishImport,
    ImportChunkRecorded,
    ImportCommand,
    ImportFailed,
    ImportStarted,
    RecordImportChunk,
    RowOutcome,
    StartImport,
    contact_import,
)
from domain.kernel import Metadata, Rejected

SHOWN_PROBLEMS: Final = 100
TRIES: Final = 10
PATIENCE_S: Final = 0.02
"""A chunk touches many contacts; while they are being changed it waits, each time twice as long."""

Rows = Sequence[Row | RowOutcome]


class Tally:
    """The counts of an import so far, and its first problems."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.problems: list[RowOutcome] = []
        self.reason = ""

    def add(self, outcomes: Sequence[RowOutcome]) -> None:
        for outcome in outcomes:
            self.counts[outcome.outcome] += 1
            if outcome.outcome == "invalid" and len(self.problems) < SHOWN_PROBLEMS:
                self.problems.append(outcome)


class Import(NamedTuple):
    """Which import this is, and on whose behalf."""

    workspace_id: UUID
    id: UUID
    filename: str
    metadata: Metadata


class Run:
    """Takes chunks of rows and stores what they come to, or, in a dry run, only counts it."""

    def __init__(
        self, store: EventStore, clock: Callable[[], datetime], what: Import, *, dry: bool
    ) -> None:
        self._store, self._clock, self._what, self._dry = store, clock, what, dry
        self._streams = Streams(store)
        self._resolver = Resolver(what.workspace_id, self._streams)
        self._seen: set[int] = set()
        self._recorded: list[tuple[RowOutcome, ...]] = []
        self.chunks = 0
        self.tally = Tally()
        if not dry:
            self._recorded = self._recorded_before()

    def _recorded_before(self) -> list[tuple[RowOutcome, ...]]:
        facts = [recorded.event for recorded in self._store.load([self._what.id])[self._what.id]]
        started = next((f.filename for f in facts if isinstance(f, ImportStarted)), None)
        if started not in {None, self._what.filename}:
            raise _reused()
        return [fact.rows for fact in facts if isinstance(fact, ImportChunkRecorded)]

    def take(self, rows: Rows) -> None:
        """One chunk, always of the same size but for the last."""
        self.chunks += 1
        if self.chunks <= len(self._recorded):
            self._again(rows, self._recorded[self.chunks - 1])
            return
        if self._dry:
            resolved = self._resolver.resolve(rows, self._seen)
            outcomes: Sequence[RowOutcome] = resolved.outcomes
        else:
            resolved, outcomes = self._stored(rows)
        self._seen |= resolved.numbers
        self.tally.add(outcomes)
        self._streams.forget(but=[self._what.id])

    def _again(self, rows: Rows, recorded: Sequence[RowOutcome]) -> None:
        alike = len(rows) == len(recorded) and all(map(_alike, rows, recorded))
        if not alike:
            raise _reused()
        self._seen.update(number_of(row) for row in rows if isinstance(row, Row))
        self.tally.add(recorded)

    def _stored(self, rows: Rows) -> tuple[Resolved, Sequence[RowOutcome]]:
        for tried in range(TRIES):
            resolved = self._resolver.resolve(rows, self._seen)
            record = RecordImportChunk(
                workspace_id=self._what.workspace_id,
                import_id=self._what.id,
                chunk=self.chunks,
                rows=tuple(resolved.outcomes),
            )
            try:
                done = self._execute([self._start(), *resolved.asks, self._ask(record)], None)
            except (VersionConflict, Rejected):
                self._streams.forget()
                if tried == TRIES - 1 and self._recorded_elsewhere() is None:
                    raise
                time.sleep(min(PATIENCE_S * 2**tried, 1))
            else:
                if any(isinstance(event, ImportChunkRecorded) for event in done.events):
                    return resolved, resolved.outcomes
            # The same request may be running twice; then the chunk is whoever's came first.
            if (recorded := self._recorded_elsewhere()) is not None:
                return resolved, recorded
        raise AssertionError("the last try returns or raises")

    def _recorded_elsewhere(self) -> Sequence[RowOutcome] | None:
        recorded = self._recorded_before()
        return recorded[self.chunks - 1] if len(recorded) >= self.chunks else None

    def end(self, reason: str, receipt: Receipt) -> Done:
        """Finished, or failed for that reason; what was stored before stays."""
        ids = {"workspace_id": self._what.workspace_id, "import_id": self._what.id}
        last: ImportCommand = FailImport(**ids, reason=reason) if reason else FinishImport(**ids)
        self.tally.reason = reason
        return self._execute([self._start(), self._ask(last)], receipt)

    def _execute(self, asks: Sequence[Ask], receipt: Receipt | None) -> Done:
        metadata, now = self._what.metadata, self._clock()
        return execute(self._store, asks, metadata, now, receipt, self._streams)

    def _start(self) -> Ask:
        what = self._what
        return self._ask(
            StartImport(workspace_id=what.workspace_id, import_id=what.id, filename=what.filename)
        )

    def _ask(self, command: ImportCommand) -> Ask:
        return Ask(contact_import, self._what.id, command)


def _alike(row: Row | RowOutcome, recorded: RowOutcome) -> bool:
    """Whether this may be the row of which that was recorded."""
    return row == recorded if isinstance(row, RowOutcome) else row.line == recorded.line


def _reused() -> Problem:
    detail = "this Idempotency-Key was used for another file; take a new one"
    return Problem(422, "idempotency_key_reused", detail)


def tally_of(store: EventStore, import_id: UUID) -> Tally:
    """The counts and problems of an import that has ended."""
    tally = Tally()
    for recorded in store.load([import_id])[import_id]:
        if isinstance(recorded.event, ImportChunkRecorded):
            tally.add(recorded.event.rows)
        elif isinstance(recorded.event, ImportFailed):
            tally.reason = recorded.event.reason
    return tally
