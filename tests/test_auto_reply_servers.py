"""Customers write over the simulator and are answered by rules that came over HTTP."""

import asyncio
from contextlib import suppress

import aiohttp

from infra.cli import supervisor
from infra.cli.workspace import create, issue_key
from infra.demo.client import Client, until
from infra.demo.run import NUMBER, Simulator
from infra.embedded import Embedded
from infra.services.parts import migrate
from infra.settings import settings_in
from tests.installation import free_ports

ANA, BUDI = "6281234567890", "6281234567891"
HELLO = "We are open from 9 to 5."
RULE = {
    "name": "Hours",
    "trigger": {"kind": "regex", "values": ["\\b(open|buka)\\b"]},
    "conditions": {"opted_out": False},
    "actions": {"answer": {"text": HELLO}, "labels": ["hours"]},
}


def test_a_customer_who_writes_is_answered_once_and_stop_ends_it(tmp_path):
    port, simulator_port = free_ports(2)
    settings = settings_in(tmp_path, port, simulator_port)
    child = supervisor.start(
        ["simulator"],
        {
            "BLAZZ_SIMULATOR_PORT": str(simulator_port),
            "BLAZZ_SIMULATOR_WEBHOOK_URL": settings.simulator_webhook_url,
        },
    )
    try:
        asyncio.run(_embedded(settings))
    finally:
        assert supervisor.stop(child) == 0


async def _embedded(settings):
    migrate(settings)
    whole = Embedded(settings)
    async with whole.serving():
        create(whole.write.store, "Kopi", "Asia/Jakarta", "ID", "en")
        scopes = ("read", "write", "send", "manage")
        key = issue_key(whole.write.store, "Kopi", scopes, "test")
        await asyncio.to_thread(whole.catch_up)
        url = f"http://127.0.0.1:{settings.command_port}"
        async with Client(url, url, key) as client:
            simulator = Simulator(f"http://127.0.0.1:{settings.simulator_port}")
            await _talk(client, simulator, whole.write.store)


async def _listens(simulator):
    with suppress(aiohttp.ClientError):
        return await simulator.stats() is not None
    return False


async def _talk(client, simulator, store):
    await until("the simulator listening", lambda: _listens(simulator))
    await client.post("/v1/accounts", NUMBER)
    rule = await client.post("/v1/rules", RULE)
    await _writes(simulator, ANA, "Hello")
    await _writes(simulator, BUDI, "Kapan BUKA?")

    async def heard():
        return len((await client.get("/v1/conversations"))["items"]) == 2

    async def considered():
        return sum(r.type == "InboundConsidered" for r in store.read(0, store.head())) == 2

    await until("both having been heard", heard)
    await until("both having been considered, before there is a rule", considered)
    tried = await client.get(f"/v1/rules/{rule['id']}/dry-run")
    assert (tried["looked_at"], [item["text"] for item in tried["items"]]) == (2, ["Kapan BUKA?"])
    await client.post(f"/v1/rules/{rule['id']}/enable")
    await _writes(simulator, ANA, "Are you open?")
    await until("the answer leaving", lambda: _left(simulator, ANA, 1))
    await _writes(simulator, ANA, "are you open??")
    await _writes(simulator, ANA, "STOP")
    await until("the confirmation leaving", lambda: _left(simulator, ANA, 2))
    await until("its being used", lambda: _used(client))
    await _shown(client, rule["id"])
    assert await _left(simulator, ANA, 2)
    assert await _left(simulator, BUDI, 0)


async def _writes(simulator, customer, text):
    """As the customer's phone would, through a webhook of the provider."""
    deed = {"phone_number_id": NUMBER["phone_number_id"], "customer": customer, "name": "Ana"}
    body = {"deeds": [{**deed, "does": "write", "text": text}]}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{simulator.url}/_simulator/customers", json=body) as answer,
    ):
        assert answer.status == 200, await answer.text()


async def _left(simulator, customer, count):
    return len([sent for sent in await simulator.ledger() if sent["to"] == customer]) == count


async def _used(client):
    (shown,) = (await client.get("/v1/rules"))["items"]
    contacts = (await client.get("/v1/contacts", opted_out="true"))["items"]
    return shown["uses"] == 1 and len(contacts) == 1


async def _shown(client, rule_id):
    shown = await client.get(f"/v1/rules/{rule_id}")
    assert (shown["name"], shown["enabled"], shown["answers_sent"]) == ("Hours", True, 1)
    assert shown["definition"]["actions"] == RULE["actions"]
    (contact,) = (await client.get("/v1/contacts", opted_out="true"))["items"]
    assert contact["phone"] == f"+{ANA}"
    (answered,) = [
        chat
        for chat in (await client.get("/v1/conversations"))["items"]
        if chat["contact_id"] == contact["contact_id"]
    ]
    assert answered["labels"] == ["hours"]
    path = f"/v1/conversations/{answered['conversation_id']}/messages"
    said = (await client.get(path))["items"]
    automatic = [item["text"] for item in reversed(said) if item["automatic"]]
    assert automatic[0] == HELLO
    assert len(automatic) == 2
