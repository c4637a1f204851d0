"""The same campaign by separate processes on MySQL and Kafka, and in one process on SQLite."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

from infra.cli import supervisor
from infra.cli.demo import CONTACTS
from infra.cli.workspace import create, issue_key
from infra.demo.client import Client
from infra.demo.run import Simulator, discrepancies, run
from infra.embedded import Embedded
from infra.services.parts import migrate
from infra.settings import settings_in
from tests.installation import Installation, alive, free_ports

VOLATILE = {
    *("campaign_id", "account_id", "template_id", "plan", "version", "meta"),
    *("launched_at", "completed_at", "created_at", "delivery_ms_total", "average_delivery_seconds"),
}
PROCESSES = 7
SEED = 7


async def figures(client, ran):
    """What the read API says of it, without what time and chance decide: instants and ids."""
    today = datetime.now(UTC).date()
    days = {"from": str(today - timedelta(1)), "to": str(today + timedelta(1))}
    daily = Counter()
    for item in (await client.get("/v1/analytics/daily", **days))["items"]:
        daily.update({name: n for name, n in item.items() if name != "day"})
    campaign = {name: value for name, value in ran.campaign.items() if name not in VOLATILE}
    dashboard = await client.get("/v1/dashboard")
    dashboard.pop("meta")
    return {**campaign, "daily": daily, "dashboard": dashboard}


async def campaign_of(client, simulator):
    async with client:
        ran = await run(client, simulator, CONTACTS.read_bytes(), CONTACTS.name, print)
        assert discrepancies(ran) == []
        return await figures(client, ran)


def embedded(folder):
    """The figures of the campaign in one process."""
    port, simulator_port = free_ports(2)
    settings = settings_in(folder, port, simulator_port)
    environment = {
        "BLAZZ_SIMULATOR_PORT": str(simulator_port),
        "BLAZZ_SIMULATOR_WEBHOOK_URL": settings.simulator_webhook_url,
        "BLAZZ_SIMULATOR_HOLD_MS": "300",
        "BLAZZ_SIMULATOR_SEED": str(SEED),
    }
    child = supervisor.start(["simulator"], environment)
    try:
        return asyncio.run(_embedded(settings))
    finally:
        assert supervisor.stop(child) == 0


async def _embedded(settings):
    migrate(settings)
    whole = Embedded(settings)
    async with whole.serving():
        create(whole.write.store, "Kopi Nusantara", "Asia/Jakarta", "ID", "en")
        key = issue_key(whole.write.store, "Kopi Nusantara", ("read", "write", "send"), "test")
        await asyncio.to_thread(whole.catch_up)
        url = f"http://127.0.0.1:{settings.command_port}"
        simulator = Simulator(f"http://127.0.0.1:{settings.simulator_port}")
        return await campaign_of(Client(url, url, key), simulator)


def test_on_servers_the_read_api_shows_what_it_shows_in_one_process(
    tmp_path, mysql_databases, kafka
):
    installation = Installation(
        tmp_path, mysql_databases(), mysql_databases(), kafka, BLAZZ_SIMULATOR_SEED=str(SEED)
    )
    with installation.up():
        children = installation.processes()
        assert len(children) == PROCESSES
        on_servers = asyncio.run(campaign_of(installation.client(), installation.simulator))
        status = installation.stop()
    assert status == 0, installation.log.read_text()
    assert [name for name, pid in children.items() if alive(pid)] == []
    assert "stopped with -" not in installation.log.read_text()
    assert on_servers == embedded(tmp_path)
