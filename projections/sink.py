"""Batches of log entries into read models: rows, parked records and checkpoints in one commit.

A record seen twice changes nothing, a missing one stops everything, a bad one is set aside. All
drivers go through here, so they leave the same tables.
"""

from collections.abc import Iterable, Mapping, Sequence
from threading import Event as Signal

from sqlalchemy import Connection, Engine

from projections import checkpoints, upserts
from projections.batch import Applied, Batch
from projections.checkpoints import Checkpoint, Key
from projections.entries import LogEntry
from projections.faults import fault_of
from projections.parking import wanted_types
from projections.projection import Projection
from projections.rows import NONE, Row, squash
from projections.transaction import repeated, transaction

Batches = Mapping[int, Sequence[LogEntry]]
"""Entries by partition, each in the partition's order."""


class Interrupted(Exception):
    """The sink was told to stop; what was committed by then is right."""


class Sink:
    """Safe to share between threads; two sinks on one partition wait for each other."""

    def __init__(self, engine: Engine, projections: Sequence[Projection], partitions: int) -> None:
        self.engine, self.projections, self.partitions = engine, tuple(projections), partitions
        self.stopping = Signal()
        """Set it to give up repeating after faults; nothing applied is lost by that."""
        self._wanted = wanted_types(projections)

    def apply(self, partition: int, entries: Sequence[LogEntry]) -> Applied:
        """One partition's entries in one transaction. GapFound if they do not join on."""
        return self.apply_all({partition: entries})

    def apply_all(self, batches: Batches) -> Applied:
        """Several partitions' entries in one transaction; in parts if a value is refused."""
        try:
            return self._persist(batches, self.projections)
        except Exception as error:
            if fault_of(error) != "data":
                raise
            return self._apart(batches)

    def positions(self, partition: int) -> dict[str, int]:
        """How far each projection has got; 0 for one that has not begun."""
        found = self._stored([partition])
        return {
            p.name: found[key].position if (key := (p.name, p.version, partition)) in found else 0
            for p in self.projections
        }

    def offsets(self) -> dict[int, int | None]:
        """Where each partition goes on for the projection furthest behind; None: not known."""
        found = self._stored(range(self.partitions))
        out: dict[int, int | None] = {}
        for partition in range(self.partitions):
            stored = [found.get((p.name, p.version, partition)) for p in self.projections]
            known = [s.next_offset for s in stored if s and s.next_offset is not None]
            out[partition] = min(known) if known and len(known) == len(stored) else None
        return out

    def _stored(self, partitions: Iterable[int]) -> dict[Key, Checkpoint]:
        def read() -> dict[Key, Checkpoint]:
            with self.engine.connect() as connection:
                return checkpoints.read(connection, self.projections, list(partitions))

        return repeated(read, self.stopping)

    def _apart(self, batches: Batches) -> Applied:
        """Halves, until the record that the database refuses stands alone; then it is parked."""
        if len(batches) > 1:
            parts: list[Batches] = [{partition: batches[partition]} for partition in batches]
        else:
            ((partition, entries),) = batches.items()
            if len(entries) == 1:
                return self._alone(batches)
            half = len(entries) // 2
            parts = [{partition: entries[:half]}, {partition: entries[half:]}]
        done = Applied()
        for part in parts:
            if self.stopping.is_set():
                raise Interrupted("told to stop between two parts of a batch; the rest comes again")
            done = done.plus(self.apply_all(part))
        return done

    def _alone(self, batches: Batches) -> Applied:
        """One entry, one projection at a time: the others have no part in the refusal."""
        done = Applied()
        for projection in self.projections:
            try:
                done = done.plus(self._persist(batches, (projection,)))
            except Exception as error:
                if fault_of(error) != "data":
                    raise
                reason = f"the database refuses the rows of {projection.name}: {error}"
                condemned = {projection.name: reason}
                done = done.plus(self._persist(batches, (projection,), condemned))
        return Applied(min(done.applied, 1), 0 if done.applied else 1, done.parked)

    def _persist(
        self,
        batches: Batches,
        projections: tuple[Projection, ...],
        condemned: Mapping[str, str] = NONE,
    ) -> Applied:
        def work() -> Applied:
            with transaction(self.engine) as connection:
                stored = _locked(connection, projections, sorted(batches))
                held = checkpoints.held_streams(connection, sorted(batches))
                batch = Batch(projections, stored, held, condemned, self._wanted)
                done = Applied()
                for partition in sorted(batches):
                    done = done.plus(batch.add(partition, batches[partition]))
                upserts.write(connection, squash(batch.rows))
                return done

        return repeated(work, self.stopping)


def _locked(
    connection: Connection, projections: tuple[Projection, ...], partitions: list[int]
) -> dict[Key, Checkpoint]:
    """Every checkpoint row, made where there is none, locked until the commit."""
    found = checkpoints.read(connection, projections, partitions, lock=True)
    keys = [(p.name, p.version, partition) for p in projections for partition in partitions]
    missing = [key for key in keys if key not in found]
    if missing:
        upserts.write(connection, [Row(checkpoints.checkpoints, key) for key in missing])
        found = checkpoints.read(connection, projections, partitions, lock=True)
    return found
