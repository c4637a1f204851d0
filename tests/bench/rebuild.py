"""The message log rebuilt from the store, beside the same rows put into the same table by bare
multi-row inserts on the same server.
"""

import time
from collections.abc import Iterator
from statistics import median
from typing import Final

import pymysql
from sqlalchemy import Engine

from domain.wire import LogRecord
from infra.database import connect
from infra.event_store import open_store
from infra.event_store.store import SqlEventStore
from projections import messages
from projections.checkpoints import PARTITIONS
from projections.filling import CHUNK
from projections.rebuild import rebuild
from projections.upserts import in_mysql
from tests.bench.campaign_log import campaign_log
from tests.bench.figure import Figure
from tests.bench.ground import Ground

MESSAGES: Final = 40_000
ROUNDS: Final = 3
ROWS_A_STATEMENT: Final = 1000


def run(ground: Ground) -> Iterator[Figure]:
    """Events a second; the floor is the same rows, counted as the events they come from."""
    store_url, read_url = ground.database("store"), ground.database("read")
    store, engine = open_store(store_url), connect(read_url, durable=False)
    try:
        events = _filled(store, campaign_log(MESSAGES))
        rebuild(store, engine, [messages.projection], PARTITIONS)
        insert = _Insert(engine)
        figures, floors = [], []
        for _ in range(ROUNDS):
            floors.append(events / insert.seconds())
            started = time.perf_counter()
            done = rebuild(store, engine, [messages.projection], PARTITIONS)
            figures.append(events / (time.perf_counter() - started))
            assert done.comparison == (True, ()), done
        value, floor = median(figures), median(floors)
        settings = {"events": events, "rows": insert.count, "chunk": CHUNK, "rounds": ROUNDS}
        yield Figure(
            name="rebuild",
            value=value,
            unit="events/s",
            floor=floor,
            ratio=value / floor,
            aim="40 K events/s, 0.70 of the floor",
            settings=settings,
        )
    finally:
        engine.dispose()
        store.close()
        ground.drop(store_url)
        ground.drop(read_url)


def _filled(store: SqlEventStore, records: list[LogRecord]) -> int:
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
    """The table's rows as statements made beforehand, and how long the server takes for them."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        name = in_mysql(messages.messages.name)
        with engine.connect() as connection:
            cursor = connection.connection.cursor()
            cursor.execute(f"SELECT * FROM {name}")
            rows = cursor.fetchall()
        self.count = len(rows)
        lines = ["(" + ",".join(map(_literal, row)) + ")" for row in rows]
        self.statements = [
            f"INSERT INTO floor_ VALUES {','.join(lines[start : start + ROWS_A_STATEMENT])}"
            for start in range(0, len(lines), ROWS_A_STATEMENT)
        ]
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE TABLE floor_ LIKE {name}")

    def seconds(self) -> float:
        with self.engine.connect() as connection:
            connection.exec_driver_sql("TRUNCATE TABLE floor_")
            cursor = connection.connection.cursor()
            started = time.perf_counter()
            for number, statement in enumerate(self.statements, 1):
                cursor.execute(statement)
                if number % 5 == 0:
                    connection.connection.commit()
            connection.connection.commit()
            return time.perf_counter() - started


def _literal(value: object) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex() if value else "''"
    return str(pymysql.converters.escape_item(value, "utf8mb4"))
