"""Read models rebuilt from the store, beside the same rows put into a table like theirs by bare
multi-row inserts on the same server: the driver is given the rows, as for the floor of appends.
"""

import os
import time
from collections.abc import Iterator
from functools import partial
from statistics import median
from typing import Any, Final, NamedTuple

import pymysql
from sqlalchemy import Engine

from domain.wire import LogRecord
from infra.database import connect
from infra.event_store import open_store
from infra.event_store.store import SqlEventStore
from projections import messages, timeline
from projections.checkpoints import PARTITIONS
from projections.filling import CHUNK
from projections.projection import Projection
from projections.rebuild import rebuild
from projections.team import Opened
from projections.upserts import BYTES_A_STATEMENT, in_mysql
from tests.bench.campaign_log import campaign_log
from tests.bench.figure import Figure
from tests.bench.ground import Ground

MESSAGES: Final = 30_000
ROUNDS: Final = 3
WHY: Final = "timeline: a row for most events; messages: six events a row, so far fewer to insert"


class _Measured(NamedTuple):
    """Medians in events a second, and how many rows the events make.

    `finished` is the floor if the statements have been made beforehand: the server alone.
    """

    value: float
    floor: float
    finished: float
    rows: int


def run(ground: Ground) -> Iterator[Figure]:
    """Events a second; the floor is the same rows, counted as the events they come from."""
    store_url, read_url = ground.database("store"), ground.database("read")
    store, engine = open_store(store_url), connect(read_url, durable=False)
    try:
        events = filled(store, campaign_log(MESSAGES))
        opened = partial(open_store, store_url)
        main = _measured(store, engine, timeline.projection, events, opened)
        other = _measured(store, engine, messages.projection, events, opened)
        settings: dict[str, Any] = {"events": events, "chunk": CHUNK, "rounds": ROUNDS}
        settings |= {"cores": os.cpu_count(), "statement_bytes": BYTES_A_STATEMENT}
        settings |= {"read_model": "timeline", "rows": main.rows, "messages": other.value}
        settings |= {"finished": main.finished, "finished_ratio": main.value / main.finished}
        settings |= {"messages_floor": other.floor, "messages_ratio": other.value / other.floor}
        settings |= {"messages_finished_ratio": other.value / other.finished}
        yield Figure(
            name="rebuild",
            value=main.value,
            unit="events/s",
            floor=main.floor,
            ratio=main.value / main.floor,
            aim="40 K events/s, 0.70 of the floor",
            settings={**settings, "messages_rows": other.rows, "why": WHY},
        )
    finally:
        engine.dispose()
        store.close()
        ground.drop(store_url)
        ground.drop(read_url)


def _measured(
    store: SqlEventStore, engine: Engine, projection: Projection, events: int, opened: Opened
) -> _Measured:
    """The first rebuild makes the rows that the floor inserts."""
    rebuild(store, engine, [projection], PARTITIONS, opened=opened)
    insert = _Insert(engine, projection, events)
    figures, floors, finished = [], [], []
    for _ in range(ROUNDS):
        floors.append(events / insert.seconds())
        finished.append(events / insert.finished_seconds())
        started = time.perf_counter()
        done = rebuild(store, engine, [projection], PARTITIONS, opened=opened)
        figures.append(events / (time.perf_counter() - started))
        assert done.comparison == (True, ()), done
    insert.drop()
    return _Measured(median(figures), median(floors), median(finished), insert.count)


def filled(store: SqlEventStore, records: list[LogRecord]) -> int:
    """The records as rows of the store; how they came there is not what is measured."""
    columns = "position, workspace_id, stream_id, version, type, recorded_at, metadata, data"
    places = ", ".join(["%s"] * len(columns.split(",")))
    with store.engine.begin() as connection:
        cursor = connection.connection.cursor()
        for start in range(0, len(records), CHUNK):
            cursor.executemany(
                f"INSERT INTO events ({columns}) VALUES ({places})",
                [_row(record) for record in records[start : start + CHUNK]],
            )
        cursor.execute("UPDATE positions SET head = %s", (len(records),))
    return len(records)


def _row(record: LogRecord) -> tuple[object, ...]:
    at = record.recorded_at.replace(tzinfo=None)
    ids = (record.workspace_id.bytes, record.stream_id.bytes)
    return (record.position, *ids, record.version, record.type, at, record.metadata, record.data)


class _Insert:
    """The table's rows, and how long they take if they are inserted by themselves."""

    def __init__(self, engine: Engine, projection: Projection, events: int) -> None:
        self.engine = engine
        name = in_mysql(projection.tables[0].name)
        with engine.connect() as connection:
            cursor = connection.connection.cursor()
            cursor.execute(f"SELECT * FROM {name}")
            rows = cursor.fetchall()
        self.count, self.rows = len(rows), rows
        lines = ["(" + ",".join(map(_literal, row)) + ")" for row in rows]
        size = self.count * CHUNK // events
        self.size = size
        pieces = [lines[start : start + size] for start in range(0, len(lines), size)]
        self.transactions = [list(_statements(piece)) for piece in pieces]
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE TABLE floor_ LIKE {name}")

    def finished_seconds(self) -> float:
        """As statements of the rebuild's size, ready before the clock starts."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("TRUNCATE TABLE floor_")
            cursor = connection.connection.cursor()
            started = time.perf_counter()
            for transaction in self.transactions:
                for statement in transaction:
                    cursor.execute(statement)
                connection.connection.commit()
            return time.perf_counter() - started

    def seconds(self) -> float:
        """By the driver, with the same rows a transaction."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("TRUNCATE TABLE floor_")
            cursor = connection.connection.cursor()
            places = ", ".join(["%s"] * len(self.rows[0]))
            started = time.perf_counter()
            for start in range(0, self.count, self.size):
                some = self.rows[start : start + self.size]
                cursor.executemany(f"INSERT INTO floor_ VALUES ({places})", some)
                connection.connection.commit()
            return time.perf_counter() - started

    def drop(self) -> None:
        with self.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE floor_")


def _statements(lines: list[str]) -> Iterator[str]:
    """As large as the rebuild's, and as many a transaction."""
    length = max(1, BYTES_A_STATEMENT * len(lines) // sum(map(len, lines)))
    for start in range(0, len(lines), length):
        yield f"INSERT INTO floor_ VALUES {','.join(lines[start : start + length])}"


def _literal(value: object) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex() if value else "''"
    return str(pymysql.converters.escape_item(value, "utf8mb4"))
