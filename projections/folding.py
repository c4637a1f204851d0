"""A long piece of the log into shadow tables: folded in memory, written as one change per row.

Rows and the progress that stands for them commit together, so a filling broken off anywhere goes
on where it was. What a live sink would have parked is parked here, beside the shadows.
"""

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from threading import Event as Signal
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Connection, Engine, func, select, update

from domain.wire import LogRecord, decode
from projections import upserts
from projections.changes import Changes
from projections.checkpoints import Held, parked, partition_of, rebuilds
from projections.entries import NO_OFFSET, LogEntry
from projections.faults import fault_of
from projections.parking import apply, read, wanted_types
from projections.projection import Projection
from projections.rows import NONE
from projections.shadow import shadow_of
from projections.transaction import repeated, transaction
from projections.upserts import statements

Positions = tuple[int, ...]
"""Of each partition, the position up to which its facts are taken."""

_positions: Final = msgspec.json.Decoder(Positions)


class TakenOver(Exception):
    """Somebody else has moved or dropped these shadow tables; nothing was written."""


class Folded(NamedTuple):
    """What a piece of the log asks of the shadow tables, and where it takes them from and to."""

    before: Positions
    after: Positions
    statements: Sequence[upserts.Statement]
    sizes: tuple[int, ...]
    parked: int

    @property
    def records(self) -> int:
        """Of all partitions."""
        return sum(self.sizes)


class Filler:
    """The only writer of some projections' shadow tables."""

    def __init__(
        self, engine: Engine, projections: Sequence[Projection], positions: Positions
    ) -> None:
        self.engine, self.projections = engine, tuple(projections)
        self.positions, self.parked = positions, 0
        self._wanted = wanted_types(projections)
        self._held: Held = {}
        self.recall()

    def recall(self) -> None:
        """Which streams wait behind a parked record, as the tables have it."""
        self._held = {partition: {} for partition in range(len(self.positions))}
        c = shadow_of(parked).c
        asked = (
            select(c.projection, c.partition, c.stream_id, func.min(c.position))
            .where(c.stream_id.is_not(None))
            .where(c.projection.in_([projection.name for projection in self.projections]))
            .group_by(c.projection, c.partition, c.stream_id)
        )
        with self.engine.connect() as connection:
            for name, partition, stream, position in connection.execute(asked):
                self._held[partition][name, stream] = position

    def fold(
        self,
        records: Sequence[LogRecord],
        upto: Positions,
        before: Positions,
        condemned: Mapping[str, str] = NONE,
    ) -> Folded:
        """Whatever of `records`, which follow each other in the log, is above `before` and not
        above `upto`. `condemned` names projections whose rows the database has refused.
        """
        end = records[-1].position if records else 0
        after = tuple(max(b, min(u, end)) for b, u in zip(before, upto, strict=True))
        split: dict[int, list[LogEntry]] = {}
        for record in records:
            partition = partition_of(record.workspace_id, len(before))
            if before[partition] < record.position <= upto[partition]:
                entry = LogEntry(record, NO_OFFSET, record.position, None)
                split.setdefault(partition, []).append(entry)
        changes = Changes(self.engine.dialect.name, shadow_of)
        count = sum(
            self._take(partition, split[partition], condemned, changes) for partition in split
        )
        sizes = tuple(len(split.get(partition, ())) for partition in range(len(before)))
        return Folded(before, after, statements(changes), sizes, count)

    def _take(
        self,
        partition: int,
        entries: list[LogEntry],
        condemned: Mapping[str, str],
        changes: Changes,
    ) -> int:
        reading, now, count = read(entries, self._wanted), datetime.now(UTC), 0
        for projection in self.projections:
            about = (self._held, condemned, partition, now)
            for entry in apply(projection, reading, *about, changes):
                count += 1
                if entry.record is not None:
                    key = (projection.name, entry.record.stream_id)
                    self._held[partition].setdefault(key, entry.position)
        return count

    def write(self, folded: Folded) -> None:
        """In a transaction of its own, repeated after passing faults."""

        def work() -> None:
            with transaction(self.engine) as connection:
                self.write_in(connection, folded)
                sys.audit("blazz.rebuild.before_commit")

        repeated(work, Signal())
        sys.audit("blazz.rebuild.after_commit")

    def write_in(self, connection: Connection, folded: Folded) -> None:
        """TakenOver unless the tables stand where `folded` begins, or at its end already."""
        stands = stored(connection)
        if stands == folded.after != folded.before:
            return  # an earlier attempt did commit, only its answer was lost
        if stands != folded.before:
            raise TakenOver("the shadow tables were changed by somebody else; rebuild again")
        upserts.execute(connection, folded.statements)
        counts = zip(counted(connection), folded.sizes, strict=True)
        moved = {
            "positions": msgspec.json.encode(folded.after).decode(),
            "records": msgspec.json.encode([there + more for there, more in counts]).decode(),
            "moved_at": datetime.now(UTC),
        }
        connection.execute(update(rebuilds).values(**moved))

    def apart(self, records: Sequence[LogRecord], upto: Positions, before: Positions) -> Positions:
        """In halves, until the record that the database refuses stands alone; it is parked."""
        folded = self.fold(records, upto, before)
        try:
            self.write(folded)
        except Exception as error:
            if fault_of(error) != "data":
                raise
            self.recall()  # what was set aside in that attempt was not
        else:
            self.parked += folded.parked
            return folded.after
        if len(records) > 1:
            half = len(records) // 2
            return self.apart(records[half:], upto, self.apart(records[:half], upto, before))
        folded = self.fold(records, upto, before, self._refusals(records))
        self.write(folded)
        self.parked += folded.parked
        return folded.after

    def _refusals(self, records: Sequence[LogRecord]) -> dict[str, str]:
        """The projections whose rows for these records the database refuses, and its words."""
        found = {}
        for projection in self.projections:
            changes = Changes(self.engine.dialect.name, shadow_of)
            changes.take(projection.rows([decode(record) for record in records]))
            try:
                with transaction(self.engine) as connection:
                    upserts.execute(connection, upserts.statements(changes))
                    connection.rollback()
            except Exception as error:
                if fault_of(error) != "data":
                    raise
                reason = f"the database refuses the rows of {projection.name}: {error}"
                found[projection.name] = reason
        return found


def stored(connection: Connection, *, lock: bool = True) -> Positions:
    """Where the shadow tables stand; empty if there are none."""
    asked = select(rebuilds.c.positions)
    found = connection.execute(asked.with_for_update() if lock else asked).scalars().all()
    return _positions.decode(found[0] or "[]") if found else ()


def counted(connection: Connection) -> Positions:
    """How many records of each partition are in the shadow tables."""
    found = connection.execute(select(rebuilds.c.records).limit(1)).scalar()
    return _positions.decode(found or "[]")
