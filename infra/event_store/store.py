"""The event store on SQLAlchemy's engines: MySQL or SQLite, same rules, same tables."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from commands.store import Append, Receipt, Snapshot, StoredReceipt
from domain.kernel import Recorded
from domain.wire import LogRecord, Sifted, recorded
from infra.bell import Bell
from infra.database import connect, connect_alone
from infra.event_store.batch import batch_of
from infra.event_store.flush import Flush
from infra.event_store.known import Known
from infra.event_store.reader import Reader
from infra.event_store.records import instant, records, sifted
from infra.event_store.rows import BYTES, NUMBER, TEXT
from infra.event_store.states import keep, newest
from infra.event_store.writer import Writer

IDS: Final = 1000
"""Streams asked for in one statement."""

_RECORDS: Final = (
    "SELECT position, workspace_id, stream_id, version, type, recorded_at, metadata, data"
    " FROM events WHERE position > ? ORDER BY position LIMIT ?"
)
_REPLIES: Final = (
    "SELECT position, workspace_id, stream_id, version, type, recorded_at, metadata, data"
    " FROM events WHERE position > ? AND position <= ? AND type = 'MessageQueued'"
    " AND INSTR(data, ?) > 0 ORDER BY position"
)
_NO_CAMPAIGN: Final = b'"campaign_id":null'
_RECORD_KINDS: Final = (NUMBER, BYTES, BYTES, NUMBER, TEXT, TEXT, BYTES, BYTES)
# A young table's statistics would have MySQL read all of it for many streams at once. To SQLite
# the hint is a comment.
_FACTS: Final = (
    "SELECT stream_id, version, position, type, recorded_at, metadata, data FROM events"
    " /*! FORCE INDEX (one_fact_per_version) */"
)
_FACT_KINDS: Final = (BYTES, NUMBER, NUMBER, TEXT, TEXT, BYTES, BYTES)
_IN_ORDER: Final = "ORDER BY stream_id, version"


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
        self.writer = Writer(self.flush, Bell(self.engine.url, "facts"))
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
        streams = {stream_id.bytes: stream_id for stream_id in stream_ids}
        found: dict[bytes, list[Recorded]] = {id_: [] for id_ in streams}
        ids = list(streams)
        for start in range(0, len(ids), IDS):
            some = ids[start : start + IDS]
            where = f"stream_id IN ({','.join('?' * len(some))})"
            values: list[Any] = some
            if since:
                where = " OR ".join(["stream_id = ? AND version >= ?"] * len(some))
                values = [value for id_ in some for value in (id_, since.get(streams[id_], 1))]
            rows = self.reader.facts(f"{_FACTS} WHERE {where} {_IN_ORDER}", values, _FACT_KINDS)
            for id_, version, position, type_, at, around, data in rows:
                fact = recorded(position, streams[id_], version, type_, instant(at), around, data)
                found[id_].append(fact)
        self._known.saw({id_: facts[-1].version for id_, facts in found.items() if facts})
        return {stream_id: found[id_] for id_, stream_id in streams.items()}

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
        return records(self._rows(after, limit))

    def sift(self, after: int, limit: int, unwanted: AbstractSet[str]) -> Sifted:
        return sifted(self._rows(after, limit), unwanted)

    def _rows(self, after: int, limit: int) -> list[tuple[Any, ...]]:
        rows = self.reader.facts(_RECORDS, (after, limit), _RECORD_KINDS)
        if rows and rows[-1][0] - after != len(rows):
            raise GapInLog(f"between positions {after} and {rows[-1][0]} are {len(rows)} facts")
        return rows

    def replies(self, after: int, through: int) -> list[LogRecord]:
        return records(self.reader.facts(_REPLIES, (after, through, _NO_CAMPAIGN), _RECORD_KINDS))


def open_store(url: str) -> SqlEventStore:
    """The store behind a url such as mysql+pymysql://user@host/blazz or sqlite:////path/file."""
    return SqlEventStore(url)
