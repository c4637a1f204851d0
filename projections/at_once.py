"""A prepared transaction's checkpoints and rows in one request, without asking first how things
stand: the moves of the checkpoints tell, for they take only those that stand as was thought.
"""

from collections.abc import Iterable

from sqlalchemy import Connection

from projections import upserts
from projections.batch import Prepared
from projections.upserts import Statement


class Otherwise(Exception):
    """Things stand otherwise than was thought; what was written must not be committed."""


def write_at_once(connection: Connection, partitions: Iterable[int], prepared: Prepared) -> None:
    """Inside the connection's transaction, which must be rolled back if this raises Otherwise.

    The checkpoints are locked by their moves, so who else moves them waits or has moved them, and
    what is held is read after that.
    """
    moves = [statement for statement, _ in prepared.moves]
    counts = upserts.execute(connection, [*moves, _held(partitions), *prepared.rows])
    if counts[: len(moves) + 1] != [*[count for _, count in prepared.moves], 0]:
        raise Otherwise


def _held(partitions: Iterable[int]) -> Statement:
    """Finds one row if any stream is held there."""
    listed = ", ".join(map(str, partitions))
    where = f"`partition` IN ({listed}) AND stream_id IS NOT NULL"
    return Statement(f"SELECT 1 FROM parked WHERE {where} LIMIT 1")
