"""The store's facts on their way to the log: the bytes as they stand in the database.

The log carries text, so nothing is decoded to be encoded again: that took longer than sending.
"""

import threading
import time
from contextlib import suppress
from itertools import accumulate
from operator import itemgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import Engine

from infra.bell import Ear
from infra.event_store.faults import ERRORS
from infra.event_store.rows import BYTES, rows
from infra.event_store.store import GapInLog

LOOK_S: Final = 0.004
"""Between two looks for news: one look is one step into the primary key."""
TOLD_LOOK_S: Final = 0.04
"""Between two looks while writers tell of their facts."""
CHUNK_BYTES: Final = 8 * 1024 * 1024
"""Of contents read at once, except that a larger fact comes alone."""
FIRST: Final = 500
"""How many are asked for before it is known how large they are."""
COLUMNS: Final = (
    "position",
    "workspace_id",
    "stream_id",
    "version",
    "type",
    "recorded_at",
    "metadata",
    "data",
)


_metadata, _data = itemgetter(6), itemgetter(7)


class RawFact(NamedTuple):
    """A row of `events`: ids as their 16 bytes, all others as text."""

    position: bytes
    workspace_id: bytes
    stream_id: bytes
    version: bytes
    type: bytes
    recorded_at: bytes
    metadata: bytes
    data: bytes


class Facts:
    """Reads through a connection of its own, which is opened again after it broke."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._mysql = engine.dialect.name == "mysql"
        self._connection: Any = None
        self._fitting = FIRST
        self.more = False
        """The last reading ended before the facts did."""
        self._halted, self._reading = threading.Event(), threading.Lock()
        self._ear = Ear(engine.url, "facts", LOOK_S, TOLD_LOOK_S)
        columns = COLUMNS if self._mysql else [f"CAST({name} AS BLOB)" for name in COLUMNS]
        self._select = f"SELECT {', '.join(columns)} FROM events"

    def wait(self, after: int, limit: int, within_s: float) -> list[RawFact]:
        """Facts above `after` as soon as there are any; none if there are none for that long."""
        until = time.monotonic() + within_s
        while not self._halted.is_set():
            self._ear.begin()
            if found := self.read(after, limit):
                self._ear.found()
                return found
            left_s = until - time.monotonic()
            if left_s <= 0:
                break
            self._ear.wait(left_s)
        return []

    def read(self, after: int, limit: int) -> list[RawFact]:
        """Up to `limit` facts above `after`, and up to CHUNK_BYTES of them.

        GapInLog rather than leave one out.
        """
        asked = min(limit, self._fitting)
        with self._reading:
            try:
                found = self._rows(after, asked)
            except BaseException:
                self._drop()
                raise
        if found and (last := int(found[-1][0])) - after != len(found):
            raise GapInLog(f"between positions {after} and {last} are {len(found)} facts")
        return self._bounded(found, asked)

    def _bounded(self, found: list[RawFact], asked: int) -> list[RawFact]:
        """Those that fit; with large ones about, fewer are asked for the next time."""
        count = _within(found, CHUNK_BYTES)
        if count < len(found):
            self._fitting, self.more = count, True
            return found[:count]
        self.more = len(found) == asked
        if self.more:
            self._fitting = 2 * asked
        return found

    def halt(self) -> None:
        """Whoever waits stops waiting."""
        self._halted.set()

    def close(self) -> None:
        """Ends the connection, after the reading that may be going on."""
        self.halt()
        with self._reading:
            self._drop()
            self._ear.close()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*ERRORS):  # it may be broken, which is why it is dropped
                connection.close()

    def _rows(self, after: int, limit: int) -> list[RawFact]:
        if self._connection is None:
            self._connection = self._open()
        statement = (
            f"{self._select} WHERE position > {after:d} ORDER BY events.position LIMIT {limit:d}"
        )
        if self._mysql:
            return rows(self._connection, statement.encode(), (BYTES,) * len(COLUMNS))
        return list(self._connection.execute(statement))

    def _open(self) -> Any:
        pooled = self._engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        if self._mysql:
            connection.autocommit(True)
        return connection


def _within(facts: list[RawFact], most: int) -> int:
    """How many of the first facts have no more than so many bytes of contents; one at least."""
    if sum(map(len, map(_metadata, facts))) + sum(map(len, map(_data, facts))) <= most:
        return len(facts)
    sizes = [len(_metadata(fact)) + len(_data(fact)) for fact in facts]
    return max(1, sum(total <= most for total in accumulate(sizes)))
