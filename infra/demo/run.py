"""One campaign: number, template, contacts from a file, audience, launch, receipts."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import aiohttp
import orjson

from infra.demo.client import Client, Json, until

NUMBER = {
    "phone_number_id": "106540352242922",
    "waba_id": "100000000000001",
    "display_phone_number": "+62 21 5550 1234",
    "name": "Kopi Nusantara",
    "messages_per_second": 1000,
}
TEMPLATE = {
    "name": "weekend_offer",
    "language": "en",
    "category": "MARKETING",
    "body": "Hi {{first_name}}, this weekend every second coffee is on us. See you!",
    "footer": "Kopi Nusantara",
}
STALLED_S = 60
SHOWN = 3
STAGES = ("sent", "delivered", "read", "played")

Say = Callable[[str], None]


class Stopped(Exception):
    """The campaign cannot go on; the words say why."""


class Ran(NamedTuple):
    """A finished campaign: what the read API says of it, and what the simulator says."""

    imported: Json
    campaign: Json
    ledger: list[Json]
    stats: Json
    seconds: float


class Simulator:
    """What only a simulator can tell."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def stats(self) -> Json:
        """Counts of what it did, and what it expects to come of it."""
        return await self._get("/_simulator/stats")

    async def ledger(self) -> list[Json]:
        """One line per accepted send."""
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{self.url}/_simulator/ledger") as response,
        ):
            text = await response.read()
        return [orjson.loads(line) for line in text.splitlines()]

    async def _get(self, path: str) -> Json:
        async with aiohttp.ClientSession() as http, http.get(self.url + path) as response:
            body: Json = await response.json()
            return body


async def prepare(
    client: Client, content: bytes, filename: str, say: Say, number: Json = NUMBER
) -> tuple[Json, str]:
    """Number, approved template and contacts: the import's answer, and the campaign's id."""
    account = await client.post("/v1/accounts", number)
    template = await client.post("/v1/templates", {**TEMPLATE, "account_id": account["id"]})
    imported = await client.upload("/v1/contacts/import", content, filename=filename)
    counts = ", ".join(
        f"{imported['counts'][outcome]} {outcome}"
        for outcome in ("created", "updated", "duplicate", "invalid")
    )
    say(f"contacts    {counts}")
    _tell_problems(client, imported, say)
    await until("approval of the template", lambda: _approved(client, template["id"]))
    say(f"template    {TEMPLATE['name']} approved")
    campaign = await client.post(
        "/v1/campaigns",
        {
            "name": "Weekend offer",
            "account_id": account["id"],
            "template_id": template["id"],
            "audience": {"kind": "all"},
            "variables": {"first_name": "{first_name}"},
        },
    )
    return imported, campaign["id"]


def _tell_problems(client: Client, imported: Json, say: Say) -> None:
    problems = imported["problems"]
    for row in problems[:SHOWN]:
        where = f"line {row['line']}" + (f", {row['column']}" if row["column"] else "")
        say(f"            {where}: {row['reason']}")
    if len(problems) > SHOWN:
        say(f"            all rows: {client.reads}/v1/imports/{imported['id']}/rows.csv")
    if imported["status"] != "finished":
        raise Stopped(f"the file could not be read to its end: {imported['reason']}")
    if not imported["counts"]["created"]:
        raise Stopped("no row of the file is a contact")


async def _approved(client: Client, template_id: str) -> bool:
    items = (await client.get("/v1/templates"))["items"]
    return any(t["template_id"] == template_id and t["status"] == "approved" for t in items)


async def launch(client: Client, campaign_id: str, simulator: Simulator, say: Say) -> Json:
    """Launch it and follow it until every message has come to rest."""
    await client.post(f"/v1/campaigns/{campaign_id}/launch")
    last, since = "", time.monotonic()
    while True:
        campaign = await client.get(f"/v1/campaigns/{campaign_id}")
        stats = await simulator.stats()
        line = (
            f"campaign    {campaign['status']:<10} {campaign['accepted']:>6} accepted "
            f"{campaign['delivered']:>6} delivered {campaign['read']:>6} read "
            f"{campaign['failed']:>4} failed {campaign['suppressed']:>4} suppressed"
        )
        if line != last:
            last, since = line, time.monotonic()
            say(line)
        if campaign["status"] in {"failed", "cancelled"}:
            raise Stopped(f"the campaign has {campaign['status']}: {campaign['reason']}")
        if campaign["status"] == "completed" and _settled(campaign, stats):
            return campaign
        if time.monotonic() - since > STALLED_S:
            raise Stopped(f"nothing has moved for {STALLED_S} s: {line}")
        await asyncio.sleep(0.15)


def _settled(campaign: Json, stats: Json) -> bool:
    expected = cumulative(stats["expected"])
    refused = campaign["recipients"] - campaign["accepted"] - campaign["suppressed"]
    return (
        all(campaign[stage] == expected[stage] for stage in ("sent", "delivered", "read"))
        and campaign["failed"] == expected["failed"] + refused
        and campaign["pending"] == campaign["unknown"] == 0
    )


def cumulative(final: Json) -> Counter[str]:
    """How many reach each stage when so many end in it: whatever is read was delivered and sent."""
    counts: Counter[str] = Counter()
    for status, n in final.items():
        reached = STAGES.index(status) + 1 if status in STAGES else 0
        counts.update(dict.fromkeys(STAGES[:reached] or (status,), n))
    return counts


async def run(client: Client, simulator: Simulator, content: bytes, filename: str, say: Say) -> Ran:
    """The whole campaign."""
    started = time.monotonic()
    imported, campaign_id = await prepare(client, content, filename, say)
    campaign = await launch(client, campaign_id, simulator, say)
    return Ran(
        imported,
        campaign,
        await simulator.ledger(),
        await simulator.stats(),
        time.monotonic() - started,
    )


def discrepancies(ran: Ran) -> list[str]:
    """Where what Blazz says differs from what the simulator's ledger says; empty if nowhere."""
    campaign, sends = ran.campaign, Counter(line["to"] for line in ran.ledger)
    expected = cumulative(ran.stats["expected"])
    accounted = sum(campaign[s] for s in ("accepted", "failed", "suppressed", "unknown"))
    late = expected["failed"]  # accepted first, failed afterwards: counted in both
    checks: list[tuple[str, Any, Any]] = [
        ("recipients sent to more than once", sum(n > 1 for n in sends.values()), 0),
        ("accepted", campaign["accepted"], len(ran.ledger)),
        ("delivered", campaign["delivered"], expected["delivered"]),
        ("read", campaign["read"], expected["read"]),
        ("unknown", campaign["unknown"], 0),
        ("recipients accounted for", accounted - late, campaign["recipients"]),
        ("contacts imported", ran.imported["counts"]["created"], campaign["recipients"]),
    ]
    return [f"{name}: {found}, expected {right}" for name, found, right in checks if found != right]
