"""From a customer's message, as a signed webhook, to its conversation over HTTP, every service in its
own process, while 300 messages a second of other customers come in.
"""

import asyncio
import hmac
import itertools
import time
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, Final
from uuid import uuid4

import aiohttp
import uvloop

from infra.demo.client import Client, until
from infra.demo.run import NUMBER
from tests.bench.elsewhere import Going, elsewhere
from tests.bench.figure import Figure, percentile
from tests.bench.ground import Ground
from tests.bench.visible_floor import rows_from_kafka
from tests.installation import Installation
from tests.webhook_bodies import body, messages

RATE: Final = 300
OTHERS: Final = 500
PROBED: Final = 50
PROBES: Final = 300
PAUSE_S: Final = 0.02
POLL_S: Final = 0.002
WARM_S: Final = 3.0
FLOORS: Final = 100
SECRET: Final = b"only-for-this-bench"
PATIENCE_S: Final = 60.0


def run(ground: Ground) -> Iterable[Figure]:
    store, read, bare = (ground.database("empty") for _ in range(3))
    settings = {"BLAZZ_WHATSAPP_APP_SECRET": SECRET.decode()}
    installation = Installation(ground.folder, store, read, ground.kafka.bootstrap, **settings)
    with installation.up():
        taken, floor, rate = uvloop.run(_measure(installation, installation.client(), bare))
    for url in (store, read, bare):
        ground.drop(url)
    p50, p99 = percentile(taken, 0.5), percentile(taken, 0.99)
    floor_p50 = percentile(floor, 0.5)
    yield Figure(
        name="inbound",
        value=p50,
        unit="ms (median)",
        floor=floor_p50,
        ratio=p50 / floor_p50,
        p50_ms=p50,
        p99_ms=p99,
        aim="p50 50 ms, p99 150 ms",
        settings={
            "less_is_better": True,
            "messages_a_second_beside": rate,
            "polled_every_ms": POLL_S * 1000,
            "floor": "aiokafka and one inserted row, nothing beside",
            "floor_p99_ms": percentile(floor, 0.99),
        },
    )


async def _measure(
    installation: Installation, client: Client, bare: str
) -> tuple[list[float], list[float], float]:
    """Milliseconds of the probes and of the floor, and how many messages a second came beside."""
    floor = await rows_from_kafka(
        installation.settings["BLAZZ_KAFKA"], f"bench.{uuid4().hex}", bare, FLOORS
    )
    async with client, aiohttp.ClientSession() as http:
        await client.post("/v1/accounts", NUMBER)
        await client.get("/v1/accounts")  # which waits until the number is known
        for customer in range(PROBED + OTHERS):
            await _write(http, installation.commands, customer, "hello")
        chats = await _chats(client)
        with elsewhere(Going(), _load, installation.commands) as rate:
            await asyncio.sleep(WARM_S)
            taken = [
                await _probe(http, installation, client, customer, chats[_phone(customer)])
                for customer in itertools.islice(itertools.cycle(range(PROBED)), PROBES)
            ]
            came = rate()
    return sorted(taken), floor, came


async def _chats(client: Client) -> dict[str, str]:
    """Phone -> conversation, once everybody's first message has arrived."""
    found: dict[str, str] = {}

    async def all_there() -> bool:
        page: dict[str, Any] = await client.get("/v1/conversations", limit="100")
        while True:
            found.update({one["phone"]: one["conversation_id"] for one in page["items"]})
            if not page["next"]:
                return len(found) == PROBED + OTHERS
            page = await client.get("/v1/conversations", limit="100", after=page["next"])

    await until("every conversation having begun", all_there, PATIENCE_S)
    return found


async def _probe(
    http: aiohttp.ClientSession, installation: Installation, client: Client, customer: int, id_: str
) -> float:
    text, started = uuid4().hex, time.perf_counter()
    await _write(http, installation.commands, customer, text)
    url, headers = f"{installation.reads}/v1/conversations/{id_}", _bearer(client)
    while True:
        async with http.get(url, headers=headers) as answer:
            if (await answer.json())["last_snippet"] == text:
                break
        await asyncio.sleep(POLL_S)
    took = (time.perf_counter() - started) * 1000
    await asyncio.sleep(PAUSE_S)
    return took


def _bearer(client: Client) -> dict[str, str]:
    return {"Authorization": f"Bearer {client.key}"}


def _load(going: Going, url: str) -> None:
    """Messages of other customers, one a body, as evenly as the machine allows."""

    async def come() -> None:
        started, under_way = time.perf_counter(), set[asyncio.Task[None]]()
        async with aiohttp.ClientSession() as http:
            while going:
                number = going.done
                customer = PROBED + number % OTHERS
                task = asyncio.create_task(_write(http, url, customer, f"line {number}"))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
                going.did(1)
                await asyncio.sleep(max(0.0, started + going.done / RATE - time.perf_counter()))
            await asyncio.gather(*under_way)

    uvloop.run(come())


def _phone(customer: int) -> str:
    return f"+62812{customer:08}"


async def _write(http: aiohttp.ClientSession, commands: str, customer: int, text: str) -> None:
    wa_id = _phone(customer).lstrip("+")
    message = {
        "from": wa_id,
        "id": f"wamid.bench.{uuid4().hex}",
        "timestamp": str(int(time.time())),
        "type": "text",
        "text": {"body": text},
    }
    person = {"profile": {"name": f"Customer {customer}"}, "wa_id": wa_id}
    number = str(NUMBER["phone_number_id"])
    content = body(messages(number, contacts=[person], messages=[message]))
    signature = "sha256=" + hmac.new(SECRET, content, sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature}
    url = f"{commands}/webhooks/whatsapp"
    async with http.post(url, data=content, headers=headers) as answer:
        if answer.status != 200:
            raise RuntimeError(f"the webhook was answered with {answer.status}")
