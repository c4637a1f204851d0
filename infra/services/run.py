"""Each service as a function that runs until it is told to stop, and returns its exit status."""

import asyncio
import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from functools import partial

from infra.bell import Bell
from infra.database import connect
from infra.leases import owner
from infra.metrics.exposition import (
    Gauges,
    of_audiences,
    of_files,
    of_inbox,
    of_projections,
    of_queue,
    of_relay,
)
from infra.metrics.movement import STILL_S, moving, projection_places, relay_places
from infra.services.checks import broker, closing, databases, going, readiness
from infra.services.listening import bindable
from infra.services.loops import run_loop, stop_signal
from infra.services.operating import operating
from infra.services.parts import ReadSide, WriteSide
from infra.settings import Settings
from projections.checkpoints import PARTITIONS

KAFKA_PAUSE_S = 1.0

log = logging.getLogger("blazz.services")


def command_api(settings: Settings) -> int:
    """The write side's HTTP service; webhooks come in here too."""
    from infra.http.app import build
    from infra.services.web import serve

    write, read = WriteSide(settings), ReadSide(settings)
    app = build(
        write.routes(settings),
        read.credentials.authenticate,
        "Blazz command API",
        readiness(databases(write.engine, read.engine)),
        closing(read.reading),
        Gauges(of_inbox(write.engine)),
        settings.inbox_elsewhere(),
    )
    with bindable(settings.bind, settings.command_port, "BLAZZ_COMMAND_PORT"):
        return run_loop(
            serve(app, settings.bind, settings.command_port, _say("command API", settings))
        )


def read_api(settings: Settings) -> int:
    """The read side's HTTP service."""
    from infra.http.app import build
    from infra.services.web import serve

    read = ReadSide(settings)
    app = build(
        read.routes(settings, PARTITIONS),
        read.credentials.authenticate,
        "Blazz read API",
        readiness(databases(read.engine)),
        closing(read.reading),
    )
    with bindable(settings.bind, settings.read_port, "BLAZZ_READ_PORT"):
        return run_loop(serve(app, settings.bind, settings.read_port, _say("read API", settings)))


def relay(settings: Settings) -> int:
    """From the store to Kafka."""
    from aiokafka.errors import KafkaError

    from infra.log.relay import Relay
    from infra.log.topic import create_topic

    write = WriteSide(settings)

    async def work() -> None:
        stop, waits = stop_signal(), False
        while not stop.is_set():
            try:
                await create_topic(settings.kafka, settings.topic, PARTITIONS)
                break
            except (KafkaError, OSError) as error:
                if not waits:
                    log.warning("relay waits for Kafka at %s: %s", settings.kafka, error)
                waits = True
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), KAFKA_PAUSE_S)
        carrying = Relay(write.engine, write.leases, settings.kafka, settings.topic)
        await carrying.run(stop)

    engine = write.engine
    gauges, moves = Gauges(of_relay(engine)), moving(lambda: relay_places(engine))
    checks = databases(engine), broker(settings.kafka), moves
    with operating(settings, "relay", gauges, *checks):
        return run_loop(work())


def projector(settings: Settings) -> int:
    """From Kafka to the read models, by Faust."""
    from projections.all import ALL
    from projections.flood import Flood
    from projections.worker import run_worker

    read, store = ReadSide(settings), connect(settings.store_url)
    # Two installations may share a broker, but never a consumer group.
    work = settings.kafka, settings.topic, read.engine, ALL, f"{settings.topic}.projector"
    gauges = Gauges(of_projections(store, read.engine, ALL, PARTITIONS))
    moves = moving(lambda: projection_places(store, read.engine, ALL, PARTITIONS))
    flood, bell = Flood(settings.parked_per_minute), Bell(read.engine.url, "rows")
    checks = databases(store, read.engine), broker(settings.kafka), moves, flood.state
    with operating(settings, "projector", gauges, *checks):
        return run_worker(*work, flood=flood, bell=bell)


def sender(settings: Settings) -> int:
    """From the queue to the provider."""
    from commands.policies.sender import Sender
    from infra.files.storage import storage
    from infra.services.providers import whatever

    write, read = WriteSide(settings), ReadSide(settings)

    provider, files = whatever(settings), storage(settings)
    sending = Sender(write.store, read.lookups, write.leases, write.debts, provider, files, owner())

    async def work() -> None:
        async with provider:
            await sending.run(stop_signal())

    gauges = Gauges(of_queue(read.engine))
    checks = (
        databases(write.engine, read.engine),
        lambda: {"numbers": going(sending.rounds, STILL_S)},
    )
    with operating(settings, "sender", gauges, *checks):
        return run_loop(work())


def policies(settings: Settings) -> int:
    """Everything that reacts to facts: audiences, schedules, webhooks, completion."""
    from commands.policies.loop import start_policies
    from commands.policies.scout import Scout
    from commands.policies.turn import Turn
    from infra.services.heard import Heard
    from infra.services.policies import GATHERS, RESTS, all_policies, pending, well
    from infra.services.turns import SharedLeases

    write, read = WriteSide(settings), ReadSide(settings)
    parts = all_policies(write, read, settings, PARTITIONS)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    whose = owner()
    gauges = Gauges(of_inbox(write.engine), of_audiences(read.engine), of_files(read.engine))
    leases, scout = SharedLeases(write.leases), Scout(read.lookups, pending(parts), RESTS)
    heard = {part.name: part for part in parts if isinstance(part, Heard)}
    threads, healths = start_policies(
        parts,
        stop,
        turn=lambda policy: Turn(leases, policy, whose),
        rests=RESTS,
        lookouts=scout.lookouts() | heard,
        gathers=GATHERS,
    )
    threads.append(threading.Thread(target=scout.run, args=(stop,), name="scout"))
    threads[-1].start()
    try:
        checks = databases(write.engine, read.engine), well(healths)
        with operating(settings, "policies", gauges, *checks):
            stop.wait()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    return os.EX_OK


def _say(name: str, settings: Settings) -> "partial[None]":
    return partial(_listening, name, settings.bind)


def _listening(name: str, host: str, port: int) -> None:
    sys.stderr.write(f"{name} listening on http://{host}:{port}\n")
