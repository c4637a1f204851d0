"""How far each projection has got in each partition, and which records it set aside.

A checkpoint moves in the same commit as the rows it stands for, so it is never wrong about them.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple
from uuid import UUID
from zlib import crc32

from sqlalchemy import (
    BigInteger,
    ClauseElement,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    and_,
    func,
    select,
    tuple_,
)
from sqlalchemy import text as sql_text
from sqlalchemy.dialects.mysql import MEDIUMBLOB

from projections.columns import MYSQL, long_text, text
from projections.projection import Projection
from projections.tables import Id, Instant, metadata

PARTITIONS: Final = 12
LIVE: Final = "live"
PAUSED: Final = "paused"
"""An operator wants the tables to stand still."""
UNBUILT: Final = "unbuilt"
"""A new version of a projection: its tables hold what an older version made of the facts."""
REPLACED: Final = "replaced"
"""An older version of a projection, whose tables hold what a newer version makes of the facts."""

Bytes = LargeBinary().with_variant(MEDIUMBLOB(), "mysql")

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("projection", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False, server_default="0"),
    Column("next_offset", BigInteger),
    Column("recorded_at", Instant),
    Column("applied_at", Instant),
    Column("records", BigInteger, nullable=False, server_default="0"),
    Column("state", String(16), nullable=False, server_default=sql_text("'live'")),
    Column("log_id", String(300)),
    **MYSQL,
)

parked = Table(
    "parked",
    metadata,
    Column("projection", String(64), primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("offset", BigInteger, nullable=False),
    Column("workspace_id", Id),
    Column("stream_id", Id),
    Column("stream_version", Integer),
    text("type", 100),
    Column("recorded_at", Instant),
    Column("metadata", Bytes),
    Column("data", Bytes),
    Column("reason", Text, nullable=False),
    Column("parked_at", Instant, nullable=False),
    Column("behind", BigInteger),
    Index("parked_streams", "partition", "projection", "stream_id", "position"),
    Index("parked_lately", "projection", "parked_at"),
    **MYSQL,
)

rebuilds = Table(
    "rebuilds",
    metadata,
    Column("projection", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    # JSON lists: of each partition, how far its facts are in the shadow tables, and how many.
    long_text("positions"),
    Column("head", BigInteger, nullable=False, server_default="0"),
    long_text("records"),
    Column("worked_ms", BigInteger, nullable=False, server_default="0"),
    Column("started_at", Instant),
    Column("moved_at", Instant),
    **MYSQL,
)


class Checkpoint(NamedTuple):
    """`next_offset` None: not known, start at the earliest; positions tell what is repeated.

    Tables move only in the state `live`; in every other one their projection takes nothing.
    """

    projection: str
    version: int
    partition: int
    position: int = 0
    next_offset: int | None = None
    state: str = LIVE


Key = tuple[str, int, int]


def partition_of(workspace_id: UUID, partitions: int) -> int:
    """The partition that carries a workspace's whole history."""
    return crc32(workspace_id.bytes) % partitions


def read(
    connection: Connection,
    projections: tuple[Projection, ...],
    partitions: Sequence[int],
    *,
    lock: bool = False,
) -> dict[Key, Checkpoint]:
    """The stored checkpoints, by their key; one never written is absent."""
    wanted = tuple((p.name, p.version) for p in projections)
    text = _reading(connection.dialect, wanted, tuple(partitions), lock)
    return {row[:3]: Checkpoint(*row) for row in map(tuple, connection.exec_driver_sql(text))}


def first_states(
    connection: Connection, projections: Sequence[Projection]
) -> dict[tuple[str, int], str]:
    """In which state a checkpoint begins: that of the projection's others; and a version of which
    there are none is unbuilt if another one has filled its tables.
    """
    c = checkpoints.c
    asked = select(c.projection, c.version, c.state).distinct()
    found = connection.execute(asked.where(c.projection.in_([p.name for p in projections]))).all()
    own = {(name, version): state for name, version, state in found}
    filled = {name for name, _, _ in found}
    keys = [(p.name, p.version) for p in projections]
    return {key: own.get(key, UNBUILT if key[0] in filled else LIVE) for key in keys}


Held = dict[int, dict[tuple[str, UUID], int]]
"""By partition: (projection, stream) of which a record is parked, and that record's position."""


def held_streams(connection: Connection, partitions: Sequence[int]) -> Held:
    """What is held in each of the partitions."""
    out: Held = {partition: {} for partition in partitions}
    text = _holding(connection.dialect, tuple(partitions))
    for partition, name, stream, position in connection.exec_driver_sql(text):
        out[partition][name, UUID(bytes=bytes(stream))] = position
    return out


# Both are asked once a commit; building them each time took longer than the database's answer.
@lru_cache(maxsize=4096)
def _reading(
    dialect: Dialect,
    wanted: tuple[tuple[str, int], ...],
    partitions: tuple[int, ...],
    lock: bool,
) -> str:
    c = checkpoints.c
    columns = (c.projection, c.version, c.partition, c.position, c.next_offset, c.state)
    keys = [(*one, partition) for one in wanted for partition in partitions]
    statement = (
        select(*columns)
        .where(tuple_(c.projection, c.version, c.partition).in_(keys))
        # MySQL would rather go through a table of this size: through rows that others have locked.
        .with_hint(checkpoints, "FORCE INDEX (PRIMARY)", "mysql")
    )
    return text_of(dialect, statement.with_for_update() if lock else statement)


@lru_cache(maxsize=4096)
def _holding(dialect: Dialect, partitions: tuple[int, ...]) -> str:
    c = parked.c
    found = select(c.partition, c.projection, c.stream_id, func.min(c.position))
    held = found.where(held_in(partitions)).group_by(c.partition, c.projection, c.stream_id)
    return text_of(dialect, held)


def held_in(partitions: Sequence[int]) -> ColumnElement[bool]:
    """Of parked records: their streams are held."""
    return and_(parked.c.partition.in_(partitions), parked.c.stream_id.is_not(None))


def text_of(dialect: Dialect, statement: ClauseElement) -> str:
    """With the values in it: they are names and numbers of our own."""
    return str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
