"""Many campaigns of many companies at once, by every service as a process of its own.

`BLAZZ_TEST_CAMPAIGNS=20x10x500` runs the full form: 20 companies with 10 campaigns of 500 each, first
messages within 2 seconds. The short one is for slow machines, and so are its limits.
"""

import asyncio
import os
import time

from infra.demo.client import until
from tests.companies import companies, launched
from tests.installation import Installation

FULL = os.environ.get("BLAZZ_TEST_CAMPAIGNS", "")
COMPANIES, CAMPAIGNS, RECIPIENTS = map(int, (FULL or "4x10x20").split("x"))
FIRST_S, PAUSED_S = (2, 1) if FULL else (10, 3)
PATIENCE_S = 300


async def paused_after(client, campaign_id, simulator):
    """Seconds from the answer to a pause until nothing of it leaves any more."""
    await client.post(f"/v1/campaigns/{campaign_id}/pause", {"reason": "a test"})
    paused_at = time.time()
    await asyncio.sleep(2 * PAUSED_S)
    sent = await campaign_sends(client, campaign_id, simulator)
    await client.post(f"/v1/campaigns/{campaign_id}/resume")
    return max((at - paused_at for at in sent.values()), default=0.0)


async def campaign_sends(client, campaign_id, simulator):
    """When each of the campaign's messages left that have left by now."""
    ids = {m["message_id"] for m in await client.pages(f"/v1/campaigns/{campaign_id}/messages")}
    ledger = await simulator.ledger()
    return {line["callback_data"]: line["at"] for line in ledger if line["callback_data"] in ids}


async def act(installation):
    async with companies(installation, COMPANIES, RECIPIENTS, CAMPAIGNS, RECIPIENTS) as made:
        one = made[0]
        start = time.time()
        running = asyncio.create_task(launched(installation, made, PATIENCE_S))
        last, simulator = one.campaigns[-1], installation.simulator

        async def is_sending():
            # Asked in a cheap way: what the test itself takes is missing to what it measures.
            return (await one.client.get(f"/v1/campaigns/{last}"))["accepted"] > 0

        await until("the first of the one to pause", is_sending)
        late = await paused_after(one.client, last, simulator)
        course = await running
        firsts = [
            min((await campaign_sends(c.client, id_, simulator)).values())
            - start
            - course.launched[id_]
            for c in made
            for id_ in c.campaigns
        ]
        return course, firsts, late


def test_all_complete_each_begins_soon_and_one_can_be_paused(tmp_path, mysql_databases, kafka):
    unlimited = {"BLAZZ_SIMULATOR_MESSAGES_PER_SECOND": "0"}
    databases = mysql_databases(), mysql_databases()
    installation = Installation(tmp_path, *databases, kafka, **unlimited)
    with installation.up():
        course, firsts, late = asyncio.run(act(installation))
    assert (course.duplicates, course.forgotten) == (0, 0)
    assert len(firsts) == COMPANIES * CAMPAIGNS
    seen = f"slowest first message {max(firsts):.2f} s, pause {late:.2f} s, {course}"
    assert max(firsts) < FIRST_S, seen
    assert late < PAUSED_S, seen
