"""Lets applications of the `eventsourcing` library use this store:
PERSISTENCE_MODULE=infra.event_store.factory and BLAZZ_STORE_URL=mysql+pymysql://…
"""

from functools import cached_property
from typing import Any, Final

from eventsourcing.persistence import (
    InfrastructureFactory,
    InfrastructureFactoryError,
    TrackingRecorder,
)
from eventsourcing.utils import resolve_topic, strtobool

from infra.event_store.recorder import (
    SqlAggregateRecorder,
    SqlApplicationRecorder,
    SqlProcessRecorder,
    SqlTrackingRecorder,
)
from infra.event_store.snapshots import SqlSnapshotRecorder
from infra.event_store.store import SqlEventStore, open_store
from infra.migrate import migrate_store

URL: Final = "BLAZZ_STORE_URL"


class Factory(InfrastructureFactory[TrackingRecorder]):
    """One store for all recorders. Its tables are migrated unless CREATE_TABLE says no."""

    @cached_property
    def store(self) -> SqlEventStore:
        url = self.env.get(URL)
        if not url:
            raise InfrastructureFactoryError(f"{URL} is not set: it names the event store")
        if strtobool(self.env.get("CREATE_TABLE") or "yes"):
            migrate_store(url)
        return open_store(url)

    def aggregate_recorder(self, purpose: str = "events") -> SqlAggregateRecorder:
        kinds = {"events": SqlAggregateRecorder, "snapshots": SqlSnapshotRecorder}
        if purpose not in kinds:
            raise InfrastructureFactoryError(
                f"this store keeps events and snapshots, not {purpose}"
            )
        return kinds[purpose](self.store)

    def application_recorder(self) -> SqlApplicationRecorder:
        return SqlApplicationRecorder(self.store)

    def tracking_recorder(self, tracking_recorder_class: Any = None) -> Any:
        topic = self.env.get(self.TRACKING_RECORDER_TOPIC)
        named = resolve_topic(topic) if topic else SqlTrackingRecorder
        return (tracking_recorder_class or named)(self.store)

    def process_recorder(self) -> SqlProcessRecorder:
        return SqlProcessRecorder(self.store)

    def close(self) -> None:
        if "store" in vars(self):
            self.store.close()
