"""Services killed with -9 in the middle of a campaign: nobody is sent to twice, nothing is lost.

The rule, whichever process dies and whenever:
- every recipient stands in the provider's ledger at most once;
- every message is accounted for: accepted + failed before acceptance + suppressed + cancelled +
  unknown = recipients, and nothing is pending for ever;
- a message is unknown only if the provider never had it, so that no status could ever arrive;
- the campaign completes;
- the read models hold what a rebuild from the store makes in another database.
"""

import asyncio
import json
import random
import time
from collections import Counter

import httpx2
import pytest

from infra.demo.client import until
from infra.demo.run import cumulative, prepare
from tests.installation import Installation
from tests.installation import until as wait_until

RECIPIENTS = 2000
UNRESOLVED_AFTER_S = "4"
PATIENCE_S = 90.0


def contacts():
    """Every ending that has a script at the simulator is among them once."""
    lines = [f"+62812340{n:04},Ana {n}" for n in range(RECIPIENTS)]
    return "\n".join(["Phone,First name", *lines]).encode()


def deaths(seed, services):
    """Who dies after how many sends; the same for the same seed."""
    chance = random.Random(seed)
    order = chance.sample(services, len(services))
    sends = sorted(chance.sample(range(50, RECIPIENTS * 3 // 4), len(services)))
    return list(zip(sends, order, strict=True))


async def run_killing(installation, client, deaths):
    """The campaign at rest, its messages, and the provider's ledger."""
    _, campaign_id = await prepare(client, contacts(), "contacts.csv", print)
    await client.post(f"/v1/campaigns/{campaign_id}/launch")
    for sends, service in deaths:

        async def under_way(sends=sends):
            return (await installation.simulator.stats())["accepted"] >= sends

        await until(f"{sends} sends before {service} is killed", under_way, PATIENCE_S)
        installation.kill(service)
    deadline = time.monotonic() + PATIENCE_S
    while (standing := await figures(installation, client, campaign_id))[0] != standing[1]:
        assert time.monotonic() < deadline, standing
        await asyncio.sleep(0.1)
    campaign = await client.get(f"/v1/campaigns/{campaign_id}")
    messages = await client.pages(f"/v1/campaigns/{campaign_id}/messages")
    return campaign, messages, await installation.simulator.ledger()


async def figures(installation, client, campaign_id):
    """What is said of the campaign, and what is to be said of it in the end."""
    campaign = await client.get(f"/v1/campaigns/{campaign_id}")
    stats = await installation.simulator.stats()
    expected = cumulative(stats["expected"])
    in_the_end = {
        "status": "completed",
        "recipients": RECIPIENTS,
        "pending": 0,
        "accepted": stats["accepted"],
        **{stage: expected[stage] for stage in ("sent", "delivered", "read")},
    }
    return {name: campaign[name] for name in in_the_end}, in_the_end


@pytest.mark.parametrize(
    ("seed", "services"),
    [(1, ("sender", "projector", "relay")), (2, ("command-api", "policies", "sender"))],
)
def test_whatever_dies_in_a_campaign_each_recipient_is_sent_to_once_and_accounted_for(
    tmp_path, mysql_databases, kafka, seed, services
):
    installation = Installation(
        tmp_path,
        mysql_databases(),
        mysql_databases(),
        kafka,
        BLAZZ_UNRESOLVED_AFTER_S=UNRESOLVED_AFTER_S,
    )

    async def whole():
        async with installation.client() as client:
            return await run_killing(installation, client, deaths(seed, services))

    with installation.up():
        before = installation.processes()
        campaign, messages, ledger = asyncio.run(whole())
        after = installation.processes()
        assert_told_to_operators(installation)
        assert installation.stop() == 0
    assert {name for name in before if before[name] != after[name]} == set(services)
    assert_accounted_for(campaign, messages, ledger)
    assert_nobody_is_named(installation.log.read_text())
    assert_rebuilt_alike(installation, mysql_databases())


TOLD = {
    "command": ("blazz_append_events_total", "blazz_webhooks_total", "blazz_inbox_bodies"),
    "relay": ("blazz_relay_position", "blazz_relay_lag_events", "blazz_store_head_position"),
    "projector": ("blazz_sink_events_total", "blazz_projection_lag_seconds"),
    "sender": ("blazz_sends_total", "blazz_send_queue_messages"),
    "policies": ("blazz_append_events_total", "blazz_audience_campaigns"),
    "read": ("process_resident_memory_bytes",),
}


def assert_told_to_operators(installation):
    """Every service is ready again, and tells its figures."""
    for service, names in TOLD.items():
        url = installation.urls[service]
        wait_until(lambda url=url: httpx2.get(f"{url}/-/ready").is_success, f"{service} ready")
        said = httpx2.get(f"{url}/-/metrics").text
        assert [name for name in names if f"\n{name}" not in said] == []
        assert "blazz_unread_figures 0.0" in said
    late = httpx2.get(f"{installation.urls['projector']}/-/metrics").text
    lags = [line for line in late.splitlines() if line.startswith("blazz_projection_lag_events{")]
    assert lags
    assert {line.rpartition(" ")[2] for line in lags} == {"0.0"}


def assert_nobody_is_named(log):
    """Neither a recipient nor a secret stands in any service's log."""
    assert "request" in log
    for secret in ("62812340", "simulator-token", "simulator-app-secret", "Bearer blz_"):
        assert secret not in log


def assert_accounted_for(campaign, messages, ledger):
    sends = Counter(line["to"] for line in ledger)
    assert [to for to, n in sends.items() if n > 1] == []
    assert len(messages) == RECIPIENTS
    had = {line["callback_data"] for line in ledger}
    never_had = Counter(m["status"] for m in messages if m["message_id"] not in had)
    assert set(never_had) <= {"unknown", "failed", "suppressed"}
    assert campaign["unknown"] == never_had["unknown"]
    assert campaign["accepted"] == len(had)
    accounted = sum(campaign[stage] for stage in ("accepted", "suppressed", "cancelled", "unknown"))
    assert accounted + never_had["failed"] == RECIPIENTS


def assert_rebuilt_alike(installation, empty):
    for line in installation.blazz("projections", "status", "--json").splitlines():
        assert json.loads(line)["parked"] == 0
    installation.blazz("migrate", BLAZZ_READ_URL=empty)
    installation.blazz("projections", "rebuild", BLAZZ_READ_URL=empty)
    digests = [
        json.loads(installation.blazz("projections", "digest", "--json", **changed))
        for changed in ({}, {"BLAZZ_READ_URL": empty})
    ]
    assert digests[0] == digests[1]
