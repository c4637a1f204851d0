"""A prepared transaction's checkpoints and rows in one request, without asking first how things
stand: the moves of the checkpoints tell, for they take only those that stand as was thought.
"""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import Connection, Dialect, literal, select

from projections import upserts
from projections.batch import Prepared
from projections.checkpoints import held_in, text_of
from projections.upserts import Statement


class Otherwise(Exception):
    """Things stand otherwise than was thought; what was written must not be committed."""


def write_at_once(connection: Connection, partitions: Sequence[int], prepared: Prepared) -> None:
    """Inside the connection's transaction, which must be rolled back if this raises Otherwise.

    The checkpoints are locked by their moves, so who else moves them waits or has moved them, and
    what is held is read after that.
    """
    moves = [statement for statement, _ in prepared.moves]
    held = Statement(_any_held(connection.dialect, tuple(partitions)))
    counts = upserts.execute(connection, [*moves, held, *prepared.rows])
    if counts[: len(moves) + 1] != [*[count for _, count in prepared.moves], 0]:
        raise Otherwise


@lru_cache(maxsize=4096)
def _any_held(dialect: Dialect, partitions: tuple[int, ...]) -> str:
    """Finds one row if any stream is held there."""
    return text_of(dialect, select(literal(1)).where(held_in(partitions)).limit(1))
