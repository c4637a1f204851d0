"""Who of a group serves which partitions, told by how many there are.

A broker that has just come back may not name the topic's partitions yet. Going by its word, the
first of the group would give nobody anything, and might never be asked again.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from faust.transport.drivers import aiokafka as driver


class Known(NamedTuple):
    """In the place of what the broker says of its topics."""

    partitions: int

    def partitions_for_topic(self, topic: str) -> set[int]:
        """The same of every topic: a projector reads one."""
        del topic
        return set(range(self.partitions))


def shares(partitions: int) -> type[RoundRobinPartitionAssignor]:
    """One in turn to each of the group, of so many."""

    class Shares(RoundRobinPartitionAssignor):  # type: ignore[misc]
        @classmethod
        def assign(cls, cluster: Any, members: Mapping[str, Any]) -> dict[str, Any]:
            del cluster
            found: dict[str, Any] = super().assign(Known(partitions), members)
            return found

    return Shares


class ConsumerThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    """Faust's own, except for that."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._partition_assignment_strategy = [shares(transport.intake.sink.partitions)]  # noqa: SLF001 - Faust has no setting for it
        return consumer
