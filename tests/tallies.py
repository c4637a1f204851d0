"""Two small read models over real events, a log kept in a list, and tables to hold them."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid5

from sqlalchemy import CheckConstraint, Column, Integer, MetaData, String, Table, insert, select

from domain.group import GroupCreated
from domain.kernel import Metadata, Recorded
from domain.wire import LogRecord, Sifted, encode, encode_metadata, type_of
from infra.database import connect
from projections.checkpoints import checkpoints, parked, partition_of, rebuilds
from projections.entries import LogEntry
from projections.projection import Projection
from projections.rows import Row, add, put
from projections.tables import Instant, id_column

metadata = MetaData()
START = datetime(2025, 1, 1, tzinfo=UTC)
ROOT = UUID("5f0c6e52-2f0a-4a6b-9d57-0d6a1c1b0001")
MYSQL = {"mysql_collate": "utf8mb4_0900_bin"}

names = Table(
    "names",
    metadata,
    id_column("workspace_id", primary_key=True),
    id_column("group_id", primary_key=True),
    Column("name", String(20), nullable=False, server_default=""),
    Column("named_at", Instant),
    Column("renamed", Integer, nullable=False, server_default="0"),
    **MYSQL,
)
tally = Table(
    "tally",
    metadata,
    id_column("workspace_id", primary_key=True),
    Column("groups_created", Integer, nullable=False, server_default="0"),
    Column("letters", Integer, nullable=False, server_default="0"),
    CheckConstraint("letters >= 0", name="letters_are_counted"),
    **MYSQL,
)

naming = Projection("naming", names)
counting = Projection("counting", tally)


@naming.on
def named(event: GroupCreated, recorded: Recorded) -> list[Row]:
    ids = {"workspace_id": event.workspace_id, "group_id": event.group_id}
    return [
        put(names, **ids, name=event.name, named_at=recorded.recorded_at),
        add(names, **ids, renamed=1),
    ]


@counting.on
def counted(event: GroupCreated, recorded: Recorded) -> Row:
    if event.name == "poison":
        raise ArithmeticError("nobody counts poison")
    letters = -(10**6) if event.name == "negative" else len(event.name)
    return add(tally, workspace_id=event.workspace_id, groups_created=1, letters=letters)


cured = Projection("counting", tally)
"""The same after somebody has taught it to count poison."""


@cured.on
def counted_with_poison(event: GroupCreated, recorded: Recorded) -> Row:
    return add(tally, workspace_id=event.workspace_id, groups_created=1, letters=len(event.name))


def workspace(number):
    return uuid5(ROOT, f"workspace {number}")


def created(number=0, name="friends", group=0):
    """A group of that workspace gets a name; naming it again is a later fact of its stream."""
    id_ = uuid5(workspace(number), f"group {group}")
    return GroupCreated(workspace_id=workspace(number), group_id=id_, name=name)


def record(position, event, version=1, data=None):
    return LogRecord(
        position,
        event.workspace_id,
        event.group_id,
        version,
        type_of(event),
        START + timedelta(milliseconds=position),
        encode_metadata(Metadata(actor="tester")),
        encode(event) if data is None else data,
    )


def records(*events):
    versions = {}
    out = []
    for position, event in enumerate(events, 1):
        versions[event.group_id] = versions.get(event.group_id, 0) + 1
        out.append(record(position, event, versions[event.group_id]))
    return out


def history(count, workspaces=5, groups=7):
    """Many facts, spread unevenly, the same ones every time."""
    return records(
        *(created(i * i % workspaces, f"name {i}", i * 31 % groups) for i in range(count))
    )


def entries(found, offset=0):
    """One partition's entries: offsets from `offset`, each naming the position before it."""
    chain = [0, *(r.position for r in found)]
    return [
        LogEntry(record, offset + i, record.position, previous)
        for i, (record, (previous, _)) in enumerate(zip(found, pairwise(chain), strict=True))
    ]


def by_partition(found, partitions):
    out = {partition: [] for partition in range(partitions)}
    for one in found:
        out[partition_of(one.workspace_id, partitions)].append(one)
    return {partition: entries(part) for partition, part in out.items()}


class Kept:
    """A log in memory."""

    def __init__(self, found):
        self.found = list(found)

    def head(self):
        return len(self.found)

    def read(self, after, limit):
        return self.found[after : after + limit]

    def sift(self, after, limit, unwanted):
        found = self.read(after, limit)
        counts = Counter(record.workspace_id for record in found)
        asked_for = [record for record in found if record.type not in unwanted]
        return Sifted(found[-1].position if found else 0, counts, [asked_for])


def tables_at(url):
    """An engine on a database with the tables of these read models and of the sink."""
    engine = connect(url)
    metadata.create_all(engine)
    checkpoints.metadata.create_all(engine, [checkpoints, parked, rebuilds])
    return engine


def rows(engine, table):
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(table))]


def column(engine, table, name):
    with engine.connect() as connection:
        return list(connection.scalars(select(table.c[name]).order_by(table.c[name])))


def set_aside(engine):
    """(projection, position, reason) of every parked record, in order."""
    with engine.connect() as connection:
        c = parked.c
        found = select(c.projection, c.position, c.reason).order_by(c.position, c.projection)
        return [tuple(row) for row in connection.execute(found)]


def stored(engine, table, **values):
    with engine.begin() as connection:
        connection.execute(insert(table).values(**values))
