"""A worker's life around its work: waiting for the broker, signals, the first trouble, the end."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from projections.flood import Flooded
from projections.intake import ANSWER_S, Intake, Refused, watch
from projections.sink import Sink

LONGEST_PAUSE_S: Final = 3.0
LOOK_S: Final = 0.25
GOODBYE_S: Final = 5.0
SWITCH_S: Final = 0.001

log = logging.getLogger("blazz.projector")


Make = Callable[[Intake, "asyncio.Future[None]"], Any]
"""The Faust app that feeds an intake; the future is for what it cannot go on with."""


def live(bootstrap: str, topic: str, sink: Sink, group: str, stall_s: float, make: Make) -> int:
    """Work until told to stop; the exit code. Halted by a flood, it still waits to be told: it would
    meet the same records again, so whoever starts what has ended must find nothing to start.
    """
    # The thread that hears from MySQL must not wait its usual turn behind the one that computes.
    sys.setswitchinterval(SWITCH_S)
    return asyncio.run(_work(bootstrap, topic, sink, group, stall_s, make))


async def _work(
    bootstrap: str, topic: str, sink: Sink, group: str, stall_s: float, make: Make
) -> int:
    told = told_to_stop()
    code, app = 0, None
    try:
        await first(told, topic_ready(bootstrap, topic, sink.partitions))
        if not told.done():
            intake, failed = Intake(sink), asyncio.get_running_loop().create_future()
            app = make(intake, failed)
            await first(told, app.start())
        if app is not None and not told.done():
            log.info("projector %s reads %s", group, topic)
            await first(told, intake.run(), watch(intake, _ends(app), stall_s), _fate(app, failed))
    except Flooded as error:
        log.critical("projector %s halts: %s", group, error)
        sink.flood.halt(str(error))
        code = 1
    except Exception as error:
        known = isinstance(error, Refused) or type(error).__module__.startswith("projections.")
        log.critical("projector %s ends: %s", group, error, exc_info=not known)
        code = 1
    sink.stopping.set()
    await _goodbye(app, code)
    if sink.flood.reason:
        await told
    told.cancel()
    return code


async def _goodbye(app: Any, code: int) -> None:
    """Ends the process here if a thread does not: one of Faust's, or one that waits for a lock.

    A transaction that is cut off leaves no trace, and what was committed is right.
    """
    try:
        async with asyncio.timeout(GOODBYE_S):
            if app is not None:
                await app.stop()
            await asyncio.get_running_loop().shutdown_default_executor()
    except Exception:  # noqa: BLE001 - whatever Faust meets here, the checkpoints are right
        logging.shutdown()
        sys.stderr.flush()
        os._exit(code)


def told_to_stop() -> "asyncio.Task[Any]":
    """Ends when the process gets SIGTERM or SIGINT."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return asyncio.create_task(stop.wait())


async def first(told: "asyncio.Task[Any]", *works: Coroutine[Any, Any, None]) -> None:
    """Until told to stop, or one of the works ends; raises what it raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait([told, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in done - {told}:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def topic_ready(bootstrap: str, topic: str, partitions: int) -> None:
    """Waits for a broker that has the topic. Refused if it has other partitions."""
    pause, said = LOOK_S, False
    while True:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        try:
            await admin.start()
            (found,) = await admin.describe_topics([topic])
            if not found["error_code"]:
                break
            trouble = f"there is no topic {topic} at {bootstrap}"
        except (KafkaError, OSError) as error:
            trouble = str(error)
        finally:
            await admin.close()
        if not said:
            log.warning("projector waits for Kafka: %s", trouble)
            said = True
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_S)
    if len(found["partitions"]) != partitions:
        raise Refused(
            f"topic {topic} has {len(found['partitions'])} partitions, expected {partitions}: the"
            " order within a workspace would be lost; use a topic with the right number"
        )


async def log_id(bootstrap: str, topic: str) -> str:
    """What tells this log from any other that has a topic of that name."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        async with asyncio.timeout(ANSWER_S):
            await admin.start()
            return f"{(await admin.describe_cluster())['cluster_id']}/{topic}"
    finally:
        await admin.close()


async def _fate(app: Any, failed: "asyncio.Future[None]") -> None:
    """Raises when Faust has crashed or the transport refused."""
    while not failed.done() and not app.crashed:
        await asyncio.wait([failed], timeout=LOOK_S)
    if failed.done():
        failed.result()
    raise Refused(f"Faust crashed: {app.crash_reason!r}")


def _ends(app: Any) -> Any:
    async def ends() -> Mapping[int, int]:
        found = await app.consumer.highwaters(*app.consumer.assignment())
        return {tp.partition: end for tp, end in found.items()}

    return ends
