"""Facts go in together or not at all, get the next positions, and stay as they were written."""

from datetime import datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from commands.store import Append, StoreUnavailable, VersionConflict
from domain.contact import ContactDeleted
from domain.group import GroupCreated
from domain.kernel import Metadata
from domain.wire import AT_ONCE, encode, encode_metadata
from infra.event_store import open_store
from infra.event_store.batch import MAX_EVENT, EventTooLarge
from infra.event_store.store import GapInLog
from tests.store_facts import NOW, WORKSPACE, append, fact


@pytest.fixture
def store(store_database):
    store = open_store(store_database)
    yield store
    store.close()


def test_an_empty_store_has_no_head_and_no_facts(store):
    stream = uuid4()
    assert store.head() == 0
    assert store.read(0, 10) == []
    assert store.load([stream]) == {stream: []}
    assert store.load([]) == {}


def test_positions_count_from_one_in_the_order_given(store):
    assert store.append([append(events=2), append()], NOW) == [1, 2, 3]
    assert store.append([append()], NOW) == [4]
    assert store.head() == 4


def test_nothing_to_append_is_no_append(store):
    assert store.append([], NOW) == []
    assert store.append([append(events=0)], NOW) == []
    assert store.head() == 0


def test_streams_are_loaded_in_version_order_with_their_envelopes(store):
    one, other, absent = uuid4(), uuid4(), uuid4()
    first, second, third = fact("a"), fact("b"), fact("c")
    around = Metadata(actor="key_1", request_id="r-1", time_zone="Asia/Jakarta")
    store.append([Append(one, 0, [first], around)], NOW)
    store.append([Append(other, 0, [second], around), Append(one, 1, [third], around)], NOW)
    streams = store.load([one, absent, other])
    assert [r.event for r in streams[one]] == [first, third]
    assert [(r.position, r.version) for r in streams[one]] == [(1, 1), (3, 2)]
    assert streams[absent] == []
    recorded = streams[other][0]
    assert (recorded.metadata, recorded.recorded_at, recorded.stream_id) == (around, NOW, other)


def test_more_streams_than_fit_one_statement_are_loaded_all_the_same(store):
    appends = [append() for _ in range(2300)]
    assert store.append(appends, NOW) == list(range(1, 2301))
    streams = store.load([a.stream_id for a in appends])
    assert all([r.event for r in streams[a.stream_id]] == list(a.events) for a in appends)


def test_contents_come_back_byte_for_byte(store):
    awkward = "'\"\\\0\x1a%s%%?;-- \u0645\u0631\u062d\u0628\u0627 \U0001f600\n\t"
    event, around = fact(awkward), Metadata(actor=awkward)
    store.append([Append(uuid4(), 0, [event], around)], NOW)
    (record,) = store.read(0, 10)
    assert (record.data, record.metadata) == (encode(event), encode_metadata(around))
    assert (record.type, record.workspace_id) == ("GroupCreated", WORKSPACE)


def test_the_log_is_read_in_pages_without_a_gap(store):
    store.append([append(events=7)], NOW)
    assert [r.position for r in store.read(0, 3)] == [1, 2, 3]
    assert [r.position for r in store.read(3, 100)] == [4, 5, 6, 7]
    assert store.read(7, 100) == []


def test_types_left_out_are_counted_and_all_others_are_what_a_reader_gets(store):
    group, elsewhere = uuid4(), UUID(int=8)
    deleted = ContactDeleted(workspace_id=WORKSPACE, contact_id=group, groups=())
    other = GroupCreated(workspace_id=elsewhere, group_id=uuid4(), name="there")
    store.append([append(group, events=AT_ONCE + 1)], NOW)
    store.append(
        [
            Append(group, AT_ONCE + 1, [deleted], Metadata()),
            Append(uuid4(), 0, [other], Metadata()),
        ],
        NOW,
    )
    read = store.read(1, AT_ONCE + 2)
    end, counts, parts = store.sift(1, AT_ONCE + 2, {"ContactDeleted"})
    assert (end, counts) == (AT_ONCE + 3, {WORKSPACE: AT_ONCE + 1, elsewhere: 1})
    found = [list(part) for part in parts]
    assert [record for part in found for record in part] == [r for r in read if r != read[-2]]
    assert [len(part) for part in found] == [AT_ONCE, 1]
    end, counts, parts = store.sift(1, 10, {"GroupCreated"})
    assert (end, counts, list(parts)) == (11, {WORKSPACE: 10}, [])
    assert [*map(list, store.sift(AT_ONCE + 1, 1, {"GroupCreated"}).records)] == [[read[-2]]]
    assert store.sift(AT_ONCE + 3, 10, set())[:2] == (0, {})


