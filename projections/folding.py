"""Folded pieces of the log into shadow tables.

Rows and the progress that stands for them commit together, so a filling broken off anywhere goes
on where it was. What a live sink would have parked is parked here, beside the shadows.
"""

import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from threading import Event as Signal
from typing import Final

import msgspec
from sqlalchemy import Connection, Engine, func, select, update

from domain.wire import LogRecord, decode
from projections import upserts
from projections.changes import Changes
from projections.checkpoints import Held, parked, rebuilds
from projections.faults import fault_of
from projections.loading import Loading
from projections.pieces import Folded, Folder, Positions
from projections.projection import Projection
from projections.rows import NONE
from projections.shadow import shadow_of
from projections.transaction import repeated, transaction

_positions: Final = msgspec.json.Decoder(Positions)


class TakenOver(Exception):
    """Somebody else has moved or dropped these shadow tables; nothing was written."""


class Filler:
    """The only writer of some projections' shadow tables."""

    def __init__(
        self, engine: Engine, projections: Sequence[Projection], positions: Positions
    ) -> None:
        self.engine, self.projections = engine, tuple(projections)
        self.positions, self.parked = positions, 0
        self._loading = Loading()
        self.folder = Folder(engine.dialect.name, projections, len(positions))
        self.held: Held = {}
        """Which streams wait behind a parked record; never changed, but replaced."""
        self.made: Future[None] | None = None
        """The making of the tables, if that is under way."""

    def recall(self) -> None:
        """What is held, as the tables have it."""
        found: Held = {partition: {} for partition in range(len(self.positions))}
        c = shadow_of(parked).c
        asked = (
            select(c.projection, c.partition, c.stream_id, func.min(c.position))
            .where(c.stream_id.is_not(None))
            .where(c.projection.in_([projection.name for projection in self.projections]))
            .group_by(c.projection, c.partition, c.stream_id)
        )
        with self.engine.connect() as connection:
            for name, partition, stream, position in connection.execute(asked):
                found[partition][name, stream] = position
        self.held = found

    def fold(
        self,
        records: Sequence[LogRecord],
        upto: Positions,
        before: Positions,
        condemned: Mapping[str, str] = NONE,
    ) -> Folded:
        """As `Folder.fold`; what is held from then on is known here."""
        folded = self.folder.fold(records, upto, before, self.held, condemned)
        self.learn(folded)
        return folded

    def learn(self, folded: Folded) -> None:
        """The streams held since are in `held`, which is another one then."""
        if any(folded.held.values()):
            places = range(len(self.positions))
            both = ((self.held.get(n, {}), folded.held.get(n, {})) for n in places)
            self.held = {n: {**new, **known} for n, (known, new) in enumerate(both)}

    def write(self, folded: Folded) -> None:
        """In a transaction of its own, repeated after passing faults; once there are tables."""
        self.wait()

        def work() -> None:
            with transaction(self.engine) as connection:
                self.write_in(connection, folded)
                sys.audit("blazz.rebuild.before_commit")

        repeated(work, Signal())
        sys.audit("blazz.rebuild.after_commit")

    def wait(self) -> None:
        """Until there are tables."""
        if self.made is not None:
            self.made.result()

    def write_in(self, connection: Connection, folded: Folded) -> None:
        """TakenOver unless the tables stand where `folded` begins, or at its end already."""
        stands = stored(connection)
        if stands == folded.after != folded.before:
            return  # an earlier attempt did commit, only its answer was lost
        if stands != folded.before:
            raise TakenOver("the shadow tables were changed by somebody else; rebuild again")
        self._loading.execute(connection, folded.statements)
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
