"""Batches of log entries into read models: rows, parked records and checkpoints in one commit.

A record seen twice changes nothing, a missing one stops everything, a bad one is set aside. All
drivers go through here, so they leave the same tables.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from threading import Event as Signal
from typing import Protocol

from sqlalchemy import Connection, Engine

from projections import checkpoints, upserts
from projections.at_once import Otherwise, write_at_once
from projections.batch import Applied, Batches, Prepared, Preparing, halves
from projections.checkpoints import LIVE, Checkpoint, Held, Key
from projections.entries import LogEntry
from projections.faults import fault_of
from projections.flood import Flood, Flooded
from projections.measures import SECONDS, count
from projections.places import locked
from projections.projection import Projection
from projections.rows import NONE
from projections.transaction import repeated, transaction


class Bell(Protocol):
    """Tells whoever waits for rows."""

    def ring(self, parts: Iterable[int]) -> None:
        """These partitions have news. Never fails."""


class Interrupted(Exception):
    """The sink was told to stop; what was committed by then is right."""


class Sink:
    """Safe to share between threads; two sinks on one partition wait for each other."""

    def __init__(
        self,
        engine: Engine,
        projections: Sequence[Projection],
        partitions: int,
        moves: str = LIVE,
        flood: Flood | None = None,
        bell: Bell | None = None,
    ) -> None:
        """Projections in another state than `moves` are left as they are. The bell is rung after
        each commit.
        """
        self.engine, self.projections, self.partitions = engine, tuple(projections), partitions
        self.flood, self._bell = flood or Flood(), bell
        self.stopping = Signal()
        """Set it to give up repeating after faults; nothing applied is lost by that."""
        self._moves = moves
        self._preparing = Preparing(self.projections, engine.dialect.name, moves)
        self._stored: Mapping[Key, Checkpoint] = {}
        self._held: Held = {}

    def apply(self, partition: int, entries: Sequence[LogEntry]) -> Applied:
        """One partition's entries in one transaction. GapFound if they do not join on."""
        return self.apply_all({partition: entries})

    def apply_all(self, batches: Batches, prepared: Prepared | None = None) -> Applied:
        """Several partitions' entries in one transaction; in parts if a value is refused. Flooded
        when all that comes before the record too many is applied.

        What was prepared for them saves the work if nothing else has happened meanwhile.
        """
        return count(self._tried(batches, self._preparing, prepared))

    def prepare(self, batches: Batches, behind: Prepared | None = None) -> Prepared | None:
        """What `apply_all` will write, as things seem to stand: good while an earlier batch commits.

        `behind` is that earlier one. None if there is no telling before the checkpoints are locked.
        """
        places = [(p.name, p.version, partition) for p in self.projections for partition in batches]
        try:
            self._look([partition for partition in batches if partition not in self._held])
            stored = {**self._stored, **behind.after} if behind else self._stored
            found = {place: stored[place] for place in places}
            held = {partition: self._held[partition] for partition in batches}
            return self._preparing.prepare(batches, found, held)
        except Exception:  # noqa: BLE001 - `apply_all` meets it again, knowing how things stand
            return None

    def _look(self, partitions: Sequence[int]) -> None:
        """How things stand in partitions of which nothing has been applied here yet."""
        if partitions:
            with self.engine.connect() as connection:
                stored = checkpoints.read(connection, self.projections, partitions)
                held = checkpoints.held_streams(connection, partitions)
            self._stored, self._held = {**stored, **self._stored}, {**held, **self._held}

    def reached(self, prepared: Prepared) -> bool:
        """The checkpoints stand where that leaves them: nothing else moved them."""
        return all(self._stored.get(key) == mark for key, mark in prepared.after.items())

    def positions(self, partition: int) -> dict[str, int]:
        """How far each projection that moves has got; 0 for one that has not begun."""
        found = self._read([partition])
        keys = {p.name: (p.name, p.version, partition) for p in self.projections}
        marks = {name: found.get(key, Checkpoint(*key)) for name, key in keys.items()}
        return {name: mark.position for name, mark in marks.items() if mark.state == LIVE}

    def offsets(self) -> dict[int, int | None]:
        """Where each partition goes on for the live projection furthest behind; None: not known."""
        found = self._read(range(self.partitions))
        out: dict[int, int | None] = {}
        for partition in range(self.partitions):
            keys = [(p.name, p.version, partition) for p in self.projections]
            marks = [found.get(key, Checkpoint(*key)) for key in keys]
            offsets = [mark.next_offset for mark in marks if mark.state == LIVE]
            known = [offset for offset in offsets if offset is not None]
            out[partition] = min(known) if known and len(known) == len(offsets) else None
        return out

    def _read(self, partitions: Iterable[int]) -> dict[Key, Checkpoint]:
        def read() -> dict[Key, Checkpoint]:
            with self.engine.connect() as connection:
                return checkpoints.read(connection, self.projections, list(partitions))

        return repeated(read, self.stopping)

    def _tried(
        self, batches: Batches, preparing: Preparing, prepared: Prepared | None = None
    ) -> Applied:
        try:
            return self._persist(batches, preparing, prepared=prepared)
        except Flooded:
            if not (parts := halves(batches)):
                raise
            one, other = (self._tried(part, preparing) for part in parts)
            return one.plus(other)
        except Exception as error:
            if fault_of(error) != "data":
                raise
            return self._apart(batches, preparing, error)

    def _apart(self, batches: Batches, preparing: Preparing, error: Exception) -> Applied:
        """In parts, until what the database refuses is one record of one projection: it is parked.

        Projections go their own ways first, as most have no part in the refusal; then halves.
        """
        if self.stopping.is_set():
            raise Interrupted("told to stop between two parts of a batch; the rest comes again")
        if len(preparing.projections) > 1:
            dialect, moves = self.engine.dialect.name, self._moves
            each = [Preparing((one,), dialect, moves) for one in preparing.projections]
            done = [self._tried(batches, one) for one in each]
            applied, repeated_, parked = zip(*done, strict=True)
            return Applied(max(applied), min(repeated_), sum(parked))
        if not (parts := halves(batches)):
            (projection,) = preparing.projections
            reason = f"the database refuses the rows of {projection.name}: {error}"
            return self._persist(batches, preparing, {projection.name: reason})
        one, other = (self._tried(part, preparing) for part in parts)
        return one.plus(other)

    def _persist(
        self,
        batches: Batches,
        preparing: Preparing,
        condemned: Mapping[str, str] = NONE,
        prepared: Prepared | None = None,
    ) -> Applied:
        def work(ready: Prepared | None = prepared) -> Prepared:
            partitions = sorted(batches)
            if ready is not None and ready.at_once:
                with suppress(Otherwise), transaction(self.engine) as connection:
                    write_at_once(connection, partitions, ready)
                    self._last_words(connection, preparing, ready)
                    return ready
            with transaction(self.engine) as connection:
                stored = locked(connection, preparing.projections, partitions)
                held = checkpoints.held_streams(connection, partitions)
                if ready is None or (ready.stored, ready.held) != (stored, held):
                    ready = preparing.prepare(batches, stored, held, condemned)
                upserts.execute(connection, ready.statements)
                self._held = {**self._held, **held}
                self._last_words(connection, preparing, ready)
            return ready

        with SECONDS.time():
            ready = repeated(work, self.stopping)
        if self._bell is not None:
            self._bell.ring(batches)
        sys.audit("blazz.sink.after_commit")
        self._stored = {**self._stored, **ready.after}
        return ready.applied

    def _last_words(self, connection: Connection, preparing: Preparing, written: Prepared) -> None:
        if written.applied.parked:
            self.flood.check(connection, preparing.projections)
        sys.audit("blazz.sink.before_commit")
