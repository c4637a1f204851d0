"""From a command over HTTP to its row over HTTP, through relay, Kafka and projector, every service
in its own process, while 500 facts a second of other companies come in.
"""

import asyncio
import time
from collections.abc import Iterable
from typing import Any, Final, NamedTuple
from uuid import uuid4

import aiohttp
import uvloop

from infra.event_store import open_store
from tests.bench.elsewhere import Going, elsewhere
from tests.bench.figure import Figure, percentile
from tests.bench.ground import Ground
from tests.bench.message_facts import PAST, append_of
from tests.bench.visible_floor import rows_from_kafka
from tests.installation import Installation
from tests.spec import NOW

RATE: Final = 500
PROBES: Final = 150
ROUNDS: Final = 2
PAUSE_S: Final = 0.02
POLL_S: Final = 0.002
FLOORS: Final = 100
WARM_S: Final = 45
"""Under load before the first probe: a broker that has just started compiles itself meanwhile, and
that takes more than what it does for the facts. None that has run for a minute does."""


class Taken(NamedTuple):
    """Milliseconds: the command alone, command and read that waits, command and repeated reads."""

    command: list[float]
    waited: list[float]
    polled: list[float]


def run(ground: Ground) -> Iterable[Figure]:
    store, read, bare = (ground.database("empty") for _ in range(3))
    installation = Installation(ground.folder, store, read, ground.kafka.bootstrap)
    with installation.up():
        client = installation.client()
        taken, floor, rate = uvloop.run(_measure(installation, client, store, bare))
    for url in (store, read, bare):
        ground.drop(url)
    p50, p99 = percentile(taken.waited, 0.5), percentile(taken.waited, 0.99)
    floor_p50 = percentile(floor, 0.5)
    yield Figure(
        name="visible",
        value=p50,
        unit="ms (median)",
        floor=floor_p50,
        ratio=p50 / floor_p50,
        p50_ms=p50,
        p99_ms=p99,
        aim="p50 25 ms, p99 100 ms",
        settings={
            "less_is_better": True,
            "events_a_second_beside": rate,
            "read": "one request with Blazz-Min-Position and Prefer: wait",
            "warmed_up_s": WARM_S,
            "command_p50_ms": percentile(taken.command, 0.5),
            "command_p99_ms": percentile(taken.command, 0.99),
            "polled_every_ms": POLL_S * 1000,
            "polled_p50_ms": percentile(taken.polled, 0.5),
            "polled_p99_ms": percentile(taken.polled, 0.99),
            "floor": "aiokafka and one inserted row, nothing beside",
            "floor_p99_ms": percentile(floor, 0.99),
        },
    )


async def _measure(
    installation: Installation, client: Any, store_url: str, bare: str
) -> tuple[Taken, list[float], float]:
    kafka = installation.settings["BLAZZ_KAFKA"]
    taken, floor, going = Taken([], [], []), list[float](), Going()
    rates = []
    headers = {"Authorization": f"Bearer {client.key}"}
    async with aiohttp.ClientSession(headers=headers) as http:
        with elsewhere(going, _load, store_url):
            await asyncio.sleep(WARM_S)
        for _ in range(ROUNDS):
            floor += await rows_from_kafka(kafka, f"bench.{uuid4().hex}", bare, FLOORS)
            with elsewhere(going, _load, store_url) as rate:
                await asyncio.sleep(1)
                for probe in range(PROBES):
                    await _probe(http, client, taken, polling=bool(probe % 2))
                    await asyncio.sleep(PAUSE_S)
                rates.append(rate())
    return Taken(*map(sorted, taken)), sorted(floor), min(rates)


async def _probe(http: aiohttp.ClientSession, client: Any, taken: Taken, *, polling: bool) -> None:
    key = uuid4().hex
    body = {"phone": f"+62812{int(key[:8], 16) % 10**8:08}", "first_name": "Probe"}
    started = time.perf_counter()
    url, headers = f"{client.commands}/v1/contacts", {"Idempotency-Key": key}
    async with http.post(url, json=body, headers=headers) as answer:
        made, position = await answer.json(), answer.headers.get("Blazz-Position", "")
    answered = time.perf_counter()
    url, headers = f"{client.reads}/v1/contacts/{made['id']}", {}
    if not polling:
        headers = {"Blazz-Min-Position": position, "Prefer": "wait=5"}
    while True:
        async with http.get(url, headers=headers) as answer:
            await answer.read()
        if answer.status == 200:
            break
        if answer.status != 404 or not polling:
            raise RuntimeError(f"the read answered {answer.status}")
        await asyncio.sleep(POLL_S)
    ended = time.perf_counter()
    taken.command.append((answered - started) * 1000)
    (taken.polled if polling else taken.waited).append((ended - started) * 1000)


def _load(going: Going, store_url: str) -> None:
    """Facts of other companies, two messages a commit, as evenly as the machine allows."""
    before, started, store = going.done, time.perf_counter(), open_store(store_url)
    while going:
        at = going.done // len(PAST)
        store.append([append_of(number) for number in (at, at + 1)], NOW)
        going.did(2 * len(PAST))
        due = started + (going.done - before) / RATE
        time.sleep(max(0.0, due - time.perf_counter()))
    store.close()
