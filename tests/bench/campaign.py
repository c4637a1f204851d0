"""Campaigns to 100,000 recipients in all, by every service as a process of its own.

The floor is what a bare aiohttp loop posts to the same kind of simulator, before and afterwards.
"""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from uuid import UUID

import aiohttp
import orjson

from commands.policies.ports import Outbound
from domain.ids import message_id
from domain.message import Content, Parameter
from infra.providers.cloud_api_bodies import message
from tests.bench.figure import Figure
from tests.bench.ground import Ground
from tests.companies import companies, launched
from tests.examples import CAMPAIGN
from tests.installation import Installation
from tests.simulators import simulator

COMPANIES = 4
"""With a number each, because a number sends no more than 1,000 messages a second."""
POSTS, CONNECTIONS = 10_000, 64
PATIENCE_S = 300.0
TICKS_MS = 1000 / os.sysconf("SC_CLK_TCK")


def run(ground: Ground) -> Iterator[Figure]:
    recipients = int(os.environ.get("BLAZZ_BENCH_RECIPIENTS", "100000"))
    floors = [asyncio.run(_floor())]
    installation = _installation(ground)
    with installation.up():
        course, cpu, first = asyncio.run(_course(installation, recipients))
    floors.append(asyncio.run(_floor()))
    floor, value = median(floors), recipients / course.accepted_s
    yield Figure(
        name="campaign_100k",
        value=value,
        unit="messages/s queue to accepted",
        floor=floor,
        ratio=value / floor,
        aim="3000, 1000/s to read, first message after 300 ms",
        settings={
            "recipients": recipients,
            "numbers": COMPANIES,
            "queue_to_read_per_s": recipients / course.read_s,
            "first_message_ms": 1000 * first,
            "duplicates": course.duplicates,
            "forgotten": course.forgotten,
            "cpu_ms_per_message": cpu,
        },
    )


def _installation(ground: Ground) -> Installation:
    urls = ground.database("empty"), ground.database("empty")
    unlimited = {"BLAZZ_SIMULATOR_MESSAGES_PER_SECOND": "0"}
    return Installation(ground.folder, *urls, ground.kafka.bootstrap, **unlimited)


async def _course(installation, recipients):
    async with companies(installation, COMPANIES, recipients // COMPANIES) as made:
        before = _cpu_ms(installation)
        course = await launched(installation, made, PATIENCE_S)
        after = _cpu_ms(installation)
    cpu = {name: round((after[name] - before[name]) / recipients, 3) for name in before}
    return course, cpu, min(course.first.values())


def _cpu_ms(installation) -> dict[str, float]:
    spent = {}
    for name, pid in installation.processes().items():
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        spent[name] = (int(fields[11]) + int(fields[12])) * TICKS_MS
    return spent


async def _floor() -> float:
    """Posts a second, of bodies as the sender makes them, without anything behind or before."""
    with simulator(messages_per_second=0, accept_unknown_templates=True) as provider:
        bodies = iter([_body(n) for n in range(POSTS)])
        headers = {"Authorization": "Bearer any", "Content-Type": "application/json"}
        url = f"{provider.url}/v23.0/106540352242922/messages"
        async with aiohttp.ClientSession(headers=headers) as http:

            async def post() -> None:
                for body in bodies:
                    async with http.post(url, data=body) as response:
                        await response.read()

            started = time.perf_counter()
            await asyncio.gather(*(post() for _ in range(CONNECTIONS)))
            return POSTS / (time.perf_counter() - started)


def _body(n: int) -> bytes:
    content = Content(
        kind="template", template="weekend_offer", language="en", body=(Parameter(text="Ana"),)
    )
    id_ = message_id(CAMPAIGN, UUID(int=n + 1))
    outbound = Outbound(id_, "106540352242922", f"+62813{n:06}7", content)
    return orjson.dumps(message(outbound))
