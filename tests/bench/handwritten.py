"""The yardstick: a loop written for three tables and nothing else, with its SQL written by hand.

Same topic, same transactions with the checkpoint in them, same tables. No projections, no row
operations, no parking, no rebalancing, no second database: what is left when all of that is gone.
"""

import asyncio
from collections import defaultdict
from typing import Any
from uuid import UUID

import msgspec
import pymysql
from aiokafka import AIOKafkaConsumer, TopicPartition
from pymysql.converters import escape_string as safe
from sqlalchemy import make_url

RECORDS_A_COMMIT = 8000
NAME = "handwritten"


NO_ID = UUID(int=0)


class Content(msgspec.Struct):
    kind: str
    text: str = ""
    template: str = ""


class Fact(msgspec.Struct):
    """Ids are checked to be ids as they are read; instants stay the text they are on the wire."""

    workspace_id: UUID
    campaign_id: UUID
    message_id: UUID = NO_ID
    contact_id: UUID = NO_ID
    account_id: UUID = NO_ID
    status: str = ""
    newly: tuple[str, ...] = ()
    no_longer: tuple[str, ...] = ()
    month: int = 0
    to: str = ""
    content: Content | None = None
    at: str = ""
    wamid: str = ""
    attempt: int = 0
    delivery_ms: int | None = None


MESSAGE = "INSERT INTO messages (workspace_id, message_id, month, status, version, {}) VALUES "
KINDS = {
    "MessageSent": ("message_sent", "sent_at"),
    "MessageDelivered": ("message_delivered", "delivered_at"),
    "MessageRead": ("message_read", "read_at"),
}
COLUMNS = {
    "MessageQueued": "campaign_id, contact_id, account_id, to_phone, kind, body, queued_at",
    "MessageAttempted": "attempts, attempted_at",
    "MessageAccepted": "wamid, accepted_at",
    **{name: column for name, (_, column) in KINDS.items()},
}
HEADS = {name: MESSAGE.format(columns) for name, columns in COLUMNS.items()}
TAILS = {
    name: " AS new ON DUPLICATE KEY UPDATE "
    # A message's facts are written kind by kind, but its last one says its status.
    "status = IF(new.version > messages.version, new.status, messages.status),"
    " version = GREATEST(messages.version, new.version), "
    + ", ".join(f"{c} = new.{c}" for c in columns.split(", "))
    for name, columns in COLUMNS.items()
}
TIMELINE = (
    "INSERT INTO contact_timeline"
    " (workspace_id, contact_id, position, month, at, kind, campaign_id, message_id, detail) VALUES "
)
COUNTERS = {"delivery_ms": "delivery_ms_total"}
decoder = msgspec.json.Decoder(Fact)