def test_a_conflict_names_the_stream_stores_nothing_and_leaves_the_counter(store):
    known = append(events=2)
    store.append([known], NOW)
    for wrong in (0, 1, 3):
        with pytest.raises(VersionConflict, match=f"{known.stream_id} has moved on") as caught:
            store.append([append(), append(known.stream_id, wrong)], NOW)
        assert caught.value.stream_id == known.stream_id
    assert store.head() == 2
    assert store.append([append(known.stream_id, 2)], NOW) == [3]


def test_a_stream_may_be_appended_to_twice_in_one_go(store):
    stream = uuid4()
    store.append([append(stream, 0, events=2), append(stream, 2)], NOW)
    assert [r.version for r in store.load([stream])[stream]] == [1, 2, 3]
    with pytest.raises(VersionConflict):
        store.append([append(stream, 3), append(stream, 3)], NOW)
    assert store.head() == 3


def test_an_expected_version_holds_even_without_a_fact_of_that_stream(store):
    with pytest.raises(VersionConflict):
        store.append([append(), append(expected_version=4, events=0)], NOW)
    assert store.head() == 0


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET data = 'x'",
        "DELETE FROM events",
        (
            "REPLACE INTO events SELECT 1, stream_id, version, workspace_id, type, recorded_at,"
            " metadata, data FROM events WHERE position = 1"
        ),
    ],
)
def test_facts_are_never_changed(store, change):
    store.append([append(events=2)], NOW)
    before = store.read(0, 10)
    with (
        pytest.raises(DBAPIError, match="events are never changed"),
        store.engine.begin() as connection,
    ):
        connection.execute(text(change))
    assert store.read(0, 10) == before


def test_a_fact_above_the_limit_is_refused_with_its_size(store):
    too_large = append(name="x" * MAX_EVENT)
    with pytest.raises(EventTooLarge, match=rf"GroupCreated for stream {too_large.stream_id} has"):
        store.append([append(), too_large], NOW)
    assert store.head() == 0


def test_an_append_larger_than_any_packet_is_stored_whole(store):
    large = [append(name="x" * 1_000_000) for _ in range(11)]
    small = [append() for _ in range(2100)]
    appends = [*large, *small]
    assert store.append(appends, NOW) == list(range(1, 2112))
    records = [*store.read(0, 11), *store.read(11, 5000)]
    assert [r.data for r in records] == [encode(a.events[0]) for a in appends]


def test_a_time_without_a_zone_is_refused(store):
    with pytest.raises(ValueError, match="2026-03-01T00:00:00 has no time zone"):
        store.append([append()], datetime(2026, 3, 1))  # noqa: DTZ001
    assert store.head() == 0


def test_a_hole_in_the_log_stops_the_reader(store):
    store.append([append()], NOW)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE positions SET head = 5"))
    store.append([append()], NOW)
    with pytest.raises(GapInLog, match="between positions 0 and 6 are 2 facts"):
        store.read(0, 10)
    with pytest.raises(GapInLog, match="between positions 1 and 6 are 1 facts"):
        store.read(1, 10)
    with pytest.raises(GapInLog, match="between positions 1 and 6 are 1 facts"):
        store.sift(1, 10, set())


def test_a_counter_below_the_last_fact_stops_the_writers(store):
    store.append([append(events=3)], NOW)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE positions SET head = 1"))
    with pytest.raises(StoreUnavailable, match="the position counter stands below the last event"):
        store.append([append()], NOW)
    assert store.head() == 1
