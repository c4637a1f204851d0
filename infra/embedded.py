"""All of Blazz in one process: SQLite files in a folder, the log in process, both APIs on one port.

The simulator is a process of its own, reached over HTTP like the provider it stands for.
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette

from commands.policies.loop import start_policies
from commands.policies.sender import Sender
from infra.bell import Bell
from infra.files.storage import storage
from infra.http.app import build
from infra.leases import owner
from infra.metrics.exposition import (
    Gauges,
    of_audiences,
    of_files,
    of_inbox,
    of_projections,
    of_queue,
)
from infra.metrics.movement import moving, projection_places
from infra.services.checks import closing, databases, readiness
from infra.services.parts import ReadSide, WriteSide
from infra.services.policies import all_policies
from infra.services.providers import whatever
from infra.services.web import serve
from infra.settings import Settings
from projections.all import ALL
from projections.runner import Runner
from projections.sink import Sink

PARTITIONS = 1
PATIENCE_S = 60.0


class Embedded:
    """The parts of the one process, over migrated databases; `run` serves until told to stop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.write, self.read = WriteSide(settings), ReadSide(settings)
        self._stopping = threading.Event()
        bell = Bell(self.read.engine.url, "rows")
        self._sink = Sink(self.read.engine, ALL, PARTITIONS, bell=bell)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[asyncio.Task[None]]:
        """Serves within the block; the task is done before its end only where a signal came."""
        stop = asyncio.Event()
        started: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self.run(started.set_result, stop))
        either: set[asyncio.Future[Any]] = {started, task}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                await task
            yield task
        finally:
            stop.set()
            await task

    async def run(self, started: Callable[[int], None], stop: asyncio.Event) -> None:
        """Serve both APIs; project, react and send beside it, until `stop` or a signal."""
        projecting = threading.Thread(
            target=Runner(self.write.store, self._sink).run, args=(self._stopping,), name="runner"
        )
        projecting.start()
        parts = all_policies(self.write, self.read, self.settings, PARTITIONS)
        threads, _ = start_policies(parts, self._stopping)
        still = asyncio.Event()
        async with whatever(self.settings) as provider:
            sending = asyncio.create_task(
                Sender(
                    self.write.store,
                    self.read.lookups,
                    self.write.leases,
                    self.write.debts,
                    provider,
                    storage(self.settings),
                    owner(),
                ).run(still)
            )
            try:
                await serve(
                    self._app(), self.settings.bind, self.settings.command_port, started, stop
                )
            finally:
                still.set()
                await sending
                self._stopping.set()
                self._sink.stopping.set()
                for thread in (projecting, *threads):
                    await asyncio.to_thread(thread.join)

    def catch_up(self) -> None:
        """Returns once the read models know all that the store holds now."""
        head, deadline = self.write.store.head(), time.monotonic() + PATIENCE_S
        while min(self._sink.positions(0).values()) < head:
            if time.monotonic() > deadline:
                raise TimeoutError(f"read models have not come to {head} in {PATIENCE_S:.0f} s")
            time.sleep(0.005)

    def _app(self) -> Starlette:
        routes = [
            *self.write.routes(self.settings),
            *self.read.routes(self.settings, PARTITIONS),
        ]
        store, tables = self.write.engine, self.read.engine
        moves = moving(lambda: projection_places(store, tables, ALL, PARTITIONS))
        return build(
            routes,
            self.read.credentials.authenticate,
            "Blazz",
            readiness(databases(store, tables), moves),
            closing(self.read.reading),
            Gauges(
                of_projections(store, tables, ALL, PARTITIONS),
                of_inbox(store),
                of_queue(tables),
                of_audiences(tables),
                of_files(tables),
            ),
        )
