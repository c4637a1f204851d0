"""Parked records tried again, once what was wrong has been put right: each stream in its order.

A record leaves the parked ones in the same commit that writes its rows, so trying twice is safe.
The live projector may run meanwhile: both hold the checkpoint's lock while they write.
"""

from collections.abc import Sequence
from threading import Event as Signal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, delete, select, update
from sqlalchemy.exc import DBAPIError

from domain.wire import LogRecord, UnknownEvent, decode
from projections import checkpoints, upserts
from projections.checkpoints import parked
from projections.faults import fault_of
from projections.parking import LONGEST_REASON
from projections.projection import Projection
from projections.transaction import repeated, transaction


class Retried(NamedTuple):
    """How many parked records were applied now, and how many are still parked."""

    applied: int
    left: int


class _Place(NamedTuple):
    partition: int
    position: int


def retry(
    engine: Engine, projections: Sequence[Projection], stream_id: UUID | None = None
) -> Retried:
    """Try the parked records of these projections, or of one stream of theirs, again.

    The first one of a stream that fails again keeps its place with the new reason, and the rest
    of that stream behind it. What had no readable headers stays: nothing is known of it.
    """
    applied = left = 0
    for projection in projections:
        with engine.connect() as connection:
            streams = _streams(connection, projection, stream_id)
        for places in streams.values():
            for number, place in enumerate(places):
                if not _try(engine, projection, place):
                    left += len(places) - number
                    break
                applied += 1
    return Retried(applied, left)


def _streams(
    connection: Connection, projection: Projection, only: UUID | None
) -> dict[UUID | None, list[_Place]]:
    c = parked.c
    statement = (
        select(c.stream_id, c.partition, c.position)
        .where(c.projection == projection.name, c.stream_id.is_not(None))
        .order_by(c.position)
    )
    if only is not None:
        statement = statement.where(c.stream_id == only)
    out: dict[UUID | None, list[_Place]] = {}
    for stream, partition, position in connection.execute(statement):
        out.setdefault(stream, []).append(_Place(partition, position))
    return out


def _try(engine: Engine, projection: Projection, place: _Place) -> bool:
    """True if the record is applied, now or by somebody else meanwhile."""

    def work() -> None:
        with transaction(engine) as connection:
            checkpoints.read(connection, (projection,), [place.partition], lock=True)
            record = _record(connection, projection, place)
            if record is not None:
                upserts.write(connection, projection.rows([decode(record)]))
                connection.execute(delete(parked).where(*_at(projection, place)))

    try:
        repeated(work, Signal())
    except UnknownEvent as error:
        return _keep(engine, projection, place, str(error))
    except Exception as error:
        if isinstance(error, DBAPIError) and fault_of(error) != "data":
            raise
        return _keep(engine, projection, place, f"fails again in {projection.name}: {error!r}")
    return True


def _record(connection: Connection, projection: Projection, place: _Place) -> LogRecord | None:
    row = connection.execute(select(parked).where(*_at(projection, place))).one_or_none()
    if row is None:
        return None
    return LogRecord(
        row.position,
        row.workspace_id,
        row.stream_id,
        row.stream_version,
        row.type,
        row.recorded_at,
        row.metadata,
        row.data,
    )


def _keep(engine: Engine, projection: Projection, place: _Place, reason: str) -> bool:
    with transaction(engine) as connection:
        changed = update(parked).where(*_at(projection, place))
        connection.execute(changed.values(reason=reason[:LONGEST_REASON]))
    return False


def _at(projection: Projection, place: _Place) -> tuple[ColumnElement[bool], ...]:
    c = parked.c
    return (
        c.projection == projection.name,
        c.partition == place.partition,
        c.position == place.position,
    )
