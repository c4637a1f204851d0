"""How soon an agent's reply is on the wire while a large campaign leaves from the same number.

From the request to the simulator's ledger, every service a process of its own. The floor is the
same without a campaign.
"""

import asyncio
import os
import time
from collections.abc import Iterator
from typing import Any, Final

from infra.demo.client import Client, until
from tests.bench.figure import Figure, percentile
from tests.bench.ground import Ground
from tests.companies import Company, companies
from tests.installation import Installation

PROBES: Final = 40
PAUSE_S: Final = 0.25
UNDER_WAY: Final = 2_000
"""So much of the campaign has left before the first reply is written."""
PATIENCE_S: Final = 60.0


def run(ground: Ground) -> Iterator[Figure]:
    recipients = int(os.environ.get("BLAZZ_BENCH_RECIPIENTS", "100000"))
    urls = ground.database("empty"), ground.database("empty")
    unlimited = {"BLAZZ_SIMULATOR_MESSAGES_PER_SECOND": "0"}
    installation = Installation(ground.folder, *urls, ground.kafka.bootstrap, **unlimited)
    with installation.up():
        floor, taken, left = asyncio.run(_measure(installation, recipients))
    for url in urls:
        ground.drop(url)
    p99, floor_p99 = percentile(taken, 0.99), percentile(floor, 0.99)
    yield Figure(
        name="reply_overtakes",
        value=p99,
        unit="ms (p99)",
        floor=floor_p99,
        ratio=p99 / floor_p99,
        p50_ms=percentile(taken, 0.5),
        p99_ms=p99,
        aim="1000 ms",
        settings={
            "less_is_better": True,
            "recipients": recipients,
            "of_them_waiting_at_the_end": left,
            "floor": "no campaign",
            "floor_p50_ms": percentile(floor, 0.5),
        },
    )


async def _measure(
    installation: Installation, recipients: int
) -> tuple[list[float], list[float], int]:
    """Milliseconds without and with the campaign, and how much of it had not left at the end."""
    async with companies(installation, 1, recipients) as [company]:
        chats, template = await _chats(company.client)
        floor = await _answered(installation, company, chats, template)
        await company.client.post(f"/v1/campaigns/{company.campaigns[0]}/launch")

        async def running() -> bool:
            return bool((await installation.simulator.stats())["accepted"] > UNDER_WAY)

        await until("the campaign being under way", running, PATIENCE_S)
        taken = await _answered(installation, company, chats, template)
        left = recipients + 3 * PROBES - (await installation.simulator.stats())["accepted"]
    if left <= 0:
        raise RuntimeError(f"a campaign to {recipients} is too small: it ended before the replies")
    return floor, taken, left


async def _chats(client: Client) -> tuple[list[str], str]:
    """Conversations that have begun, and the template that may be sent in them at any time."""
    [campaign] = (await client.get("/v1/campaigns"))["items"]
    plan = (await client.get(f"/v1/campaigns/{campaign['campaign_id']}"))["plan"]
    about = {"account_id": plan["account_id"], "template_id": plan["template_id"]}
    contacts = (await client.get("/v1/contacts", limit=str(PROBES)))["items"]
    begun = [
        await client.post(
            "/v1/conversations",
            {**about, "contact_id": one["contact_id"], "variables": {"first_name": "Ana"}},
        )
        for one in contacts
    ]
    return [one["id"] for one in begun], plan["template_id"]


async def _answered(
    installation: Installation, company: Company, chats: list[str], template: str
) -> list[float]:
    """How many milliseconds each reply took from its request to the wire, in order."""
    body = {"kind": "template", "template_id": template, "variables": {"first_name": "Ana"}}
    asked: dict[str, float] = {}
    for chat in chats:
        at = time.time()
        answer = await company.client.post(f"/v1/conversations/{chat}/messages", body)
        asked[answer["id"]] = at
        await asyncio.sleep(PAUSE_S)
    left: dict[str, Any] = {}

    async def all_left() -> bool:
        left.update({x["callback_data"]: x["at"] for x in await installation.simulator.ledger()})
        return asked.keys() <= left.keys()

    await until("every reply having left", all_left, PATIENCE_S)
    return sorted(1000 * (left[id_] - at) for id_, at in asked.items())
