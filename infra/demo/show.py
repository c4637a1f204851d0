"""What the demo shows: three companies, one campaign followed to its receipts, the figures."""

import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import aiohttp

from infra.cli.entry import STARTED
from infra.cli.workspace import create, issue_key
from infra.demo.client import Client
from infra.demo.run import Ran, Simulator, discrepancies, run
from infra.embedded import Embedded
from infra.settings import Settings

INTERRUPTED = 130


class Company(NamedTuple):
    name: str
    time_zone: str
    country: str
    language: str


COMPANIES = (
    Company("Kopi Nusantara", "Asia/Jakarta", "ID", "id"),
    Company("Bäckerei Schröder", "Europe/Berlin", "DE", "de"),
    Company("Al Noor Pharmacy", "Asia/Riyadh", "SA", "ar"),
)


def say(line: str) -> None:
    """Progress, with the seconds since the start."""
    sys.stdout.write(f"{time.monotonic() - STARTED:6.1f} s  {line}\n")
    sys.stdout.flush()


async def show(settings: Settings, content: bytes, filename: str, check: bool) -> int:
    embedded = Embedded(settings)
    started: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    serving = asyncio.create_task(embedded.run(started.set_result, stop))
    try:
        either: set[asyncio.Future[Any]] = {started, serving}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            await serving
            return 1
        keys = await asyncio.to_thread(_companies, embedded)
        say(f"workspaces  {', '.join(company.name for company in COMPANIES)}")
        url = f"http://127.0.0.1:{settings.command_port}"
        simulator = Simulator(f"http://127.0.0.1:{settings.simulator_port}")
        await _listening(simulator)
        async with Client(url, url, keys[0]) as client:
            try:
                ran = await run(client, simulator, content, filename, say)
            except aiohttp.ClientConnectionError:  # told to stop in the middle
                return INTERRUPTED
        wrong = discrepancies(ran)
        _report(ran, wrong)
        if check:
            return 1 if wrong else 0
        _invite(url, settings, keys, ran)
        await serving
        return 0
    finally:
        stop.set()
        await serving


def _companies(embedded: Embedded) -> list[str]:
    """Three workspaces; their keys, good once the read model knows them."""
    store = embedded.write.store
    keys = []
    for company in COMPANIES:
        create(store, company.name, company.time_zone, company.country, company.language)
        keys.append(issue_key(store, company.name, ("read", "write", "send"), "demo"))
    head = store.head()
    while embedded.position() < head:
        time.sleep(0.005)
    return keys


async def _listening(simulator: Simulator) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            await simulator.stats()
        except aiohttp.ClientConnectionError:
            if time.monotonic() > deadline:
                raise TimeoutError("the simulator does not answer since 20 s") from None
            await asyncio.sleep(0.02)
        else:
            return


def _report(ran: Ran, wrong: list[str]) -> None:
    campaign = ran.campaign
    say(
        f"figures     {campaign['recipients']} recipients, {campaign['accepted']} accepted, "
        f"{campaign['delivered']} delivered{_percent(campaign['delivery_rate'])}, "
        f"{campaign['read']} read{_percent(campaign['read_rate'])}, {campaign['failed']} failed, "
        f"{campaign['suppressed']} suppressed"
    )
    for failure in campaign["failures"]:
        say(f"            {failure['messages']} x {failure['code']}: {failure['reason']}")
    people = len({line["to"] for line in ran.ledger})
    say(f"ledger      {len(ran.ledger)} sends at the simulator, to {people} recipients")
    for line in wrong:
        say(f"WRONG       {line}")
    if not wrong:
        say("checked     what Blazz says agrees with the simulator's ledger")


def _percent(rate: float | None) -> str:
    return "" if rate is None else f" ({rate} %)"


def _invite(url: str, settings: Settings, keys: list[str], ran: Ran) -> None:
    today = datetime.now(UTC).date()
    campaign = ran.campaign["campaign_id"]
    sys.stdout.write(f"""
  campaign    {url}/v1/campaigns/{campaign}
  analytics   {url}/v1/analytics/daily?from={today - timedelta(1)}&to={today + timedelta(1)}
  API         {url}/openapi.json
  simulator   http://127.0.0.1:{settings.simulator_port}/_simulator/ledger
  key         {keys[0]}
  others      {COMPANIES[1].name} {keys[1]}, {COMPANIES[2].name} {keys[2]}

Write, then read your own write (the second call waits for the position of the first):

  KEY={keys[0]}
  POSITION=$(curl -s -o /dev/null -w '%header{{blazz-position}}' {url}/v1/contacts \\
    -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\
    -d '{{"phone": "+49 151 23456789", "first_name": "Ada"}}')
  curl -s '{url}/v1/contacts?search=ada' \\
    -H "Authorization: Bearer $KEY" -H "Blazz-Min-Position: $POSITION" -H 'Prefer: wait=2'

Ctrl-C stops it; nothing stays behind.
""")
    sys.stdout.flush()
