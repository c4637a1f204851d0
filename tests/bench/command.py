"""How many commands a second are carried out, each on a stream of four facts: load, decide, append;
one at a time by sixteen clients, and many in one go. Beside: the same reads and inserts as plain
SQL, where nothing is decoded, decided, numbered or checked.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from statistics import median
from typing import Any, Final
from uuid import UUID, uuid4

import pymysql

from commands.execute import Ask, Done, execute, execute_many
from commands.store import Append
from domain.contact import (
    BlockContact,
    ContactAdded,
    ContactBlocked,
    ContactJoinedGroup,
    Profile,
    contact,
)
from domain.wire import encode, encode_metadata, type_of
from infra.event_store import SqlEventStore, open_store
from tests.bench.append import AROUND, NOW
from tests.bench.collecting import as_in_services
from tests.bench.figure import Figure, percentile
from tests.bench.ground import Ground

SLICES, CLIENTS, TOGETHER = 3, 16, 200
COMMANDS: Final = {"command_16": 4_000, "command_bulk": 12_000}
"""In one slice."""
WORKSPACE: Final = uuid4()
PROFILE: Final = Profile(phone="+6281234567890", first_name="Ana", language="id")
SELECT: Final = "SELECT * FROM events FORCE INDEX (one_fact_per_version)"
"""As the store does: the young table's statistics would have all of it read."""
Portion = list[UUID]


def run(ground: Ground) -> Iterator[Figure]:
    url = ground.database("store")
    store, bare = open_store(url), Bare(url, ground.mysql.port)
    with as_in_services():
        yield _figure("command_16", store, bare, CLIENTS, 1, "3,500")
        yield _figure("command_bulk", store, bare, 1, TOGETHER, "15,000")
    store.close()
    ground.drop(url)


def _figure(
    name: str, store: SqlEventStore, bare: "Bare", clients: int, together: int, aim: str
) -> Figure:
    rates, floors, waits = [], [], []
    for _ in range(SLICES):
        ids = _begun(store, COMMANDS[name])
        portions = [ids[n : n + together] for n in range(0, len(ids), together)]
        rates.append(len(ids) / _timed(clients, portions, lambda: _commands(store), waits))
        floors.append(len(ids) / _timed(clients, portions, bare.client, []))
    waits.sort()
    return Figure(
        name=name,
        value=median(rates),
        unit="commands/s",
        floor=median(floors),
        ratio=median(rate / floor for rate, floor in zip(rates, floors, strict=True)),
        p50_ms=percentile(waits, 0.5),
        p99_ms=percentile(waits, 0.99),
        aim=aim,
        settings={"clients": clients, "together": together, "facts_of_a_stream": 4},
    )


def _begun(store: SqlEventStore, streams: int) -> Portion:
    """Contacts with four facts each."""
    ids = [uuid4() for _ in range(streams)]
    for start in range(0, streams, TOGETHER):
        some = ids[start : start + TOGETHER]
        store.append([Append(id_, 0, _past(id_), AROUND) for id_ in some], NOW)
    return ids


def _past(id_: UUID) -> list[Any]:
    about = {"workspace_id": WORKSPACE, "contact_id": id_}
    joined = [ContactJoinedGroup(**about, group_id=uuid4(), membership=1) for _ in range(3)]
    return [ContactAdded(**about, profile=PROFILE, source="api"), *joined]


def _timed(
    clients: int,
    portions: Sequence[Portion],
    client: Callable[[], Callable[[Portion], None]],
    waits: list[float],
) -> float:
    """Seconds until all portions are done by so many threads, each with a client of its own."""
    todo = iter(portions)
    ready = [client() for _ in range(clients)]

    def work(do: Callable[[Portion], None]) -> None:
        for portion in todo:
            began = time.perf_counter()
            do(portion)
            waits.append((time.perf_counter() - began) * 1000)

    threads = [threading.Thread(target=work, args=(do,)) for do in ready]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


def _commands(store: SqlEventStore) -> Callable[[Portion], None]:
    def block(id_: UUID) -> list[Ask]:
        return [Ask(contact, id_, BlockContact(workspace_id=WORKSPACE, contact_id=id_))]

    def one_or_many(ids: Portion) -> None:
        if len(ids) == 1:
            execute(store, block(ids[0]), AROUND, NOW)
        else:
            outcomes = execute_many(store, [block(id_) for id_ in ids], AROUND, NOW)
            assert all(isinstance(outcome, Done) for outcome in outcomes)

    return one_or_many


class Bare:
    """A table like that of the facts, for inserts which nobody numbers."""

    def __init__(self, url: str, port: int) -> None:
        self._where: dict[str, Any] = {"host": "127.0.0.1", "port": port, "user": "root"}
        self._where |= {"database": url.rpartition("/")[2], "autocommit": True}
        self._position = count(1)
        with pymysql.connect(**self._where) as connection:
            connection.cursor().execute("CREATE TABLE bare_events LIKE events")

    def client(self) -> Callable[[Portion], None]:
        """Reads the streams, inserts a row for each."""
        cursor = pymysql.connect(**self._where).cursor()

        def read_and_insert(ids: Portion) -> None:
            keys = [id_.bytes for id_ in ids]
            marks = ",".join(["%s"] * len(keys))
            cursor.execute(f"{SELECT} WHERE stream_id IN ({marks})", keys)
            cursor.fetchall()
            values = [value for id_ in ids for value in self._row(id_)]
            row = "(%s,%s,%s,%s,%s,%s,%s,%s)"
            cursor.execute(f"INSERT INTO bare_events VALUES {','.join([row] * len(ids))}", values)

        return read_and_insert

    def _row(self, id_: UUID) -> Sequence[Any]:
        fact = ContactBlocked(workspace_id=WORKSPACE, contact_id=id_)
        at = NOW.replace(tzinfo=None).isoformat(" ")
        ids = next(self._position), id_.bytes, 5, WORKSPACE.bytes
        return *ids, type_of(fact), at, encode_metadata(AROUND), encode(fact)
