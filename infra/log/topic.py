"""The event log's topic: made once, with a number of partitions that never changes."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from projections.checkpoints import PARTITIONS

DAYS_KEPT: Final = 14
LARGEST_RECORD: Final = 8 * 1024 * 1024
_DAY_MS: Final = 24 * 3600 * 1000


class TopicMismatch(Exception):
    """The topic is not the one that was asked for; what to do is in the message."""


def made_anew(topic: str, partition: int) -> TopicMismatch:
    """What was sent to it is not there: going on would leave a hole in the log."""
    return TopicMismatch(
        f"topic {topic} has lost what was sent to its partition {partition}: it was deleted and"
        " made anew, or its broker lost its data; use a new topic name and rebuild the read models"
    )


async def end_offsets(bootstrap: str, topic: str, partitions: Iterable[int]) -> dict[int, int]:
    """Where each partition ends."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    try:
        await consumer.start()
        ends = await consumer.end_offsets([TopicPartition(topic, p) for p in partitions])
        return {place.partition: end for place, end in ends.items()}
    finally:
        await consumer.stop()


async def create_topic(
    bootstrap: str, topic: str, partitions: int = PARTITIONS, replication: int = 1
) -> bool:
    """Make the topic unless it exists; True if it was made. TopicMismatch if it differs."""
    # The broker stamps the records: an old fact sent again must not count as expired at once.
    rules: Mapping[str, Any] = {
        "message.timestamp.type": "LogAppendTime",
        "retention.ms": str(DAYS_KEPT * _DAY_MS),
        "cleanup.policy": "delete",
        "max.message.bytes": str(LARGEST_RECORD),
    }
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        new = NewTopic(topic, partitions, replication, topic_configs=rules)
        answer = await admin.create_topics([new])
        code = answer.topic_errors[0][1]
        if code == TopicAlreadyExistsError.errno:
            found = await admin.describe_topics([topic])
            check_partitions(topic, len(found[0]["partitions"]), partitions)
            return False
        if code:
            raise for_code(code)(f"topic {topic} could not be made: {answer.topic_errors[0]}")
        return True
    finally:
        await admin.close()


def check_partitions(topic: str, found: int, expected: int) -> None:
    """TopicMismatch if they differ: facts would change their partition and with it their order."""
    if found != expected:
        raise TopicMismatch(
            f"topic {topic} has {found} partitions, expected {expected}: a topic's partitions never"
            " change; use a new topic name and rebuild the read models"
        )
