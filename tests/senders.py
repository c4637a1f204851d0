"""A sender in a thread of its own, as a service would run it."""

import asyncio
import threading
from contextlib import contextmanager
from datetime import UTC, datetime

import uvloop
from prometheus_client import REGISTRY

from commands.policies.sender import Sender
from infra.pair_debts import PairDebts
from infra.providers.cloud_api import CloudApi
from tests.simulators import TOKEN


def counted(outcome, error_class=""):
    """How many attempts this process has counted that ended so."""
    labels = {"outcome": outcome, "error_class": error_class}
    return REGISTRY.get_sample_value("blazz_sends_total", labels) or 0


class NoLeases:
    """Every sender believes that the number is its own, as after a pause longer than a lease."""

    def acquire(self, *_):
        return 1

    def renew(self, *_):
        return True

    release = renew


@contextmanager
def sending(
    stage, url, owner="one", *, timeout_s=15.0, clock=lambda: datetime.now(UTC), connect=None
):
    """Yields the signal that stops it; leaving waits until it has stopped."""
    stop = threading.Event()

    async def serve():
        stopping = asyncio.Event()
        opened = connect() if connect else CloudApi(url, TOKEN, timeout_s=timeout_s)
        async with opened as provider:
            debts = PairDebts(stage.engine)
            tools = stage.store, stage.read, stage.leases, debts, provider, stage.files
            sender = Sender(*tools, owner, clock)
            running = asyncio.create_task(sender.run(stopping))
            await asyncio.to_thread(stop.wait)
            stopping.set()
            await running

    def run():
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join()
