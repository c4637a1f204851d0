"""Acknowledged means durable: MySQL is killed, or full, under load; what clients were told holds."""

import threading
from contextlib import contextmanager
from itertools import count
from uuid import uuid4

import pymysql
import pytest

from commands.store import ReceiptExists, StoreUnavailable
from infra.event_store import open_store
from infra.migrate import migrate_store
from infra.servers import start_mysql
from tests.installation import until
from tests.store_facts import NOW, WORKSPACE, append, receipt

CLIENTS, KILLS = 8, 3
EACH = 150
"""Commands acknowledged between two kills."""
ROUTE = "POST /groups"


class Client(threading.Thread):
    """Repeats each command with its key until it is answered; keeps every answer."""

    def __init__(self, url, name, stop):
        super().__init__(name=name)
        self.store, self.stop, self.answers, self.unsure = open_store(url), stop, {}, 0

    def run(self):
        for number in count():
            if self.stop.is_set():
                self.store.close()
                return
            key, stream = f"{self.name} {number}", uuid4()
            until(lambda k=key, s=stream: self._answered(k, s), f"an answer to {key}")

    def _answered(self, key, stream):
        try:
            stored = self.store.receipt(WORKSPACE, ROUTE, key)
            if stored is None:
                first, _ = self.store.append([append(stream, events=2)], NOW, receipt(stream, key))
                self.answers[key] = (stream, 2, first + 1)
            else:
                self.answers[key] = (stream, stored.version, stored.position)
        except (StoreUnavailable, ReceiptExists):
            self.unsure += 1
            return False
        return True


def new_store(server):
    with pymysql.connect(host="127.0.0.1", port=server.port, user="root") as connection:
        connection.cursor().execute("CREATE DATABASE store")
    migrate_store(f"{server.url}/store")
    return f"{server.url}/store"


def test_what_was_acknowledged_outlives_three_kills_of_the_database_once(own_mysql):
    url, stop = new_store(own_mysql), threading.Event()
    clients = [Client(url, f"client-{n}", stop) for n in range(CLIENTS)]
    for client in clients:
        client.start()
    try:
        for kill in range(1, KILLS + 1):
            reached = kill * EACH
            until(lambda n=reached: sum(len(c.answers) for c in clients) > n, "acknowledgements")
            own_mysql.kill()
            own_mysql.restart()
        known = sum(len(client.answers) for client in clients)
        until(lambda: sum(len(c.answers) for c in clients) > known + EACH, "life after the kills")
    finally:
        stop.set()
        for client in clients:
            client.join()
    answers = {key: answer for client in clients for key, answer in client.answers.items()}
    assert sum(client.unsure for client in clients) >= KILLS
    store = open_store(url)
    log = store.read(0, 1_000_000)
    assert [record.position for record in log] == list(range(1, len(log) + 1))
    assert len(log) == 2 * len(answers)
    assert {(stream, version, position) for stream, version, position in answers.values()} == {
        (record.stream_id, record.version, record.position) for record in log[1::2]
    }
    for key, (_, version, position) in answers.items():
        assert store.receipt(WORKSPACE, ROUTE, key)[3:] == (version, position)
    store.close()


@contextmanager
def limited(folder, megabytes):
    """A server whose tables share one file, which may not grow above that size."""
    options = (
        "--innodb-file-per-table=0",
        f"--innodb-data-file-path=ibdata1:12M:autoextend:max:{megabytes}M",
    )
    with start_mysql(folder, durable=True, options=options) as server:
        yield server


def fill(store):
    """Until nothing more fits: how many facts did."""
    for appends in range(200):
        try:
            store.append([append(name="x" * 100_000, events=5)], NOW)
        except StoreUnavailable:
            return 5 * appends
    raise AssertionError("the disk never was full")


def test_a_full_disk_refuses_whole_appends_and_with_room_again_all_goes_on(tmp_path):
    with limited(tmp_path, 40) as server:
        name = new_store(server).rpartition("/")[2]
        store = open_store(f"{server.url}/{name}")
        stored = fill(store)
        assert store.head() == len(store.read(0, 1000)) == stored > 0
        with pytest.raises(StoreUnavailable, match="away, full or read-only"):
            store.append([append(name="x" * 100_000, events=5)], NOW, receipt(uuid4()))
        assert store.receipt(WORKSPACE, ROUTE, "key-1") is None
        store.close()
    with limited(tmp_path, 80) as server:
        store = open_store(f"{server.url}/{name}")
        assert store.head() == stored
        more = store.append([append(name="x" * 100_000, events=5)], NOW, receipt(uuid4()))
        assert more == list(range(stored + 1, stored + 6))
        assert len(store.read(0, 1000)) == stored + 5
        store.close()