class Statements:
    """The text of one transaction."""

    def __init__(self) -> None:
        self.messages: dict[str, list[str]] = defaultdict(list)
        self.timeline: list[str] = []
        self.counts: dict[tuple[UUID, UUID], dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def take(self, found: dict[str, bytes], value: bytes) -> None:
        name = found["ce_type"].decode()
        if name not in COLUMNS:
            return
        fact = decoder.decode(value)
        at = safe(found["ce_time"][:-1].decode())
        key = f"0x{_hex(fact.workspace_id)},0x{_hex(fact.message_id)},{fact.month}"
        line = f"({key},'{safe(fact.status)}',{int(found['ce_streamversion'])}"
        campaign = f"0x{_hex(fact.campaign_id)}"
        contact = f"0x{_hex(fact.contact_id)}"
        kind, happened, detail = "", at, "{}"
        if name == "MessageQueued":
            content = fact.content
            whose = f"{campaign},{contact},0x{_hex(fact.account_id)},'{safe(fact.to)}'"
            line += f",{whose},'{safe(content.kind)}','{safe(content.text)}','{at}')"
            kind = "message_queued"
            detail = safe(f'{{"kind":"{content.kind}","template":"{content.template}"}}')
        elif name == "MessageAttempted":
            line += f",{fact.attempt},'{safe(fact.at[:-1])}')"
        elif name == "MessageAccepted":
            line += f",'{safe(fact.wamid)}','{at}')"
        else:
            kind, happened = KINDS[name][0], safe(fact.at[:-1])
            line += f",'{happened}')"
        self.messages[name].append(line)
        if kind:
            place = f"0x{_hex(fact.workspace_id)},{contact},{int(found['ce_position'])}"
            month = at[:4] + at[5:7]
            rest = f"'{happened}','{kind}',{campaign},0x{_hex(fact.message_id)},'{detail}'"
            self.timeline.append(f"({place},{month},{rest})")
        counts = self.counts[fact.workspace_id, fact.campaign_id]
        for stage in fact.newly:
            counts[stage] += 1
        for stage in fact.no_longer:
            counts[stage] -= 1
        if fact.delivery_ms:
            counts["delivery_ms"] += fact.delivery_ms

    def execute(self, cursor: Any) -> None:
        for name, lines in self.messages.items():
            cursor.execute(HEADS[name] + ",".join(lines) + TAILS[name])
        if self.timeline:
            cursor.execute(
                TIMELINE + ",".join(self.timeline) + " AS new ON DUPLICATE KEY UPDATE at = new.at"
            )
        for (workspace, campaign), counts in self.counts.items():
            if not counts:
                continue
            columns = {COUNTERS.get(c, f"{c}_count"): n for c, n in counts.items()}
            names = ", ".join(columns)
            changes = ", ".join(f"{c} = {c} + {n}" for c, n in columns.items())
            values = ", ".join(map(str, columns.values()))
            cursor.execute(
                f"INSERT INTO campaigns (workspace_id, campaign_id, {names})"
                f" VALUES (0x{_hex(workspace)}, 0x{_hex(campaign)}, {values})"
                f" ON DUPLICATE KEY UPDATE {changes}"
            )


def _hex(id_: UUID) -> str:
    return f"{id_.int:032x}"


def apply(connection: Any, batches: dict[int, list[Any]]) -> int:
    """One transaction: lock the places, drop what was applied, write, move the places."""
    cursor = connection.cursor()
    places = ",".join(map(str, batches))
    cursor.execute(
        "SELECT `partition`, next_offset, position FROM checkpoints"
        f" WHERE projection = '{NAME}' AND `partition` IN ({places}) FOR UPDATE"
    )
    stored = {partition: (offset, position) for partition, offset, position in cursor.fetchall()}
    statements, lines, applied = Statements(), [], 0
    for partition, records in batches.items():
        offset, position = stored.get(partition, (0, 0))
        fresh = 0
        for record in records:
            found = dict(record.headers)
            if record.offset < offset or (at := int(found["ce_position"])) <= position:
                continue
            assert int(found["ce_prevposition"]) <= position
            position, fresh = at, fresh + 1
            statements.take(found, record.value)
        applied += fresh
        moved = records[-1].offset + 1
        lines.append(f"('{NAME}', 1, {partition}, {position}, {moved}, {fresh})")
    statements.execute(cursor)
    cursor.execute(
        "INSERT INTO checkpoints (projection, version, `partition`, position, next_offset, records)"
        f" VALUES {','.join(lines)} AS new ON DUPLICATE KEY UPDATE position = new.position,"
        " next_offset = new.next_offset, records = checkpoints.records + new.records"
    )
    connection.commit()
    return applied


async def run_handwritten(kafka: str, topic: str, url: str, partitions: int) -> None:
    """Until it is cancelled."""
    parsed = make_url(url)
    connection = pymysql.connect(
        host=parsed.host, port=parsed.port, user=parsed.username, database=parsed.database
    )
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    consumer.assign([TopicPartition(topic, p) for p in range(partitions)])
    try:
        while True:
            found = await consumer.getmany(timeout_ms=1000, max_records=RECORDS_A_COMMIT)
            if found:
                batches = {place.partition: records for place, records in found.items()}
                await asyncio.to_thread(apply, connection, batches)
    finally:
        await consumer.stop()
