"""Writes a batch and finds out what became of it: stored, in conflict, or not to be had now."""

import random
import time
from types import ModuleType
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Engine

from commands.store import ReceiptExists, StoreUnavailable, VersionConflict
from infra.event_store import mysql, sqlite
from infra.event_store.batch import Batch, TrackingConflict
from infra.event_store.connections import Connections
from infra.event_store.faults import ERRORS, Fault, fault, key_taken

PAUSES_S: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
GIVE_UP_S: Final = 15
IDS: Final = 1000
"""Streams asked for in one statement."""

_REFUSALS: Final = (VersionConflict, ReceiptExists, TrackingConflict)


class Writer:
    """The one door through which rows get into `events`."""

    def __init__(self, engine: Engine) -> None:
        self.connections = Connections(engine)
        self._database: ModuleType = mysql if engine.dialect.name == "mysql" else sqlite
        self._mark: str = self._database.PARAMETER

    def sql(self, text: str) -> str:
        """A statement with `?` marks, in the driver's own."""
        return text.replace("?", self._mark)

    def write(self, batch: Batch) -> int:
        """The position of the batch's first row.

        After a broken connection the facts are looked for before anything is said or repeated.
        """
        uncertain, stop = False, time.monotonic() + GIVE_UP_S
        for pause in (*PAUSES_S, None):
            try:
                return self._once(batch, uncertain=uncertain)
            except ERRORS as error:
                found = fault(error)
                uncertain = uncertain or found is Fault.LOST
                hopeless = found not in {Fault.AGAIN, Fault.LOST}
                if hopeless or pause is None or time.monotonic() > stop:
                    raise _answer(found, error, uncertain=uncertain) from error
                time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 (jitter)
        raise AssertionError

    def read(self, text: str, values: Any) -> list[tuple[Any, ...]]:
        """The rows of a SELECT with `?` marks, outside of any transaction."""
        for pause in (*PAUSES_S, None):
            try:
                return self._select(text, values)
            except ERRORS as error:
                found = fault(error)
                if found not in {Fault.AGAIN, Fault.LOST} or pause is None:
                    raise _answer(found, error) from error
                time.sleep(pause)
        raise AssertionError

    def _select(self, text: str, values: Any) -> list[tuple[Any, ...]]:
        with self.connections.take() as connection:
            cursor = connection.cursor()
            cursor.execute(self.sql(text), values)
            return list(cursor.fetchall())

    def _once(self, batch: Batch, *, uncertain: bool) -> int:
        if uncertain and (first := self._find(batch)):
            return first
        try:
            return self._try(batch)
        except _REFUSALS:
            if uncertain and (first := self._find(batch)):
                return first
            raise

    def _try(self, batch: Batch) -> int:
        with self.connections.take() as connection:
            # Losers must learn it here, before they hold the counter.
            self._check(connection, batch)
            try:
                return int(self._database.write(connection, batch))
            except ERRORS as error:
                if fault(error) is not Fault.TAKEN:
                    raise
                connection.rollback()
                self._refuse(connection, batch, error)
                raise

    def _check(self, connection: Any, batch: Batch) -> None:
        cursor = connection.cursor()
        # Each look is of its own moment. The key comes last, or an equal request that is stored
        # between the two would seem to be a conflict.
        stand = self._heads(cursor, list(batch.heads))
        if batch.receipt:
            workspace_id, route, key = batch.receipt[:3]
            spent = "SELECT 1 FROM receipts WHERE workspace_id = ? AND route = ? AND key_ = ?"
            cursor.execute(self.sql(spent), (workspace_id.bytes, route, key))
            if cursor.fetchone():
                raise ReceiptExists(key)
        for stream, expected in batch.heads.items():
            head = stand.get(stream, 0 if batch.exact else expected)
            if head != expected if batch.exact else head > expected:
                raise VersionConflict(UUID(bytes=stream))

    def _heads(self, cursor: Any, streams: list[bytes]) -> dict[bytes, int]:
        heads: dict[bytes, int] = {}
        for start in range(0, len(streams), IDS):
            some = streams[start : start + IDS]
            marks = ",".join([self._mark] * len(some))
            cursor.execute(
                "SELECT stream_id, MAX(version) FROM events"
                f" WHERE stream_id IN ({marks}) GROUP BY stream_id",
                some,
            )
            heads.update(cursor.fetchall())
        return heads

    def _refuse(self, connection: Any, batch: Batch, error: BaseException) -> None:
        key = key_taken(error)
        if key.startswith("receipts."):
            raise ReceiptExists(batch.receipt.key if batch.receipt else "") from error
        if key in {"events.one_fact_per_version", "events.stream_id"}:
            self._check(connection, batch)
            raise VersionConflict from error
        if key.startswith("events."):
            raise StoreUnavailable(
                "the position counter stands below the last event: the store was not restored whole"
            ) from error

    def _find(self, batch: Batch) -> int | None:
        """Where the batch's own facts stand, if all of them do, byte for byte and in a row."""
        if not batch.rows:
            return None
        stored: dict[tuple[bytes, int], tuple[Any, ...]] = {}
        streams = list(batch.heads)
        for start in range(0, len(streams), IDS):
            some = streams[start : start + IDS]
            rows = self._select(
                "SELECT stream_id, version, position, workspace_id, type, metadata, data"
                f" FROM events WHERE stream_id IN ({','.join('?' * len(some))})",
                some,
            )
            stored.update({(row[0], row[1]): row[2:] for row in rows})
        first = stored.get(batch.rows[0][:2], (0,))[0]
        for i, row in enumerate(batch.rows):
            own = (first + i, row.workspace_id, row.type, row.metadata, row.data)
            if stored.get(row[:2]) != own:
                return None
        return int(first)


def _answer(found: Fault, error: BaseException, *, uncertain: bool = False) -> BaseException:
    if found in {Fault.OTHER, Fault.TAKEN}:
        return error
    fate = "; whether the facts are stored is not known" if uncertain else ""
    return StoreUnavailable(f"the event store cannot answer: {found.value}{fate} ({error})")
