"""Measures every path of the read API over real HTTP, beside the SQL it asks, by turns."""

import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any, Final

import httpx2
import uvloop

from commands import patterns
from commands.seals import Seals
from infra.database import connect_async
from infra.files.folder import FolderStorage
from infra.http.app import build
from infra.keys import KeyRing
from infra.servers.find import free_port
from infra.settings import Settings
from infra.tokens import Credentials, Sessions
from projections.checkpoints import PARTITIONS
from read_api.app import routes
from read_api.source import source
from tests.bench.figure import Figure, percentile
from tests.bench.scale_world import Company, World
from tests.bench.screens import SCREENS, Get, Screen, chosen, gets
from tests.bench.wire import CLIENTS, Asked, over_http, over_sql

TURNS: Final = 3
DIFFERENT: Final = 120
WARM: Final = DIFFERENT
"""Each request once, without a time, before every turn of either side."""
FACTOR, SLACK_MS = 1.5, 2.0
AIM: Final = f"at most {FACTOR:g} x floor + {SLACK_MS:g} ms"
START_S: Final = 60.0
_WHO_ASKS: Final = ("api_keys", "sessions INNER JOIN users")


@contextmanager
def serving(read_url: str) -> Iterator[int]:
    """The read API as a process of its own; its port."""
    port = free_port()
    clean = {k: v for k, v in os.environ.items() if not k.startswith("BLAZZ_")}
    settings = {"BLAZZ_READ_URL": read_url, "BLAZZ_READ_PORT": str(port)}
    command = [sys.executable, "-m", "infra.cli.main", "read-api"]
    with subprocess.Popen(command, env=clean | settings) as process:
        try:
            _until_ready(process, port)
            yield port
        finally:
            process.terminate()


def _until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_S
    while True:
        assert process.poll() is None, "the read API ended by itself"
        assert time.monotonic() < deadline, f"the read API is not ready within {START_S} s"
        try:
            if httpx2.get(f"http://127.0.0.1:{port}/-/ready", timeout=5).status_code == 200:
                return
        except httpx2.HTTPError:
            time.sleep(0.05)


def statements(
    read_url: str, requests: Sequence[Get], answers: Collection[int] = (200,)
) -> list[list[Asked]]:
    """What each request asks the database for, the look-up of who asks left out."""
    return uvloop.run(_statements(read_url, requests, answers))


async def _statements(
    read_url: str, requests: Sequence[Get], answers: Collection[int]
) -> list[list[Asked]]:
    kept: list[Asked] = []
    out: list[list[Asked]] = []
    async with answering(read_url, kept) as client:
        for get in requests:
            for _ in range(2):  # what is asked once only is not what a client waits for
                kept.clear()
                answer = await client.get(get.url, headers={"Authorization": f"Bearer {get.key}"})
                assert answer.status_code in answers, answer.text
            out.append([asked for asked in kept if not any(w in asked[0] for w in _WHO_ASKS)])
    return out


@asynccontextmanager
async def answering(read_url: str, kept: list[Asked]) -> AsyncIterator[httpx2.AsyncClient]:
    """The read API in this process; what it asks the database for is kept."""
    engine = connect_async(read_url)
    connections: Any = source(engine)
    rows = connections._connections.rows

    async def noted(text: str, statements: int) -> list[Any]:
        kept.append((text, statements))
        return list(await rows(text, statements))

    connections._connections.rows = noted
    seals = Seals(Settings().secret.get_secret_value().encode())
    known = Credentials(KeyRing(engine), Sessions(engine, seals))
    parts = routes(
        engine, b"measuring", PARTITIONS, patterns.search, FolderStorage(Path("nowhere"))
    )
    app = build(parts, known.authenticate, "", _ready)
    transport = httpx2.ASGITransport(app=app)
    try:
        async with httpx2.AsyncClient(transport=transport, base_url="http://read") as client:
            yield client
    finally:
        await engine.dispose()


async def _ready() -> dict[str, Any]:
    return {}


def measure(
    read_url: str,
    port: int,
    companies: Sequence[Company],
    requests: int,
    first: dict[str, list[float]],
    screens: Sequence[Screen] = SCREENS,
    clients: int = CLIENTS,
) -> Iterator[Figure]:
    """A figure for each screen, that many requests a turn; `first`: times of first touches."""
    for screen in screens:
        some = gets(screen, companies, DIFFERENT)
        rounds = max(1, requests // DIFFERENT)
        asked, texts = some * rounds, statements(read_url, some) * rounds
        values: list[list[float]] = []
        floors: list[list[float]] = []
        for _ in range(TURNS):
            floors.append(sorted(uvloop.run(over_sql(read_url, texts, WARM, clients))))
            values.append(sorted(uvloop.run(over_http(port, asked, WARM, clients))))
        taken = figure(screen, values, floors, first.get(screen.name, []), len(companies))
        yield replace(taken, settings={**taken.settings, "clients": clients})


def first_touch(port: int, world: World) -> dict[str, list[float]]:
    """Each screen once for each company; for a server that has read nothing yet."""
    companies = chosen(world)
    return {
        screen.name: uvloop.run(over_http(port, gets(screen, companies, len(companies))))
        for screen in SCREENS
    }


def _middle(turns: Sequence[Sequence[float]], share: float) -> float:
    return median(percentile(turn, share) for turn in turns)


def figure(
    screen: Screen,
    values: Sequence[Sequence[float]],
    floors: Sequence[Sequence[float]],
    first: Sequence[float],
    companies: int,
) -> Figure:
    """The medians of the turns; each turn's times in order."""
    p50, p99 = _middle(values, 0.5), _middle(values, 0.99)
    floor = _middle(floors, 0.99)
    limit = FACTOR * floor + SLACK_MS
    settings: dict[str, Any] = {
        "limit": limit,
        "holds": p99 <= limit,
        "floor_p50": _middle(floors, 0.5),
        "companies": companies,
    }
    if screen.third_ms is not None:
        settings |= {"third_ms": screen.third_ms, "within": p99 < screen.third_ms}
    if first:
        cold = sorted(first)
        settings |= {"first_p50": percentile(cold, 0.5), "first_p99": percentile(cold, 0.99)}
    return Figure(
        name=f"read.{screen.name}",
        value=p99,
        unit="ms",
        floor=floor,
        ratio=p99 / floor,
        p50_ms=p50,
        p99_ms=p99,
        aim=AIM,
        settings=settings,
    )
