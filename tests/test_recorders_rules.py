"""What the recorders promise beyond the library's own test cases."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from eventsourcing.persistence import (
    InfrastructureFactoryError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    StoredEvent,
    Tracking,
)

from infra.event_store import open_store
from infra.event_store.factory import Factory
from infra.event_store.recorder import (
    SqlApplicationRecorder,
    SqlProcessRecorder,
    SqlTrackingRecorder,
)


@pytest.fixture
def store(store_database):
    store = open_store(store_database)
    yield store
    store.close()


def stored(topic="topic", state=b"state", version=1):
    return StoredEvent(uuid4(), version, topic, state)


def test_of_two_processors_given_the_same_notification_exactly_one_succeeds(store):
    recorder = SqlProcessRecorder(store)
    rounds, processors = 50, 4
    together = threading.Barrier(processors)

    def process(_):
        succeeded = 0
        for number in range(1, rounds + 1):
            together.wait(30)
            try:
                recorder.insert_events([stored()], tracking=Tracking("upstream", number))
                succeeded += 1
            except IntegrityError:
                pass
        return succeeded

    with ThreadPoolExecutor(processors) as threads:
        assert sum(threads.map(process, range(processors))) == rounds
    assert recorder.max_notification_id() == rounds


def test_a_refused_tracking_leaves_no_events_and_no_gap(store):
    recorder = SqlProcessRecorder(store)
    recorder.insert_events([stored()], tracking=Tracking("upstream", 7))
    with pytest.raises(IntegrityError):
        recorder.insert_events([stored(), stored()], tracking=Tracking("upstream", 7))
    assert recorder.insert_events([stored()], tracking=Tracking("upstream", 8)) == [2]


def test_tracking_names_differ_by_case(store):
    recorder = SqlTrackingRecorder(store)
    recorder.insert_tracking(Tracking("billing", 5))
    recorder.insert_tracking(Tracking("Billing", 3))
    assert recorder.max_tracking_id("billing") == 5


def test_a_state_may_be_larger_than_64_kilobytes(store):
    recorder = SqlApplicationRecorder(store)
    event = stored(state=bytes(range(256)) * 400)
    recorder.insert_events([event])
    assert recorder.select_events(event.originator_id) == [event]


def test_a_text_id_is_refused(store):
    with pytest.raises(InterfaceError, match="stream ids are UUIDs here, not 'order-1'"):
        SqlApplicationRecorder(store).select_events("order-1")


def test_a_topic_that_does_not_fit_is_refused(store):
    recorder = SqlApplicationRecorder(store)
    with pytest.raises(ValueError, match="1 to 255 characters, not 256"):
        recorder.insert_events([stored(topic="t" * 256)])
    assert recorder.max_notification_id() is None


def test_a_subscription_to_a_rare_topic_sees_it_among_many_others(store):
    recorder = SqlApplicationRecorder(store)
    with recorder.subscribe(gt=0, topics=["rare"]) as subscription:
        for _ in range(3):
            recorder.insert_events([stored() for _ in range(600)])
            recorder.insert_events([stored("rare")])
        assert [next(subscription).id for _ in range(3)] == [601, 1202, 1803]


def test_a_subscription_tells_what_broke_it(database):
    store = open_store(database)  # never migrated
    subscription = SqlApplicationRecorder(store).subscribe()
    with pytest.raises(Exception, match="positions"), subscription:
        next(subscription)
    store.close()


def test_an_unreachable_database_is_an_operational_error():
    recorder = SqlApplicationRecorder(open_store("mysql+pymysql://root@127.0.0.1:1/blazz"))
    with pytest.raises(OperationalError, match="the event store cannot answer"):
        recorder.insert_events([stored()])
    with pytest.raises(OperationalError, match="the event store cannot answer"):
        recorder.max_notification_id()


def test_the_factory_needs_to_know_the_store():
    with pytest.raises(InfrastructureFactoryError, match="BLAZZ_STORE_URL is not set"):
        Factory({}).application_recorder()


def test_the_factory_refuses_to_keep_what_it_does_not_know(database):
    with (
        Factory({"BLAZZ_STORE_URL": database}) as factory,
        pytest.raises(InfrastructureFactoryError, match="not drafts"),
    ):
        factory.aggregate_recorder("drafts")
