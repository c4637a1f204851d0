"""An installation of its own on loopback: durable MySQL, Kafka, simulator, every service."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

import aiohttp
import pymysql

from infra.chaos.crew import Crew, Say
from infra.cli.up import SERVICES
from infra.cli.workspace import create, issue_key
from infra.event_store import open_store
from infra.servers import KafkaServer, MysqlServer, start_kafka, start_mysql
from infra.servers.find import free_port
from infra.settings import PREFIX

ROOT: Final = Path(__file__).parents[2]
GRACE_S: Final = 15.0
READY_S: Final = 60.0
UNRESOLVED_AFTER_S: Final = 5
STORE, READ, REBUILT = "chaos_store", "chaos_read", "chaos_rebuilt"
KEPT: Final = {"BLAZZ_CACHE"}


class Failed(Exception):
    """A command of ours that has to work did not; its words are in the message."""


class Died(Exception):
    """It was killed in the middle, as it had been told."""


class Ground:
    """Where everything listens, and the processes on it."""

    def __init__(self, folder: Path, mysql: MysqlServer, kafka: KafkaServer, say: Say) -> None:
        self.mysql, self.kafka = mysql, kafka
        ports = [free_port() for _ in range(3)]
        self.commands, self.reads, self.simulator = (f"http://127.0.0.1:{port}" for port in ports)
        self.store_url, self.read_url = f"{mysql.url}/{STORE}", f"{mysql.url}/{READ}"
        self.rebuilt_url = f"{mysql.url}/{REBUILT}"
        self.environment = {
            "BLAZZ_STORE_URL": self.store_url,
            "BLAZZ_READ_URL": self.read_url,
            "BLAZZ_KAFKA": kafka.bootstrap,
            "BLAZZ_TOPIC": "blazz.chaos",
            "BLAZZ_COMMAND_PORT": str(ports[0]),
            "BLAZZ_READ_PORT": str(ports[1]),
            "BLAZZ_SIMULATOR_PORT": str(ports[2]),
            # Chosen by the system: services are doubled here.
            **{f"BLAZZ_{name}_PORT": "0" for name in ("RELAY", "PROJECTOR", "SENDER", "POLICIES")},
            "BLAZZ_SIMULATOR_HOLD_MS": "300",
            "BLAZZ_UNRESOLVED_AFTER_S": str(UNRESOLVED_AFTER_S),
        }
        self.crew = Crew(self.environment, folder, say)

    async def begin(self) -> None:
        """Databases, migrations, every service; returns when both APIs are ready."""
        for name in (STORE, READ, REBUILT):
            _administer(self.mysql, f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        await self.blazz("migrate")
        await self.blazz("migrate", BLAZZ_READ_URL=self.rebuilt_url)
        for name in ("simulator", *SERVICES):
            self.crew.add(name, name, {})
        for url in (f"{self.commands}/-/ready", f"{self.reads}/-/ready"):
            await _answers(url)
        await _answers(f"{self.simulator}/-/healthy")

    async def companies(self, count: int) -> list[str]:
        """So many workspaces; a key of each."""
        store = open_store(self.store_url)
        try:
            keys = []
            for number in range(count):
                name = f"Company {number}"
                create(store, name, "Asia/Jakarta", "ID", "en")
                keys.append(issue_key(store, name, ("read", "write", "send"), "chaos"))
        finally:
            store.close()
        for key in keys:
            await _answers(f"{self.reads}/v1/campaigns", {"Authorization": f"Bearer {key}"})
        return keys

    async def blazz(self, *arguments: str, **changed: str) -> str:
        """One command, as typed; what it says. Failed if it does not end with 0."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "infra.cli.main",
            *arguments,
            cwd=ROOT,
            env={**os.environ, **self.environment, **changed},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            said, complained = await process.communicate()
        except BaseException:
            with suppress(ProcessLookupError):
                process.kill()
            raise
        if process.returncode == -signal.SIGKILL:
            raise Died
        if process.returncode:
            raise Failed(f"blazz {' '.join(arguments)}: {(said + complained).decode()}")
        return said.decode()


@contextmanager
def ground(folder: Path, say: Say) -> Iterator[Ground]:
    """Servers in this folder; whatever runs on them has ended when the block has."""
    # Settings of whoever runs this are not those of what runs here.
    for name in [name for name in os.environ if name.startswith(PREFIX) and name not in KEPT]:
        del os.environ[name]
    with ExitStack() as stack:
        mysql = stack.enter_context(start_mysql(folder, durable=True))
        kafka = stack.enter_context(start_kafka(folder))
        made = Ground(folder, mysql, kafka, say)
        stack.callback(made.crew.stop, GRACE_S)
        yield made


def _administer(mysql: MysqlServer, statement: str) -> None:
    with pymysql.connect(host="127.0.0.1", port=mysql.port, user="root") as connection:
        connection.cursor().execute(statement)


async def _answers(url: str, headers: dict[str, str] | None = None) -> None:
    deadline = asyncio.get_running_loop().time() + READY_S
    async with aiohttp.ClientSession() as http:
        while True:
            with suppress(aiohttp.ClientError, OSError, TimeoutError):
                async with asyncio.timeout(3), http.get(url, headers=headers) as answer:
                    if answer.ok:
                        return
            if asyncio.get_running_loop().time() > deadline:
                raise Failed(f"{url} does not answer well within {READY_S:.0f} s")
            await asyncio.sleep(0.05)
