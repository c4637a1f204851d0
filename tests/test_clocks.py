"""Order is by position alone: whatever clocks say, facts are taken as they stand in the log."""

import asyncio
import time
from datetime import UTC, date, datetime

from aiokafka import AIOKafkaConsumer
from sqlalchemy import select

from domain.kernel import Metadata
from domain.wire import LogRecord, encode, encode_metadata, type_of
from projections import daily
from projections.checkpoints import checkpoints, parked
from projections.sink import Applied, Sink
from tests.examples import CONTACT, added
from tests.log_facts import append_many, new_store, new_topic, relayed
from tests.tallies import (
    START,
    column,
    counting,
    created,
    entries,
    names,
    naming,
    record,
    rows,
    set_aside,
)

FUTURE = datetime(2999, 1, 1, tzinfo=UTC)
BEFORE_UNIX = datetime(1961, 4, 12, tzinfo=UTC)


def test_a_clock_that_runs_backwards_does_not_change_the_order(engine):
    instants = (FUTURE, START, BEFORE_UNIX)
    found = [
        record(n, created(0, f"name {n}"), n)._replace(recorded_at=at)
        for n, at in enumerate(instants, 1)
    ]
    assert Sink(engine, [naming, counting], 1).apply(0, entries(found)) == Applied(3, 0, 0)
    assert column(engine, names, "name") == ["name 3"]
    assert {row[-1] for row in rows(engine, names)} == {3}
    c = checkpoints.c
    with engine.connect() as connection:
        assert set(connection.execute(select(c.position, c.recorded_at))) == {(3, BEFORE_UNIX)}


def contact_added(position, instant, time_zone):
    metadata = encode_metadata(Metadata(time_zone=time_zone))
    stream = CONTACT if position == 1 else created(0, "", position).group_id
    about = (position, added.workspace_id, stream, 1, type_of(added), instant)
    return LogRecord(*about, metadata, encode(added))


def test_a_fact_of_any_year_counts_on_its_day_or_is_set_aside(engine):
    daily.daily_analytics.metadata.create_all(engine, daily.projection.tables)
    last = datetime(9999, 12, 31, 23, tzinfo=UTC)
    found = [
        contact_added(1, BEFORE_UNIX.replace(hour=23), "Asia/Jakarta"),
        contact_added(2, FUTURE, "UTC"),
        contact_added(3, last, "Asia/Jakarta"),
        contact_added(4, last, "UTC"),
        contact_added(5, START, "UTC"),
    ]
    assert Sink(engine, [daily.projection], 1).apply(0, entries(found)) == Applied(5, 0, 1)
    days = [date(1961, 4, 13), START.date(), FUTURE.date(), last.date()]
    assert column(engine, daily.daily_analytics, "day") == days
    ((_, position, reason),) = set_aside(engine)
    assert position == 3
    assert "ContactAdded fails in daily" in reason
    assert rows(engine, parked)[0][3] == 2


def test_the_broker_stamps_what_is_sent_so_that_no_fact_is_too_old_to_be_kept(kafka, tmp_path):
    store, topic = new_store(f"sqlite:///{tmp_path / 'store.sqlite'}"), new_topic(kafka)
    append_many(store, 5)
    relayed(store, kafka, topic)
    store.close()

    async def first():
        consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="earliest")
        await consumer.start()
        try:
            return await asyncio.wait_for(consumer.getone(), 30)
        finally:
            await consumer.stop()

    found = asyncio.run(first())
    log_append_time = 1
    assert found.timestamp_type == log_append_time
    assert abs(found.timestamp / 1000 - time.time()) < 3600
