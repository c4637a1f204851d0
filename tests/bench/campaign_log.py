"""The history that projectors are measured on: campaigns of many companies running side by side, as
the real rules decide it, and a topic that holds it as the relay would leave it.
"""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from uuid import UUID, uuid5

from aiokafka import AIOKafkaProducer

from domain import campaign as cmp
from domain import ids
from domain import message as msg
from domain.kernel import Metadata
from domain.wire import LogRecord, encode, encode_metadata, type_of
from infra.log.topic import create_topic
from projections.checkpoints import PARTITIONS, partition_of
from tests.kafka_records import headers_of_record
from tests.spec import NOW

ROOT = UUID("0c7e7d1c-7a53-4f0e-8a80-2d9c5f6b0001")
WAVE = 50
"""Messages a sender claims at once; statuses come in the same measure, a few waves later."""
BATCH_BYTES = 500_000
EVENTS_A_MESSAGE = 6
CONTENT = msg.Content(
    kind="template",
    template="spring_sale",
    language="id",
    text="Halo Siti, diskon 20% untuk semua pesanan minggu ini. Balas STOP untuk berhenti.",
    body=(msg.Parameter(text="Siti"), msg.Parameter(text="20%")),
)


class Campaign:
    """One company's campaign: its audience in chunks, then wave behind wave to the read status."""

    def __init__(self, workspace: UUID, number: int, recipients: int) -> None:
        self.workspace, self.id = workspace, uuid5(workspace, f"campaign {number}")
        self.account, self.template = uuid5(workspace, "account"), uuid5(workspace, "template")
        self.contacts = [uuid5(workspace, f"contact {n}") for n in range(recipients)]
        self.state, self.states = cmp.campaign.initial, {}
        self.versions: dict[UUID, int] = {}

    def steps(self) -> Iterator[list]:
        """Lists of (stream, version, event) that are appended together, in order."""
        yield self._begun()
        chunk = {"chunk": 1, "queued": len(self.contacts), "suppressed": 0, "last": True}
        queued = [self._message(contact, self._queue(contact)) for contact in self.contacts]
        through = self.contacts[-1]
        yield [*_flat(queued), *self._campaign(cmp.QueueAudience, **chunk, through=through)]
        stages = (self._attempt, self._accept, *map(self._observe, ("sent", "delivered", "read")))
        waves = range(0, len(self.contacts), WAVE)
        for tick in range(len(waves) + len(stages) - 1):
            for lag, stage in enumerate(stages):
                if 0 <= tick - lag < len(waves):
                    start = waves[tick - lag]
                    some = self.contacts[start : start + WAVE]
                    yield _flat([self._message(c, stage(c)) for c in some])
        yield self._campaign(cmp.CompleteCampaign)

    def _begun(self) -> list:
        audience = cmp.Audience(kind="all")
        parts = {"account_id": self.account, "template_id": self.template, "audience": audience}
        plan = cmp.Plan(name=f"Spring {self.id.hex[:4]}", **parts)
        ready = {"template_status": "approved", "account_status": "connected"}
        drafted = self._campaign(cmp.DraftCampaign, plan=plan)
        return [*drafted, *self._campaign(cmp.LaunchCampaign, **ready, template_variables=())]

    def _campaign(self, command, **parts) -> list:
        asked = command(workspace_id=self.workspace, campaign_id=self.id, **parts)
        facts = cmp.campaign.decide(self.state, asked, NOW)
        self.state = cmp.campaign.fold(facts, self.state)
        return self._appended(self.id, facts)

    def _message(self, contact: UUID, command) -> list:
        state = self.states.get(contact, msg.message.initial)
        facts = msg.message.decide(state, command, NOW)
        self.states[contact] = msg.message.fold(facts, state)
        return self._appended(command.message_id, facts)

    def _appended(self, stream: UUID, facts) -> list:
        version = self.versions.get(stream, 0)
        self.versions[stream] = version + len(facts)
        return [(stream, version + n, fact) for n, fact in enumerate(facts, 1)]

    def _one(self, contact: UUID) -> dict:
        return {"workspace_id": self.workspace, "message_id": ids.message_id(self.id, contact)}

    def _queue(self, contact: UUID):
        number = f"+628{contact.int % 10**10:010}"
        whose = {"campaign_id": self.id, "contact_id": contact, "account_id": self.account}
        return msg.QueueMessage(**self._one(contact), **whose, to=number, content=CONTENT)

    def _attempt(self, contact: UUID):
        return msg.AttemptMessage(**self._one(contact), attempt=1)

    def _accept(self, contact: UUID):
        named = {"wamid": f"wamid.HBgN{contact.hex}", "wa_id": "628123456789"}
        return msg.AcceptMessage(**self._one(contact), attempt=1, **named)

    def _observe(self, status: str):
        at = NOW + timedelta(seconds=3)

        def observed(contact: UUID):
            return msg.ObserveStatus(**self._one(contact), status=status, at=at, wamid="")

        return observed


def _flat(lists) -> list:
    return [one for some in lists for one in some]


def campaign_log(messages: int, workspaces: int = 48, recipients: int = 250) -> list[LogRecord]:
    """The history of that many messages at least, in log order: some 6 records a message."""
    campaigns = max(1, messages // recipients)
    running = [
        Campaign(uuid5(ROOT, f"workspace {n % workspaces}"), n, recipients).steps()
        for n in range(campaigns)
    ]
    metadata = encode_metadata(Metadata(actor="sender", time_zone="Asia/Jakarta"))
    positions, out = count(1), []
    while running:
        for steps in list(running):
            step = next(steps, None)
            if step is None:
                running.remove(steps)
            for stream, version, event in step or ():
                at = next(positions)
                envelope = (at, event.workspace_id, stream, version, type_of(event))
                when = NOW + timedelta(microseconds=200 * at)
                out.append(LogRecord(*envelope, when, metadata, encode(event)))
    return out


def topic_of(kafka: str, name: str, records: list[LogRecord]) -> str:
    """A new topic of that name with the records in it, each with its place in the chain."""
    asyncio.run(create_topic(kafka, name, PARTITIONS))
    asyncio.run(_produce(kafka, name, records))
    return name


async def _produce(kafka: str, topic: str, records: list[LogRecord]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, max_batch_size=BATCH_BYTES)
    await producer.start()
    last, sent = dict.fromkeys(range(PARTITIONS), 0), []
    batches = {p: producer.create_batch() for p in range(PARTITIONS)}
    try:
        for record in records:
            partition = partition_of(record.workspace_id, PARTITIONS)
            headers = headers_of_record(record, last[partition], record.workspace_id.hex.encode())
            last[partition] = record.position
            whole = {"key": record.workspace_id.bytes, "value": record.data, "headers": headers}
            if batches[partition].append(**whole, timestamp=None) is None:
                sent.append(
                    await producer.send_batch(batches[partition], topic, partition=partition)
                )
                batches[partition] = producer.create_batch()
                batches[partition].append(**whole, timestamp=None)
        for partition, batch in batches.items():
            sent.append(await producer.send_batch(batch, topic, partition=partition))
        await asyncio.gather(*sent)
    finally:
        await producer.stop()
