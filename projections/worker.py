"""The Faust worker: Kafka to read models. One stream event is one fetched partition batch.

The truth about progress is in the checkpoints; what is acknowledged to Kafka is a hint for lag
dashboards. Any trouble ends the process with exit code 1 and the next one goes on exactly there.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

import faust
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import TP, ConsumerMessage
from mode.supervisors import CrashingSupervisor
from sqlalchemy import Engine

from projections.checkpoints import PARTITIONS
from projections.flood import Flood
from projections.intake import Intake, check_offset
from projections.lifetime import live, log_id
from projections.projection import Projection
from projections.shares import ConsumerThread
from projections.sink import Bell, Sink
from projections.waiting import BYTES_A_FETCH, RECORDS_A_FETCH, Fetched

Failed: TypeAlias = "asyncio.Future[None]"

STALL_S: Final = 60.0
SESSION_S: Final = 6.0
"""The shortest that brokers allow by default. Beats come from a thread that does nothing else."""
BEAT_S: Final = 1.0
"""With the next beat a worker hears that another one has left, and takes over."""
BATCHES_WAITING: Final = 6
"""In Faust's own queue; a batch is what one fetch brought for one partition."""
TURN_S: Final = 0.02
"""How long a partition of which enough waits is left out of the fetching."""


class Consumer(driver.Consumer):  # type: ignore[misc]
    """Yields batches instead of records, and starts where the checkpoints say."""

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        assigned = self.assignment()
        if not assigned:
            return await super().seek_to_committed()  # type: ignore[no-any-return]
        intake: Intake = self.transport.intake
        try:
            await asyncio.to_thread(intake.begin, await log_id(*self.transport.log))
            stored = await asyncio.to_thread(intake.sink.offsets)
            begin, end = await self.earliest_offsets(*assigned), await self.highwaters(*assigned)
            places = {
                tp: check_offset(tp.partition, stored[tp.partition], begin[tp], end[tp])
                for tp in assigned
            }
        except Exception as error:
            self.transport.refuse(error)
            raise
        for tp, offset in places.items():
            intake.next_offsets[tp.partition] = offset
            await self.seek(tp, offset)
        return places

    async def getmany(  # the name and its parameters are Faust's
        self,
        timeout: float,  # noqa: ASYNC109
    ) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """One message per partition: its value is the batch, its offset the last record's."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow)
        active = self._get_active_partitions()
        wanted = {tp for tp in active if not self.transport.intake.full(tp.partition)}
        if not wanted:
            await self.sleep(0.005)  # Every buffer is full.
            return
        if len(wanted) < len(active):
            timeout = min(timeout, TURN_S)
        records = await self._getmany(active_partitions=wanted, timeout=timeout)
        generation = self.app.consumer_generation_id
        for tp, batch in records.items():
            if not self.flow_active or self.app.consumer_generation_id != generation:
                break
            last = batch[-1]
            at, kind = (last.timestamp or 0) / 1000, last.timestamp_type
            place = (last.topic, last.partition, last.offset, at, kind)
            yield (
                tp,
                ConsumerMessage(*place, (), None, batch, None, 0, 0, tp, generation_id=generation),
            )

    def _new_offset(self, tp: TP) -> int | None:
        """Batches are acknowledged in order, so the highest is the one to commit."""
        acked = self._acked[tp]
        if not acked:
            return None
        last: int = max(acked)
        acked.clear()
        self._acked_index[tp].clear()
        return last + 1

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Offsets inside a batch are no gaps."""


class Transport(driver.Transport):  # type: ignore[misc]
    Consumer = Consumer
    intake: Intake
    log: tuple[str, str]
    failed: Failed

    def refuse(self, error: Exception) -> None:
        """End the process for this reason."""
        if not self.failed.done():
            self.failed.set_exception(error)


class Untouched(faust.Schema):  # type: ignore[misc]
    """Hands the batch on as it is."""

    def loads_key(self, *_: Any, **__: Any) -> None:
        return None

    def loads_value(self, _app: Any, message: Any, **_: Any) -> Any:
        return message.value


def run_worker(
    bootstrap: str,
    topic: str,
    engine: Engine,
    projections: Sequence[Projection],
    group: str,
    *,
    partitions: int = PARTITIONS,
    stall_s: float = STALL_S,
    session_s: float = SESSION_S,
    flood: Flood | None = None,
    bell: Bell | None = None,
) -> int:
    """Work until SIGTERM or SIGINT; the exit code: 0 after a clean stop, 1 after trouble.

    Workers of the same `group` share the partitions; they must serve the same projections.
    What a killed one held is taken over after `session_s`; one that stands still for `stall_s` ends.
    """
    sink = Sink(engine, projections, partitions, flood=flood, bell=bell)
    make = partial(_app, bootstrap, topic, group, session_s)
    return live(bootstrap, topic, sink, group, stall_s, make)


def _app(
    bootstrap: str, topic: str, group: str, session_s: float, intake: Intake, failed: Failed
) -> Any:
    app = faust.App(
        group,
        broker=[f"kafka://{address}" for address in bootstrap.split(",")],
        datadir=tempfile.gettempdir(),
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        stream_wait_empty=False,
        stream_buffer_maxsize=BATCHES_WAITING,
        broker_max_poll_records=RECORDS_A_FETCH,
        consumer_max_fetch_size=BYTES_A_FETCH,
        broker_commit_interval=1.0,
        broker_session_timeout=session_s,
        broker_heartbeat_interval=BEAT_S,
        broker_rebalance_timeout=30,
        broker_max_poll_interval=300,
        consumer_auto_offset_reset="earliest",
        agent_supervisor=CrashingSupervisor,
        worker_redirect_stdouts=False,
    )
    app.transport = Transport(app.conf.broker_consumer, app)
    app.transport.intake, app.transport.failed = intake, failed
    app.transport.log = bootstrap, topic

    @app.agent(  # type: ignore[untyped-decorator]
        app.topic(topic, schema=Untouched(), value_type=None), name="read_models"
    )
    async def read_models(stream: Any) -> None:
        async for event in stream.noack().events():
            await intake.put(_fetched(app, stream, event))

    return app


def _fetched(app: Any, stream: Any, event: Any) -> Fetched:
    message = event.message
    return Fetched(
        message.partition,
        message.value,
        lambda: message.generation_id == app.consumer_generation_id,
        lambda: stream.ack(event),
    )
