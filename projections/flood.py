"""So many records set aside within a minute are no bad data any more but a fault of Blazz itself.

They are counted in the transaction that sets them aside, so neither a restart nor another worker
begins a new count. What only waits behind a record of its stream does not count.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from prometheus_client import Gauge
from sqlalchemy import Connection, func, select

from projections.checkpoints import parked
from projections.projection import Projection

WITHIN: Final = timedelta(minutes=1)
LONGEST_SAMPLE: Final = 300

HALTED: Final = Gauge("blazz_projector_halted", "1 when too many records were set aside.")


class Flooded(Exception):
    """Nothing was written; the message says what came, how much of it, and how to go on."""


class Flood:
    """How many a minute each projection may set aside; without a cap, any number."""

    def __init__(self, cap: int | None = None) -> None:
        self.cap = cap
        self.reason = ""

    def check(self, connection: Connection, projections: Sequence[Projection]) -> None:
        """To be asked before the commit. Flooded if there are too many with those it writes."""
        if self.cap is None:
            return
        c, since = parked.c, datetime.now(UTC) - WITHIN
        lately = (c.parked_at > since, c.behind.is_(None))
        counting = select(c.projection, func.count()).where(
            c.projection.in_([projection.name for projection in projections]), *lately
        )
        for name, count in connection.execute(counting.group_by(c.projection)).all():
            if count > self.cap:
                of_it = select(c.partition, c.offset, c.reason).where(c.projection == name, *lately)
                newest = of_it.order_by(c.parked_at.desc(), c.position.desc()).limit(1)
                raise Flooded(self._words(name, count, *connection.execute(newest).one()))

    def _words(self, name: str, count: int, partition: int, offset: int, reason: str) -> str:
        sample = " ".join(reason.split())[:LONGEST_SAMPLE]
        return (
            f"{count} records could not be applied to {name} within a minute, the last one in"
            f" partition {partition} at offset {offset}: {sample}. More than {self.cap} are a fault"
            " of Blazz rather than of the data. Nothing is lost and nothing behind them is applied:"
            " `blazz parked list` shows those set aside; put the fault right, start the projector"
            " again and run `blazz parked retry`, or raise BLAZZ_PARKED_PER_MINUTE"
        )

    def halt(self, reason: str) -> None:
        """From now on whoever asks is told why nothing moves."""
        self.reason = reason
        HALTED.set(1)

    def state(self) -> dict[str, str]:
        """Whether the projector goes on, for those who ask if it is ready."""
        return {"projector": f"halted: {self.reason}" if self.reason else "ok"}
