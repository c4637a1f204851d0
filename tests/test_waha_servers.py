"""A WAHA number from its connection to an answer that is read, over HTTP, every service a process."""

import asyncio

from infra.demo.client import until as awaited
from tests.installation import Installation
from tests.waha_simulators import API_KEY, HMAC_KEY, waha

ANA = "4915500010002"


def test_a_number_is_linked_by_its_code_a_customer_writes_and_reads_the_answer(
    tmp_path, mysql_databases, kafka
):
    databases = mysql_databases(), mysql_databases()
    with waha(qr_lives_ms=60_000) as provider:
        settings = {
            "BLAZZ_WAHA_URL": provider.url,
            "BLAZZ_SECRET": "of this test",
            "BLAZZ_WAHA_API_KEY": API_KEY,
            "BLAZZ_WAHA_HMAC_KEY": HMAC_KEY,
        }
        installation = Installation(tmp_path, *databases, kafka, **settings)
        hook = f"{installation.commands}/webhooks/waha"
        installation.settings["BLAZZ_WAHA_WEBHOOK_URL"] = hook
        with installation.up():
            asyncio.run(whole_way(installation.client(), provider))
            assert installation.stop() == 0, installation.log.read_text()


async def whole_way(client, provider):
    async with client:
        body = {"provider": "waha", "session": "shop", "display_phone_number": "+1 555 000 0001"}
        account = (await client.post("/v1/accounts", body | {"pace_ms": 1000}))["id"]
        await client.post(f"/v1/accounts/{account}/session/start", {})

        async def session(field, wanted=None):
            found = (await client.get(f"/v1/accounts/{account}/session"))[field]
            return found == wanted if wanted else found

        await awaited("a code", lambda: session("qr"))
        await asyncio.to_thread(provider.scanned, "shop")
        await awaited("the session's work", lambda: session("status", "working"))
        assert (await client.get(f"/v1/accounts/{account}/session"))["qr"] is None
        await asyncio.to_thread(provider.person, "write", ANA, "shop", text="Are you open?")
        conversation = await awaited("a conversation", lambda: conversations(client))
        path = f"/v1/conversations/{conversation['conversation_id']}/messages"
        await client.post(path, {"kind": "text", "text": "Until ten"})

        async def answered():
            items = (await client.get(path))["items"]
            return [one for one in items if one["text"] == "Until ten" and one["status"] == "read"]

        await awaited("the answer being read", answered)
        (line,) = await asyncio.to_thread(provider.ledger)
        assert (line["chat"], line["body"]) == (f"{ANA}@c.us", "Until ten")
        shown = [one["text"] for one in (await client.get(path))["items"]]
        assert shown == ["Until ten", "Are you open?"]


async def conversations(client):
    items = (await client.get("/v1/conversations"))["items"]
    return items[0] if items else None
