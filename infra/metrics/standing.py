"""How far the log and the read models have come, as their databases say it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Engine, func, select

from infra.event_store.tables import events, positions, relay_checkpoint
from projections.checkpoints import LIVE, checkpoints, parked
from projections.files import GIVEN_UP, WAITS, files_wanted
from projections.projection import Projection

RELAY: Final = "relay"


class Relayed(NamedTuple):
    """All up to `position` is in the log; `sent` has each partition's last position in it."""

    position: int
    sent: tuple[int, ...]


class Projected(NamedTuple):
    """One projection: its position in each partition it has begun, and what it set aside."""

    name: str
    version: int
    positions: dict[int, int]
    parked: int
    oldest_parked_at: datetime | None
    state: str
    """`live`, or why it does not move: paused, waiting for a rebuild."""

    def lowest(self, partitions: int) -> int:
        """All up to here is in its tables."""
        return max(0, min(self.positions.get(p, 0) for p in range(partitions)))


def head(store: Engine) -> int:
    """The position of the newest fact."""
    with store.connect() as connection:
        return int(connection.scalar(select(positions.c.head)) or 0)


def recorded_after(store: Engine, position: int) -> datetime | None:
    """When the first fact after that position was recorded; None if there is none."""
    first = select(events.c.recorded_at).where(events.c.position > position)
    with store.connect() as connection:
        return connection.scalar(first.order_by(events.c.position).limit(1))


def relayed(store: Engine) -> Relayed:
    """Where the relay's mark stands; at 0 before its first start."""
    c = relay_checkpoint.c
    wanted = select(c.position, c.partitions).where(c.name == RELAY)
    with store.connect() as connection:
        row = connection.execute(wanted).first()
    if row is None:
        return Relayed(0, ())
    return Relayed(row.position, msgspec.json.decode(row.partitions, type=tuple[int, ...]))


def projected(read: Engine, projections: Sequence[Projection]) -> list[Projected]:
    """Each of these projections, in the version that this code has."""
    c, p = checkpoints.c, parked.c
    aside = select(p.projection, func.count(), func.min(p.parked_at)).group_by(p.projection)
    with read.connect() as connection:
        places = connection.execute(
            select(c.projection, c.version, c.partition, c.position, c.state)
        ).all()
        kept = {name: (count, at) for name, count, at in connection.execute(aside)}
    found: dict[tuple[str, int], dict[int, int]] = {}
    for name, version, partition, position, _ in places:
        found.setdefault((name, version), {})[partition] = position
    resting = {(name, version): state for name, version, _, _, state in places if state != LIVE}
    return [
        Projected(
            one.name,
            one.version,
            found.get((one.name, one.version), {}),
            *kept.get(one.name, (0, None)),
            state=resting.get((one.name, one.version), LIVE),
        )
        for one in projections
    ]


class WantedFiles(NamedTuple):
    """Customers' files that are not here."""

    waiting: int
    oldest_at: datetime | None
    """Since when the oldest of them waits."""
    given_up: int


def wanted_files(read: Engine) -> WantedFiles:
    """Those still to be fetched, and those that nobody fetches any more."""
    w = files_wanted.c
    oldest = select(w.at).where(WAITS).order_by(w.position).limit(1)
    with read.connect() as connection:
        waiting, given_up = (
            int(connection.scalar(select(func.count()).where(which)) or 0)
            for which in (WAITS, GIVEN_UP)
        )
        return WantedFiles(waiting, connection.scalar(oldest), given_up)


def age_s(at: datetime | None) -> float:
    """Seconds since then; 0 for never."""
    if at is None:
        return 0.0
    return max(0.0, (datetime.now(UTC) - at.replace(tzinfo=at.tzinfo or UTC)).total_seconds())
