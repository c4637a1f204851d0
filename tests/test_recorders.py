"""The recorders hold what the `eventsourcing` library's own test cases ask of any recorder."""

from contextlib import ExitStack

import pytest
from eventsourcing.tests import application as application_cases
from eventsourcing.tests import persistence as cases
from eventsourcing.tests import projection as projection_cases
from eventsourcing.utils import Environment
from sqlalchemy import make_url

from infra.database import connect
from infra.event_store import open_store
from infra.event_store.factory import Factory
from infra.event_store.recorder import (
    SqlAggregateRecorder,
    SqlApplicationRecorder,
    SqlProcessRecorder,
    SqlTrackingRecorder,
)
from infra.event_store.snapshots import SqlSnapshotRecorder
from infra.migrate import migrate_store

FACTORY = "infra.event_store.factory:Factory"


class OnSqlite:
    @pytest.fixture(autouse=True)
    def _urls(self, tmp_path):
        self.urls = [f"sqlite:///{tmp_path / name}.sqlite" for name in ("one", "two")]
        with ExitStack() as self.opened:
            yield


class OnMySQL:
    @pytest.fixture(autouse=True)
    def _urls(self, mysql_database):
        self.urls = [mysql_database, f"{mysql_database}_two"]
        with ExitStack() as self.opened:
            yield
        with connect(mysql_database).begin() as connection:
            name = make_url(self.urls[1]).database
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")


class Recorders:
    kind: type

    def create_recorder(self):
        migrate_store(self.urls[0])
        store = open_store(self.urls[0])
        self.opened.callback(store.close)
        return self.kind(store)


class AggregateRecorder(Recorders, cases.AggregateRecorderTestCase):
    kind = SqlAggregateRecorder
    __test__ = False


class SnapshotRecorder(AggregateRecorder):
    kind = SqlSnapshotRecorder


class ApplicationRecorder(Recorders, cases.ApplicationRecorderTestCase):
    kind = SqlApplicationRecorder
    __test__ = False

    def test_insert_subscribe(self):
        self.optional_test_insert_subscribe()


class NonInterleaving(Recorders, cases.NonInterleavingNotificationIDsBaseCase):
    kind = SqlApplicationRecorder
    __test__ = False


class Tracking(Recorders, cases.TrackingRecorderTestCase):
    kind = SqlTrackingRecorder
    __test__ = False


class Process(Recorders, cases.ProcessRecorderTestCase):
    kind = SqlProcessRecorder
    __test__ = False


class Infrastructure(cases.InfrastructureFactoryTestCase):
    __test__ = False

    def setUp(self):
        self.env = Environment(
            env={"PERSISTENCE_MODULE": "infra.event_store.factory", "BLAZZ_STORE_URL": self.urls[0]}
        )
        super().setUp()

    def expected_factory_class(self):
        return Factory

    def expected_aggregate_recorder_class(self):
        return SqlAggregateRecorder

    def expected_application_recorder_class(self):
        return SqlApplicationRecorder

    def expected_tracking_recorder_class(self):
        return SqlTrackingRecorder

    def tracking_recorder_subclass(self):
        return OwnTracking

    def expected_process_recorder_class(self):
        return SqlProcessRecorder


class ExampleApplication(application_cases.ExampleApplicationTestCase):
    expected_factory_topic = FACTORY
    __test__ = False

    @pytest.fixture(autouse=True)
    def _environment(self, _urls, monkeypatch):
        monkeypatch.setenv("PERSISTENCE_MODULE", FACTORY)
        monkeypatch.setenv("BLAZZ_STORE_URL", self.urls[0])


class ProjectionIntoEvents(projection_cases.EventSourcedProjectionTestCase):
    __test__ = False

    @pytest.fixture(autouse=True)
    def _environment(self, _urls):
        self.env = {
            "PERSISTENCE_MODULE": FACTORY,
            "APPLICATION_BLAZZ_STORE_URL": self.urls[0],
            "COUNTERS_BLAZZ_STORE_URL": self.urls[1],
        }


class Counters(SqlTrackingRecorder, projection_cases.EventCountersView):
    """A view whose counts live with the process, and its tracking in the store."""

    def __init__(self, store):
        super().__init__(store)
        self.created = self.subsequent = 0

    def get_created_event_counter(self):
        return self.created

    def get_subsequent_event_counter(self):
        return self.subsequent

    def incr_created_event_counter(self, tracking):
        self.insert_tracking(tracking)
        self.created += 1

    def incr_subsequent_event_counter(self, tracking):
        self.insert_tracking(tracking)
        self.subsequent += 1


class CountersView(projection_cases.EventCountersViewTestCase):
    __test__ = False
    create_recorder, kind = Recorders.create_recorder, Counters

    def construct_event_counters_view(self):
        return self.create_recorder()


class CountersProjection(projection_cases.AggregateEventCountersProjectionTestCase):
    """A subscription's events in a view, one by one, errors included."""

    __test__ = False
    view_class = Counters

    @pytest.fixture(autouse=True)
    def _environment(self, _urls):
        self.env = {"PERSISTENCE_MODULE": FACTORY, "BLAZZ_STORE_URL": self.urls[0]}


class OwnTracking(SqlTrackingRecorder):
    """A tracking recorder of somebody else's, named by class or by topic."""


ALL = [
    AggregateRecorder,
    SnapshotRecorder,
    ApplicationRecorder,
    NonInterleaving,
    Tracking,
    Process,
    Infrastructure,
    ExampleApplication,
    ProjectionIntoEvents,
    CountersView,
    CountersProjection,
]
for case in ALL:
    for database in (OnSqlite, OnMySQL):
        name = f"Test{case.__name__}{database.__name__}"
        globals()[name] = type(name, (database, case), {"__test__": True})
del case, database, name
