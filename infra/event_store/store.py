"""The event store on SQLAlchemy's engines: MySQL or SQLite, same rules, same tables."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from commands.store import Append, Receipt, StoredReceipt
from domain.kernel import Recorded
from domain.wire import LogRecord, decode
from infra.database import connect, connect_alone
from infra.event_store.batch import batch_of
from infra.event_store.writer import IDS, Writer

COLUMNS = "position, workspace_id, stream_id, version, type, recorded_at, metadata, data"


class GapInLog(RuntimeError):
    """Positions are missing below the last one. Readers stop here rather than lose facts."""


class SqlEventStore:
    """`commands.store.EventStore` over a database that is migrated already."""

    def __init__(self, url: str) -> None:
        self.engine = connect(url)
        """For what shares the store's database: leases, the inbox, the relay's checkpoint."""
        self._alone = connect_alone(url)
        self.writer = Writer(self._alone)

    def close(self) -> None:
        self.writer.connections.close()
        self.engine.dispose()

    def load(self, stream_ids: Sequence[UUID]) -> dict[UUID, list[Recorded]]:
        streams: dict[UUID, list[Recorded]] = {stream_id: [] for stream_id in stream_ids}
        ids = [stream_id.bytes for stream_id in streams]
        for start in range(0, len(ids), IDS):
            some = ids[start : start + IDS]
            marks = ",".join("?" * len(some))
            rows = self.writer.read(
                f"SELECT {COLUMNS} FROM events WHERE stream_id IN ({marks})"
                " ORDER BY stream_id, version",
                some,
            )
            for record in records(rows):
                streams[record.stream_id].append(decode(record))
        return streams

    def append(
        self, appends: Sequence[Append], now: datetime, receipt: Receipt | None = None
    ) -> list[int]:
        batch = batch_of(appends, now, receipt)
        if not batch.rows and receipt is None:
            return []
        first = self.writer.write(batch)
        return list(range(first, first + len(batch.rows)))

    def receipt(self, workspace_id: UUID, route: str, key: str) -> StoredReceipt | None:
        rows = self.writer.read(
            "SELECT fingerprint, status, target, version, position FROM receipts"
            " WHERE workspace_id = ? AND route = ? AND key_ = ?",
            (workspace_id.bytes, route, key),
        )
        return StoredReceipt(*rows[0]) if rows else None

    def head(self) -> int:
        ((head,),) = self.writer.read("SELECT head FROM positions WHERE id = ?", (1,))
        return int(head)

    def read(self, after: int, limit: int) -> list[LogRecord]:
        rows = self.writer.read(
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
