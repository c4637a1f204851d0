"""The loop that projectors are compared with does their work: the same rows, and repeats are none."""

from collections import defaultdict
from typing import NamedTuple

import pymysql
import pytest
from sqlalchemy import func, make_url, select

from infra.database import connect
from infra.migrate import migrate_read
from projections import campaigns, messages, timeline
from projections.campaigns import campaigns as campaign_rows
from projections.checkpoints import PARTITIONS, partition_of
from projections.digest import digest
from projections.headers import entry_of
from projections.messages import messages as message_rows
from projections.sink import Sink
from projections.timeline import contact_timeline
from tests.bench.campaign_log import campaign_log
from tests.bench.handwritten import apply
from tests.kafka_records import headers_of_record

COUNTED = [c for c in campaign_rows.c if c.name.endswith(("_count", "_total"))]


class Record(NamedTuple):
    offset: int
    headers: list
    value: bytes


def topic(records):
    """Partition -> its records as Kafka would hand them out."""
    out, last = defaultdict(list), dict.fromkeys(range(PARTITIONS), 0)
    for one in records:
        partition = partition_of(one.workspace_id, PARTITIONS)
        headers = headers_of_record(one, last[partition], one.workspace_id.hex.encode())
        out[partition].append(Record(len(out[partition]), headers, one.data))
        last[partition] = one.position
    return out


@pytest.fixture
def read_databases(mysql_databases):
    urls = [mysql_databases(), mysql_databases()]
    for url in urls:
        migrate_read(url)
    return urls


def by_hand(url, *batches):
    parsed = make_url(url)
    with pymysql.connect(
        host=parsed.host,
        port=parsed.port,
        user=parsed.username,
        password=parsed.password or "",
        database=parsed.database,
    ) as connection:
        return [apply(connection, batch) for batch in batches]


def left_by(url):
    """The rows of messages and timelines, and the counters of the campaigns."""
    engine = connect(url)
    with engine.connect() as connection:
        sums = connection.execute(select(*(func.sum(c) for c in COUNTED))).one()
    found = digest(engine, [message_rows, contact_timeline])
    engine.dispose()
    return found, [int(one) for one in sums]


def test_the_handwritten_loop_leaves_the_rows_that_the_projections_leave(read_databases):
    projected, handwritten = read_databases
    found = topic(campaign_log(250, workspaces=1, recipients=250))
    engine = connect(projected)
    sink = Sink(
        engine, (timeline.projection, campaigns.projection, messages.projection), PARTITIONS
    )
    entries = {p: [entry_of(r.offset, r.headers, r.value) for r in found[p]] for p in found}
    sink.apply_all(entries)
    engine.dispose()
    # The second part begins with deliveries, so that "sent" comes later there than "delivered".
    first = {partition: records[:920] for partition, records in found.items()}
    assert by_hand(handwritten, first, found, found)[-1] == 0
    assert left_by(handwritten) == left_by(projected)
    assert sum(left_by(projected)[1]) > 0
