"""Recorders for the `eventsourcing` library over the store's own tables.

Its stored events have no workspace and no metadata: the columns hold the nil id and nothing.
Ids are UUIDs. Notification ids are the store's positions.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    IntegrityError,
    InterfaceError,
    ListenNotifySubscription,
    Notification,
    OperationalError,
    ProcessRecorder,
    StoredEvent,
    Tracking,
    TrackingRecorder,
)

from commands.store import StoreUnavailable, VersionConflict
from infra.event_store.batch import Batch, Row, Tracked, TrackingConflict, check, instant
from infra.event_store.store import SqlEventStore

NIL: Final = UUID(int=0).bytes
LOOK_EVERY_S: Final = 0.02


class OverStore:
    """What every recorder needs: the store's rows, and its refusals in the library's terms."""

    def __init__(self, store: SqlEventStore) -> None:
        self.store = store

    def _select(self, text: str, values: list[Any], limit: int | None) -> list[tuple[Any, ...]]:
        if limit is not None:
            text, values = f"{text} LIMIT ?", [*values, limit]
        try:
            return self.store.reader.read(f"SELECT {text}", values)
        except StoreUnavailable as error:
            raise OperationalError(str(error)) from error

    def _insert(self, stored_events: Sequence[StoredEvent], tracked: Tracked | None) -> list[int]:
        now = instant(datetime.now(UTC))
        rows = [_row(stored, now) for stored in stored_events]
        if not rows and tracked is None:
            return []
        check(rows)
        heads: dict[bytes, int] = {}
        for row in rows:
            heads[row.stream_id] = min(row.version - 1, heads.get(row.stream_id, row.version))
        batch = Batch(rows, heads, tracked=tracked, exact=False, recorded_at=now)
        try:
            first = self.store.writer.write(batch)
        except (VersionConflict, TrackingConflict) as error:
            raise IntegrityError(str(error)) from error
        except StoreUnavailable as error:
            raise OperationalError(str(error)) from error
        return list(range(first, first + len(rows)))


class SqlAggregateRecorder(OverStore, AggregateRecorder):
    table = "events"

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        self._insert(stored_events, None)
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        where = "stream_id = ?"
        values: list[Any] = [stream_bytes(originator_id)]
        for bound, condition in ((gt, " AND version > ?"), (lte, " AND version <= ?")):
            if bound is not None:
                where += condition
                values.append(bound)
        order = "DESC" if desc else "ASC"
        rows = self._select(
            f"stream_id, version, type, data FROM {self.table}"
            f" WHERE {where} ORDER BY version {order}",
            values,
            limit,
        )
        return [StoredEvent(UUID(bytes=stream), *rest) for stream, *rest in rows]


class SqlApplicationRecorder(SqlAggregateRecorder, ApplicationRecorder):
    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        return self._insert(stored_events, None)

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        where, values = "position >= ?", [start or 0]
        if not inclusive_of_start:
            where = "position > ?"
        if stop is not None:
            where += " AND position <= ?"
            values.append(stop)
        if topics:
            where += f" AND type IN ({','.join('?' * len(topics))})"
        rows = self._select(
            f"stream_id, version, type, data, position FROM events WHERE {where} ORDER BY position",
            [*values, *topics],
            limit,
        )
        return [Notification(UUID(bytes=stream), *rest) for stream, *rest in rows]

    def max_notification_id(self) -> int | None:
        return self._select("head FROM positions", [], None)[0][0] or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> "SqlSubscription":
        return SqlSubscription(recorder=self, gt=gt, topics=topics)


class SqlSubscription(ListenNotifySubscription[SqlApplicationRecorder]):
    """Looks at the counter for news, because neither database tells; reads only if it moved."""

    _seen: int | None = None
    _thread_error: BaseException | None = None

    def _loop_on_pull(self) -> None:
        try:
            while not self._has_been_stopped:
                self._look()
                self._has_been_notified.wait(LOOK_EVERY_S)
        except BaseException as error:  # noqa: BLE001 (raised again in the reading thread)
            self._thread_error = self._thread_error or error
            self.stop()

    def _look(self) -> None:
        head = self._recorder.max_notification_id()
        if head != self._seen:
            self._pull()
            self._seen = head


class SqlTrackingRecorder(OverStore, TrackingRecorder):
    def insert_tracking(self, tracking: Tracking) -> None:
        self._insert([], _tracked(tracking))

    def max_tracking_id(self, application_name: str) -> int | None:
        rows = self._select(
            "notification_id FROM tracking WHERE application_name = ?", [application_name], None
        )
        return rows[0][0] if rows else None


class SqlProcessRecorder(SqlTrackingRecorder, SqlApplicationRecorder, ProcessRecorder):
    def insert_events(
        self, stored_events: Sequence[StoredEvent], **options: Any
    ) -> Sequence[int] | None:
        tracking: Tracking | None = options.get("tracking")
        return self._insert(stored_events, _tracked(tracking) if tracking else None)


def _tracked(tracking: Tracking) -> Tracked:
    return Tracked(tracking.application_name, tracking.notification_id)


def _row(stored: StoredEvent, now: str) -> Row:
    stream, version = stream_bytes(stored.originator_id), stored.originator_version
    return Row(stream, version, NIL, stored.topic, now, b"", stored.state)


def stream_bytes(originator_id: UUID | str) -> bytes:
    """The key of a stream. InterfaceError for text ids."""
    if not isinstance(originator_id, UUID):
        raise InterfaceError(f"stream ids are UUIDs here, not {originator_id!r}")
    return originator_id.bytes
