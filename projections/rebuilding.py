"""A rebuild under way: its shadow tables, how far they are filled, and whom it tells."""

import time
from collections.abc import Callable
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine, update

from projections.checkpoints import rebuilds
from projections.entries import Log
from projections.filling import fill
from projections.folding import Filler, stored
from projections.pieces import Positions
from projections.projection import Projection
from projections.seam import Standing, standing
from projections.shadow import Shadows
from projections.team import Team, worth_it
from projections.transaction import transaction

NEAR: Final = 2000
"""So few records are folded while the live tables stand still."""
NOTED_S: Final = 0.5


class Progress(NamedTuple):
    """What a rebuild is at, how far it is, where the log ends, and the records it has folded."""

    phase: str
    position: int
    head: int
    records: int


class Rebuilding:
    """`filler` is the only one who writes to the shadow tables."""

    def __init__(
        self,
        log: Log,
        engine: Engine,
        projections: tuple[Projection, ...],
        positions: Positions,
        told: Callable[[Progress], None],
    ) -> None:
        self.log, self.engine, self.projections = log, engine, projections
        self.team: Team | None = None
        self.partitions, self.told = len(positions), told
        self.shadows, self.filler = (
            Shadows(engine, projections),
            Filler(engine, projections, positions),
        )
        self.records, self.head = 0, log.head()
        self._noted = time.monotonic()

    def catch_up(self) -> None:
        """To the end of the log, as it was a moment ago."""
        ahead = NEAR + 1
        while ahead > NEAR:
            end = self.end()
            ahead = end - min(self.filler.positions)
            self.fill((end,) * self.partitions)

    def end(self, *positions: int) -> int:
        """The end of the log as it is now, or a position further on that is known otherwise."""
        return max(self.log.head(), *positions, *self.filler.positions)

    def fill(self, upto: Positions) -> None:
        """In bulk, while the live tables go on."""
        many = worth_it(max(upto) - min(self.filler.positions))
        for records in fill(self.log, self.filler, upto, self.team if many else None):
            self.records += records
            self.tell("filling")

    def join(self, connection: Connection, upto: Positions | None) -> Positions | None:
        """The last few records, while nothing moves; None if they are too many for that."""
        begin = min(self.filler.positions)
        if upto is None or max(upto) - begin > NEAR:
            return None
        records = self.log.read(begin, max(upto) - begin) if max(upto) > begin else []
        folded = self.filler.fold(records, upto, self.filler.positions)
        self.filler.write_in(connection, folded)
        self.records += folded.records
        self.filler.parked += folded.parked
        return upto

    def live(self) -> Positions | None:
        """Where the live tables stand, unless the shadows have gone past that."""
        with self.engine.connect() as connection:
            return self.not_behind(standing(connection, self.projections, self.partitions))

    def not_behind(self, live: Standing) -> Positions | None:
        """The live tables' positions, if the shadows can still be brought to just these."""
        if live.positions is None:
            return None
        pairs = zip(self.filler.positions, live.positions, strict=True)
        return live.positions if all(mine <= theirs for mine, theirs in pairs) else None

    def reread(self) -> None:
        """What an attempt that failed has committed and what it has not."""
        with self.engine.connect() as connection:
            self.filler.positions = stored(connection, lock=False)
        self.filler.recall()

    def tell(self, phase: str) -> None:
        """To whoever waits here, and now and then to those who ask the database."""
        self.head = max(self.head, *self.filler.positions)
        now = time.monotonic()
        if now - self._noted > NOTED_S:
            worked = rebuilds.c.worked_ms + round((now - self._noted) * 1000)
            with transaction(self.engine) as connection:
                connection.execute(update(rebuilds).values(head=self.head, worked_ms=worked))
            self._noted = now
        self.told(Progress(phase, min(self.filler.positions), self.head, self.records))
