"""The message log and the timeline rebuilt by the command, while a campaign fills and shows them."""

import asyncio
import json
import sys

from infra.demo.client import until
from tests.companies import companies, launched
from tests.installation import ROOT, Installation, clean
from tests.test_campaign_kills import assert_rebuilt_alike

RECIPIENTS = 300
RATE = 40
"""Messages a second, so that several rebuilds fit into the sending."""
PATIENCE_S = 120.0
INSTANTS = ("queued_at", "attempted_at", "accepted_at", "sent_at", "delivered_at", "read_at")


class Watch:
    """Reads lists over and over. What was once shown stays: rows and instants only come."""

    def __init__(self, client, campaign_id):
        self.client, self.campaign_id = client, campaign_id
        self.ended, self.reads, self.lost = asyncio.Event(), 0, []

    async def run(self):
        await asyncio.gather(self.messages(), self.timeline(), self.counts())

    async def messages(self):
        known = set()
        while not self.ended.is_set():
            found = await self.client.pages(f"/v1/campaigns/{self.campaign_id}/messages")
            known = self._grown(
                "messages",
                known,
                {(one["message_id"], name) for one in found for name in INSTANTS if one[name]},
            )

    async def timeline(self):
        contacts = await self.client.pages("/v1/contacts")
        known, path = set(), f"/v1/contacts/{contacts[0]['contact_id']}/timeline"
        while not self.ended.is_set():
            found = await self.client.pages(path)
            known = self._grown("timeline", known, {one["position"] for one in found})

    async def counts(self):
        known = set()
        while not self.ended.is_set():
            found = await self.client.get(f"/v1/campaigns/{self.campaign_id}")
            known = self._grown("counts", known, set(range(found["accepted"])))

    def _grown(self, what, known, shown):
        self.reads += 1
        if known - shown:
            self.lost.append((what, len(known - shown), len(shown)))
        return shown


async def rebuilt(installation, *names):
    """What the command said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "infra.cli.main", "projections", "rebuild", *names),
        cwd=ROOT,
        env=clean() | installation.settings,
        stderr=asyncio.subprocess.PIPE,
    )
    said = (await process.communicate())[1].decode()
    assert process.returncode == 0, said
    return said


async def act(installation):
    async with companies(installation, 1, RECIPIENTS, rate=RATE) as (company,):
        watch = Watch(company.client, company.campaigns[0])
        running = asyncio.create_task(launched(installation, [company], PATIENCE_S))
        simulator = installation.simulator

        async def sending():
            return (await simulator.stats())["accepted"] > 0

        await until("the first message", sending, PATIENCE_S)
        watching = asyncio.create_task(watch.run())
        said = []
        while not running.done():
            said.append(await rebuilt(installation, "messages"))
            said.append(await rebuilt(installation, "timeline"))
        course = await running
        watch.ended.set()
        await watching
        path = f"/v1/campaigns/{company.campaigns[0]}"
        return course, watch, said, await company.client.pages(f"{path}/messages")


def test_no_read_sees_a_half_built_table_and_nothing_is_counted_twice(
    tmp_path, mysql_databases, kafka
):
    installation = Installation(tmp_path, mysql_databases(), mysql_databases(), kafka)
    with installation.up():
        course, watch, said, messages = asyncio.run(act(installation))
        checkpoints = installation.blazz("projections", "status", "--json").splitlines()
    assert watch.lost == []
    assert watch.reads > 10 * len(said)
    assert len(said) >= 2
    assert [one for one in said if "but with other contents" in one or "rebuilt 0" in one] == []
    assert (course.duplicates, course.forgotten) == (0, 0)
    assert len(messages) == RECIPIENTS
    assert {json.loads(line)["state"] for line in checkpoints} == {"live"}
    assert_rebuilt_alike(installation, mysql_databases())
