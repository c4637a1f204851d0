"""The event store on SQLAlchemy's engines: MySQL or SQLite, same rules, same tables."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from commands.store import Append, Receipt, Snapshot, StoredReceipt
from domain.kernel import Recorded
from domain.wire import LogRecord, decode
from infra.database import connect, connect_alone
from infra.event_store.batch import batch_of
from infra.event_store.flush import Flush
from infra.event_store.known import Known
from infra.event_store.reader import Reader
from infra.event_store.states import keep, newest
from infra.event_store.writer import Writer

IDS: Final = 1000
"""Streams asked for in one statement."""
COLUMNS: Final = "position, workspace_id, stream_id, version, type, recorded_at, metadata, data"

_FACTS: Final = "SELECT stream_id, version, position, type, recorded_at, metadata, data FROM events"
_IN_ORDER: Final = "ORDER BY stream_id, version"
_NIL: Final = UUID(int=0)


class GapInLog(RuntimeError):
    """Positions are missing below the last one. Readers stop here rather than lose facts."""


class SqlEventStore:
    """`commands.store.EventStore` over a database that is migrated already."""

    def __init__(self, url: str) -> None:
        self.engine = connect(url)
        """For what shares the store's database: leases, the inbox, the relay's checkpoint."""
        alone = connect_alone(url)
        self._known = Known()
        self.flush = Flush(alone, self._known)
        self.writer = Writer(self.flush)
        self.reader = Reader(alone)

    def close(self) -> None:
        """What was handed in is stored first."""
        self.writer.close()
        self.flush.connections.close()
        self.reader.connections.close()
        self.engine.dispose()

    def load(
        self, stream_ids: Sequence[UUID], since: Mapping[UUID, int] | None = None
    ) -> dict[UUID, list[Recorded]]:
        streams: dict[UUID, list[Recorded]] = {stream_id: [] for stream_id in stream_ids}
        known = {stream_id.bytes: stream_id for stream_id in streams}
        for start in range(0, len(known), IDS):
            some = list(known)[start : start + IDS]
            where = f"stream_id IN ({','.join('?' * len(some))})"
            values: list[Any] = some
            if since:
                where = " OR ".join(["stream_id = ? AND version >= ?"] * len(some))
                values = [value for id_ in some for value in (id_, since.get(known[id_], 1))]
            for row in self.reader.read(f"{_FACTS} WHERE {where} {_IN_ORDER}", values):
                stream_id = known[row[0]]
                streams[stream_id].append(_recorded(stream_id, *row[1:]))
        self._known.saw({id_.bytes: facts[-1].version for id_, facts in streams.items() if facts})
        return streams

    def append(
        self, appends: Sequence[Append], now: datetime, receipt: Receipt | None = None
    ) -> list[int]:
        batch = batch_of(appends, now, receipt)
        if not batch.rows and receipt is None:
            return []
        first = self.writer.write(batch)
        return list(range(first, first + len(batch.rows)))

    def snapshots(self, stream_ids: Sequence[UUID]) -> dict[UUID, Snapshot]:
        return newest(self.reader, stream_ids)

    def keep_snapshot(self, snapshot: Snapshot) -> None:
        keep(self.engine, snapshot)

    def receipt(self, workspace_id: UUID, route: str, key: str) -> StoredReceipt | None:
        rows = self.reader.read(
            "SELECT fingerprint, status, target, version, position FROM receipts"
            " WHERE workspace_id = ? AND route = ? AND key_ = ?",
            (workspace_id.bytes, route, key),
        )
        return StoredReceipt(*rows[0]) if rows else None

    def head(self) -> int:
        ((head,),) = self.reader.read("SELECT head FROM positions WHERE id = ?", (1,))
        return int(head)

    def read(self, after: int, limit: int) -> list[LogRecord]:
        rows = self.reader.read(
            f"SELECT {COLUMNS} FROM events WHERE position > ? ORDER BY position LIMIT ?",
            (after, limit),
        )
        if rows and rows[-1][0] - after != len(rows):
            raise GapInLog(f"between positions {after} and {rows[-1][0]} are {len(rows)} facts")
        return list(records(rows))


def open_store(url: str) -> SqlEventStore:
    """The store behind a url such as mysql+pymysql://user@host/blazz or sqlite:////path/file."""
    return SqlEventStore(url)


def records(rows: Iterable[Sequence[Any]]) -> Iterable[LogRecord]:
    """Rows of `COLUMNS` as the log's records."""
    for position, workspace_id, stream_id, version, type_, at, metadata, data in rows:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at
        yield LogRecord(
            position,
            UUID(bytes=workspace_id),
            UUID(bytes=stream_id),
            version,
            type_,
            moment.replace(tzinfo=UTC),
            metadata,
            data,
        )


def _recorded(
    stream_id: UUID, version: int, position: int, type_: str, at: Any, *around_and_data: bytes
) -> Recorded:
    """Without a column for the workspace: the fact says it."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    record = LogRecord(
        position, _NIL, stream_id, version, type_, moment.replace(tzinfo=UTC), *around_and_data
    )
    return decode(record)
