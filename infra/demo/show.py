"""What the demo shows: three companies, one campaign followed to its receipts, the figures."""

import asyncio
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import NamedTuple

import aiohttp

from infra.cli.entry import STARTED
from infra.cli.inviting import invite
from infra.cli.workspace import create, issue_key, workspace_id
from infra.demo.chat import EMAIL, Person, Talk, draft, join
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
    async with embedded.serving() as serving:
        if serving.done():
            return 1
        keys, invitation = await asyncio.to_thread(_companies, embedded)
        say(f"workspaces  {', '.join(company.name for company in COMPANIES)}")
        url = f"http://127.0.0.1:{settings.command_port}"
        simulator = Simulator(f"http://127.0.0.1:{settings.simulator_port}")
        await _listening(simulator)
        async with Client(url, url, keys[0]) as client:
            try:
                ran = await run(client, simulator, content, filename, say)
                person = await join(client, invitation)
                await draft(client, ran.campaign)
                wrong = [*discrepancies(ran), *await _page_faults(url)]
            except aiohttp.ClientConnectionError:  # told to stop in the middle
                return INTERRUPTED
        _report(ran, wrong)
        if check:
            return 1 if wrong else 0
        await _talk(
            Talk(url, simulator, person), lambda: _invite(url, settings, keys, ran, person), serving
        )
        return 0


async def _talk(talk: Talk, invite_people: Callable[[], None], serving: asyncio.Task[None]) -> None:
    """Customers write as long as it serves."""
    await talk.begin()
    invite_people()
    talking = asyncio.create_task(talk.go_on())
    try:
        await serving
    finally:
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)


async def _page_faults(url: str) -> list[str]:
    """What is wrong with the inbox page; nothing if it answers with all its parts."""
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{url}/inbox") as answer:
            text = await answer.text()
        found = {"inbox": answer.status}
        for part in re.findall(r'(?:src|href)="(inbox/[^"]+)"', text):
            async with http.get(f"{url}/{part}") as answer:
                found[part] = answer.status
    parts = len(found) > 1
    wrong = [
        f"{part} answers {status}" for part, status in found.items() if status != HTTPStatus.OK
    ]
    return wrong if parts else ["the inbox page names no parts"]


def _companies(embedded: Embedded) -> tuple[list[str], str]:
    """Three workspaces; their keys, and an owner's invitation to the first of them."""
    store = embedded.write.store
    keys = []
    for company in COMPANIES:
        create(store, company.name, company.time_zone, company.country, company.language)
        keys.append(issue_key(store, company.name, ("read", "write", "send"), "demo"))
    first = workspace_id(COMPANIES[0].name)
    invitation = invite(store, embedded.write.seals, first, EMAIL, "owner")
    embedded.catch_up()
    return keys, invitation


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
        say(
            "checked     what Blazz says agrees with the simulator's ledger; the inbox page answers"
        )


def _percent(rate: float | None) -> str:
    return "" if rate is None else f" ({rate} %)"


def _invite(url: str, settings: Settings, keys: list[str], ran: Ran, person: Person) -> None:
    today = datetime.now(UTC).date()
    campaign = ran.campaign["campaign_id"]
    sys.stdout.write(f"""
  inbox       {url}/inbox#sign-in?workspace_id={person.workspace_id}&email={person.email}
  workspace   {person.workspace_id}
  e-mail      {person.email}
  password    {person.password}

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
