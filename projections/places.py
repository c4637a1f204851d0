"""The rows of checkpoints: made where there are none, and of which log their offsets are.

Another Kafka cluster or topic may hold offsets that look just as good. So a projector goes on only
in the log that it began in, until an operator says that the log has moved.
"""

from collections.abc import Sequence
from functools import partial
from threading import Event as Signal

from sqlalchemy import Connection, Engine, select, tuple_, update

from projections import upserts
from projections.checkpoints import LIVE, Checkpoint, Key, checkpoints, first_states, read
from projections.projection import Projection
from projections.rows import Row
from projections.transaction import repeated, transaction


class OtherLog(Exception):
    """The offsets are of another log than the one at hand; the message says of which."""


def locked(
    connection: Connection, projections: tuple[Projection, ...], partitions: Sequence[int]
) -> dict[Key, Checkpoint]:
    """Every checkpoint row, made where there is none, locked until the commit."""
    found = read(connection, projections, partitions, lock=True)
    keys = [(p.name, p.version, partition) for p in projections for partition in partitions]
    missing = [key for key in keys if key not in found]
    if missing:
        states = first_states(connection, projections)
        rows = [Row(checkpoints, key, {"state": states[key[:2]]}) for key in missing]
        upserts.write(connection, rows)
        found = read(connection, projections, partitions, lock=True)
    return found


def stay(
    engine: Engine,
    projections: tuple[Projection, ...],
    partitions: int,
    log_id: str,
    stopping: Signal,
) -> None:
    """From now on every checkpoint belongs to this log. OtherLog if one has its place in another.

    A place that is not known as an offset is found in any log by its position.
    """
    repeated(partial(_stay, engine, projections, partitions, log_id), stopping)


def _stay(engine: Engine, projections: tuple[Projection, ...], partitions: int, log: str) -> None:
    c = checkpoints.c
    own = tuple_(c.projection, c.version).in_([(p.name, p.version) for p in projections])
    asked = select(c.log_id, c.next_offset, c.state).where(own)
    with engine.connect() as connection:
        known = connection.scalars(asked).all()
    if known == [log] * len(projections) * partitions:
        return  # as at every start but the first: nothing is locked for that
    with transaction(engine) as connection:
        locked(connection, projections, range(partitions))
        found = connection.execute(asked.with_for_update()).all()
        for row in found:
            placed = row.next_offset is not None and row.state == LIVE
            if placed and row.log_id not in {None, log}:
                raise OtherLog(
                    f"the checkpoints' offsets are of the log {row.log_id}, but this is the log"
                    f" {log} (Kafka cluster / topic): correct BLAZZ_KAFKA or BLAZZ_TOPIC; if the"
                    " log has moved here for good, `blazz projections adopt` lets the projector"
                    " find its place in it by the positions of the records"
                )
        if {row.log_id for row in found} - {log}:
            connection.execute(update(checkpoints).where(own).values(log_id=log))


def leave(engine: Engine) -> None:
    """Every offset is forgotten, no position is: the next log is read from its beginning, what was
    applied before is known by its position, and a gap before the rest stops the projector.
    """
    with transaction(engine) as connection:
        connection.execute(update(checkpoints).values(log_id=None, next_offset=None))
