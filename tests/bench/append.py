"""How many commits a second the event store takes and how long each of them waits, beside a bare
multi-row insert of as many rows as a commit of the store had, into a table of the same shape.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import count
from statistics import mean, median
from typing import Any, Final, NamedTuple
from uuid import uuid4

import msgspec
import pymysql

from commands.store import Append
from domain.kernel import Metadata
from domain.wire import encode, encode_metadata, type_of
from infra.event_store import SqlEventStore, open_store
from infra.event_store.writer import BATCHES, EVENTS
from tests import examples
from tests.bench.collecting import as_in_services
from tests.bench.figure import Figure, percentile
from tests.bench.ground import Ground

SLICES: Final = 3
FIGURE_S, FLOOR_S = 2.0, 1.5
VERSIONS: Final = 4
"""Facts of one stream, each in a commit of its own."""
BATCH: Final = 500
NOW: Final = datetime(2026, 3, 1, 9, 30, 15, 123456, tzinfo=UTC)
AROUND: Final = Metadata(
    actor="key_01h45ytscbebyvny4gc8cr8ma2",
    request_id="req_01h45ytscbebyvny4gc8cr8ma2",
    traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    time_zone="Asia/Jakarta",
)
FACTS: Final = [
    msgspec.structs.replace(examples.queued, message_id=uuid4()) for _ in range(VERSIONS)
]
AIMS: Final = {
    "append_1": "2,000, p99 < 15 ms",
    "append_16": "9,000, p99 < 15 ms",
    "append_128": "20,000, p99 < 15 ms, ratio 0.5",
}


class Taken(NamedTuple):
    """One slice of a measurement: events a second, how long each append took, events a commit."""

    rate: float
    waits_ms: list[float]
    batch: float


def run(ground: Ground) -> Iterator[Figure]:
    url = ground.database("store")
    store, floor = open_store(url), Floor(url, ground.mysql.port)
    store.append([_append(0) for _ in range(BATCH)], NOW)
    with as_in_services():
        for name, clients in (("append_1", 1), ("append_16", 16), ("append_128", 128)):
            yield _figure(name, store, floor, clients, 1)
        yield _figure("append_batch", store, floor, 1, BATCH)
    store.close()
    floor.close()
    ground.drop(url)


def _figure(name: str, store: SqlEventStore, floor: "Floor", clients: int, events: int) -> Figure:
    taken, bare = [], []
    for _ in range(SLICES):
        taken.append(load(store, clients, events, FIGURE_S))
        bare.append(floor.rate(max(1, round(taken[-1].batch)), FLOOR_S))
    waits = sorted(wait for one in taken for wait in one.waits_ms)
    value, below = median(one.rate for one in taken), median(bare)
    return Figure(
        name=name,
        value=value,
        unit="events/s" if events > 1 else "commits/s",
        floor=below,
        ratio=median(one.rate / rate for one, rate in zip(taken, bare, strict=True)),
        p50_ms=percentile(waits, 0.5),
        p99_ms=percentile(waits, 0.99),
        aim=AIMS.get(name, ""),
        settings={
            "clients": clients,
            "events_a_commit": mean(one.batch for one in taken),
            "flush_log_at_trx_commit": 1,
        },
    )


def load(store: SqlEventStore, clients: int, events: int, seconds: float) -> Taken:
    """So many threads append to streams of their own, one append after the other."""
    waits: list[list[float]] = [[] for _ in range(clients)]
    stop = threading.Event()
    threads = [
        threading.Thread(target=_client, args=(store, events, stop, waits[i]))
        for i in range(clients)
    ]
    batches, stored = _counted(BATCHES), _counted(EVENTS)
    began = time.monotonic()
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    took, stored = time.monotonic() - began, _counted(EVENTS) - stored
    return Taken(
        stored / took, [w for one in waits for w in one], stored / (_counted(BATCHES) - batches)
    )


def _client(store: SqlEventStore, events: int, stop: threading.Event, waits: list[float]) -> None:
    while not stop.is_set():
        streams = [uuid4() for _ in range(events)]
        for version in range(VERSIONS):
            appends = [Append(id_, version, [FACTS[version]], AROUND) for id_ in streams]
            began = time.perf_counter()
            store.append(appends, NOW)
            waits.append((time.perf_counter() - began) * 1000)


def _append(version: int) -> Append:
    return Append(uuid4(), version, [FACTS[version]], AROUND)


def _counted(counter: Any) -> float:
    return float(counter._value.get())


class Floor:
    """Plain pymysql on one connection, nothing checked, rows ready before the clock starts."""

    def __init__(self, url: str, port: int) -> None:
        self._connection = pymysql.connect(
            host="127.0.0.1", port=port, user="root", database=url.rpartition("/")[2]
        )
        self._connection.autocommit(True)
        self._connection.cursor().execute("CREATE TABLE bare_events LIKE events")
        self._position = count(1)

    def rate(self, rows: int, seconds: float) -> float:
        """Rows a second in inserts of so many rows, each its own commit."""
        cursor, stored, spent = self._connection.cursor(), 0, 0.0
        values = ",".join(["(%s,%s,%s,%s,%s,%s,%s,%s)"] * rows)
        while spent < seconds:
            made = [value for _ in range(rows) for value in self._row()]
            began = time.perf_counter()
            cursor.execute(f"INSERT INTO bare_events VALUES {values}", made)
            spent += time.perf_counter() - began
            stored += rows
        return stored / spent

    def close(self) -> None:
        self._connection.close()

    def _row(self) -> Sequence[Any]:
        fact = FACTS[0]
        at = NOW.replace(tzinfo=None).isoformat(" ")
        ids = uuid4().bytes, 1, fact.workspace_id.bytes
        return next(self._position), *ids, type_of(fact), at, encode_metadata(AROUND), encode(fact)
