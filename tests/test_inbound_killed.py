"""Customers write while every process is killed: what was taken is in the transcript, once."""

import asyncio
import hmac
import time
from collections import Counter
from contextlib import suppress
from hashlib import sha256

import aiohttp

from infra.demo.client import until
from infra.demo.run import NUMBER
from tests.installation import Installation
from tests.webhook_bodies import body, messages

RATE, MESSAGES, CUSTOMERS = 300, 2_400, 20
SECRET = "only-for-this-test"
KILLED = ("policies", "projector", "command-api", "relay", "read-api", "sender")
PATIENCE_S = 300.0


def test_whatever_is_killed_a_message_that_was_taken_is_in_the_transcript_once(
    tmp_path, mysql_databases, kafka
):
    urls = mysql_databases(), mysql_databases()
    secret = {"BLAZZ_WHATSAPP_APP_SECRET": SECRET}
    installation = Installation(tmp_path, *urls, kafka, **secret)
    with installation.up():
        asyncio.run(_talk(installation, installation.client()))


async def _talk(installation, client):
    async with client, aiohttp.ClientSession() as http:
        await client.post("/v1/accounts", NUMBER)
        await client.get("/v1/accounts")  # which waits until the number is known
        killing = asyncio.create_task(_kill(installation))
        started, writing = time.monotonic(), []
        for number in range(MESSAGES):
            await asyncio.sleep(max(0.0, started + number / RATE - time.monotonic()))
            writing.append(asyncio.create_task(_write(http, installation, number)))
        tries = await asyncio.gather(*writing)
        await killing
        assert max(tries) > 1, "nothing was refused, so the API was not killed in the middle"
        shown = await _shown(client)
    assert shown == Counter(f"line {number}" for number in range(MESSAGES))


async def _kill(installation):
    for service in KILLED:
        await asyncio.sleep(MESSAGES / RATE / (len(KILLED) + 1))
        installation.kill(service)


async def _write(http, installation, number):
    """As the provider does: again, until it is taken. How often it was tried."""
    phone = f"62812{number % CUSTOMERS:08}"
    message = {"from": phone, "id": f"wamid.{number}", "timestamp": str(int(time.time()))}
    message |= {"type": "text", "text": {"body": f"line {number}"}}
    content = body(
        messages(
            NUMBER["phone_number_id"],
            contacts=[{"profile": {"name": "Ana"}, "wa_id": phone}],
            messages=[message],
        )
    )
    signature = "sha256=" + hmac.new(SECRET.encode(), content, sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature}
    url = f"{installation.commands}/webhooks/whatsapp"
    tried, taken = 0, False
    while not taken:
        tried += 1
        with suppress(aiohttp.ClientError):
            async with http.post(url, data=content, headers=headers) as answer:
                taken = answer.status == 200
        await asyncio.sleep(0 if taken else 0.1)
    return tried


async def _shown(client):
    """How often each text stands in a transcript, once as many are there as were taken."""

    async def read():
        texts = Counter()
        for chat in (await client.get("/v1/conversations", limit="100"))["items"]:
            path = f"/v1/conversations/{chat['conversation_id']}/messages"
            page = await client.get(path, limit="100")
            texts.update(item["text"] for item in page["items"])
            while page["next"]:
                page = await client.get(path, limit="100", after=page["next"])
                texts.update(item["text"] for item in page["items"])
        return texts

    async def all_there():
        try:
            chats = (await client.get("/v1/conversations", limit="100"))["items"]
            counted = sum(chat["inbound"] for chat in chats)
            return counted >= MESSAGES and (await read()).total() >= MESSAGES
        except aiohttp.ClientError:  # the API that was killed is not back yet
            return False

    await until("everything being shown", all_there, PATIENCE_S)
    return await read()
