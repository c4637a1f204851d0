"""Companies on an installation, each with a number, an approved template, contacts and campaigns;
launched all at once and watched to their end.
"""

import asyncio
import time
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from infra.cli.workspace import create, issue_key
from infra.demo.client import Client, Json, until
from infra.demo.run import NUMBER, cumulative, prepare
from infra.event_store import open_store
from tests.installation import Installation

SCRIPTED = {"0001", "0002", "0404", "0429", "0500", "0131"}
"""Ends of phone numbers to which the simulator does something special."""
SCOPES = ("read", "write", "send")


@dataclass
class Company:
    client: Client
    recipients: int
    campaigns: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Course:
    """What was seen of campaigns that were launched together; times in seconds after that.

    `launched` says of each campaign when its launch was answered, `first` of each number when its
    first message arrived.
    """

    launched: dict[str, float]
    first: dict[str, float]
    accepted_s: float
    read_s: float
    duplicates: int
    forgotten: int


def contact_file(recipients: int, prefix: str = "+62812") -> bytes:
    numbers = (f"{n:07}" for n in range(10 * recipients))
    plain = [number for number in numbers if number[-4:] not in SCRIPTED][:recipients]
    return "\n".join(["Phone,First name", *(f"{prefix}{n},Ana" for n in plain)]).encode()


@asynccontextmanager
async def companies(
    installation: Installation, count: int, recipients: int, campaigns: int = 1, rate: int = 1000
):
    """So many, with their campaigns drafted and their contacts known to the read side.

    `rate` is what the first one's number sends a second; those of the others send 1,000.
    """
    store = open_store(installation.settings["BLAZZ_STORE_URL"])
    content = contact_file(recipients)
    async with AsyncExitStack() as stack:
        stack.callback(store.close)
        made = []
        for n in range(count):
            name = f"Company {n}"
            create(store, name, "Asia/Jakarta", "ID", "en")
            key = issue_key(store, name, SCOPES, "bench")
            client = Client(installation.commands, installation.reads, key)
            made.append(Company(await stack.enter_async_context(client), recipients))
        for n, company in enumerate(made):
            number = {
                **NUMBER,
                "phone_number_id": f"2065403522{n:05}",
                "messages_per_second": 1000 if n else rate,
            }
            await _furnish(company, number, content, campaigns)
        yield made


async def _furnish(company: Company, number: Json, content: bytes, campaigns: int) -> None:
    client = company.client
    await until("the key being known", lambda: _known(client))
    _, first = await prepare(client, content, "contacts.csv", lambda _: None, number)
    plan = (await client.get(f"/v1/campaigns/{first}"))["plan"]
    company.campaigns.append(first)
    for more in range(1, campaigns):
        body = {name: plan[name] for name in ("account_id", "template_id", "variables")}
        audience = {"kind": "all"}
        made = await client.post(
            "/v1/campaigns", {**body, "name": f"Campaign {more}", "audience": audience}
        )
        company.campaigns.append(made["id"])


async def _known(client: Client) -> bool:
    headers = {"Authorization": f"Bearer {client.key}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.get(f"{client.reads}/v1/campaigns") as response,
    ):
        return response.ok


async def launched(installation: Installation, made: list[Company], patience_s: float) -> Course:
    """Launch every campaign at once; watch until all are completed and all statuses are shown."""
    simulator, start = installation.simulator, time.time()
    everything = sum(len(company.campaigns) * company.recipients for company in made)
    paths = [(c.client, f"/v1/campaigns/{id_}") for c in made for id_ in c.campaigns]
    launches: dict[str, float] = {}

    async def launch(client: Client, path: str) -> None:
        await client.post(f"{path}/launch")
        launches[path.rpartition("/")[2]] = time.time() - start

    await asyncio.gather(*(launch(client, path) for client, path in paths))

    async def settled() -> bool:
        stats = await simulator.stats()
        if stats["accepted"] < everything:
            return False
        want = cumulative(stats["expected"])
        shown = await _shown(paths)
        return all(shown[stage] == want[stage] for stage in ("sent", "delivered", "read"))

    async def completed() -> bool:
        shown = await _shown(paths)
        return shown["completed"] == len(paths)

    await until("every status being shown", settled, patience_s)
    read_s = time.time() - start
    await until("every campaign being completed", completed, patience_s)
    ledger, shown = await simulator.ledger(), await _shown(paths)
    sends = Counter(line["callback_data"] for line in ledger)
    first: dict[str, float] = {}
    for line in ledger:
        first.setdefault(line["phone_number_id"], line["at"] - start)
    accounted = shown["accepted"] + shown["suppressed"] + shown["unknown"]
    return Course(
        launches,
        first,
        ledger[-1]["at"] - start,
        read_s,
        sum(n - 1 for n in sends.values()),
        everything - accounted,
    )


async def _shown(paths: list[tuple[Client, str]]) -> Counter[str]:
    """The counts of all campaigns together, and how many are in each state."""
    counts: Counter[str] = Counter()
    for campaign in await asyncio.gather(*(client.get(path) for client, path in paths)):
        counts[campaign["status"]] += 1
        stages = ("accepted", "sent", "delivered", "read", "suppressed", "unknown")
        counts.update({stage: campaign[stage] for stage in stages})
    return counts
