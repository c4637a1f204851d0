"""Customers who write to the demo's company, and somebody at its inbox who answers one of them."""

import asyncio
import secrets
from base64 import b64encode
from collections import Counter
from typing import Any, Final, NamedTuple

import aiohttp

from infra.demo.client import Client, Json, until
from infra.demo.picture import parcel
from infra.demo.run import NUMBER, Simulator

EMAIL: Final = "owner@kopi.example"
READ_MS, TYPE_MS, LOOK_S = 900, 2600, 0.4


class Customer(NamedTuple):
    """The last digits let the simulator read all that is sent to them."""

    number: str
    name: str
    says: tuple[str, ...]
    """First the opening; then one line for each answer, over and over."""
    answers: tuple[str, ...] = ()
    """What the company says to the first of these by itself."""


CUSTOMERS: Final = (
    Customer(
        "6281190010002",
        "Sari Wulandari",
        (
            "Hi! Do you deliver to Menteng on Sundays?",
            "Lovely. Two bags of the Gayo beans then, medium roast please",
            "Ground for a moka pot if you can",
            "Thank you, see you Sunday",
            "One more thing: can I pay on delivery?",
        ),
        (
            "Good morning Sari! Yes, on Sundays we deliver between 9 and 12.",
            "Noted: 2 x Gayo, medium roast. Whole beans or ground?",
            "Of course. It will be there on Sunday at about 10.",
        ),
    ),
    Customer(
        "6281190020002",
        "Budi Santoso",
        (
            "My order from Tuesday has not arrived yet. What is going on?",
            "It is order 4711",
            "All right, thanks for looking into it",
            "Just came, all good now",
        ),
    ),
    Customer(
        "6281190030002",
        "Rahma Putri",
        (
            "Is the weekend offer also valid for cold brew?",
            "Great, then I will come by tomorrow",
            "See you!",
        ),
    ),
)


class Person(NamedTuple):
    """The owner, with a password that is told once."""

    workspace_id: str
    email: str
    password: str


async def join(client: Client, token: str) -> Person:
    """Accept the invitation."""
    password = secrets.token_urlsafe(12)
    body = {"token": token, "name": "Dewi Lestari", "password": password}
    joined = await client.post("/v1/invitations/accept", body)
    return Person(joined["workspace_id"], joined["email"], password)


async def draft(client: Client, like: Json) -> None:
    """A campaign to the same people that waits for somebody to launch it."""
    plan = {"name": "Second cup on us", "audience": {"kind": "all"}}
    about = {name: like[name] for name in ("account_id", "template_id")}
    variables = {"first_name": "{first_name}"}
    await client.post("/v1/campaigns", {**plan, **about, "variables": variables})


class Talk:
    """Plays the customers until it is cancelled."""

    def __init__(self, url: str, simulator: Simulator, person: Person) -> None:
        self._url, self._simulator, self._person = url, simulator, person
        self._told: Counter[str] = Counter()
        self._seen = 0
        self._client: Client

    async def begin(self) -> None:
        """All openings, and nothing sent before counts as an answer."""
        self._seen = len(await self._simulator.ledger())
        openings = [_write(c, c.says[0], 150 * n) for n, c in enumerate(CUSTOMERS)]
        await self._play([*openings, _photo(CUSTOMERS[1], "The last one came like this", 600)])

    async def go_on(self) -> None:
        """Answers whatever is sent to a customer, and answers one of them itself."""
        async with aiohttp.ClientSession() as http:
            body = self._person._asdict()
            async with http.post(f"{self._url}/v1/sessions", json=body) as answer:
                token = (await answer.json())["access_token"]
        async with Client(self._url, self._url, token) as self._client, asyncio.TaskGroup() as both:
            both.create_task(self._customers())
            both.create_task(self._company())

    async def _customers(self) -> None:
        known = {customer.number: customer for customer in CUSTOMERS}
        while True:
            lines = (await self._simulator.ledger())[self._seen :]
            self._seen += len(lines)
            for line in lines:
                if line["to"] in known and line["type"] != "reaction":
                    await self._answer(known[line["to"]], line["wamid"])
            await asyncio.sleep(LOOK_S)

    async def _answer(self, customer: Customer, wamid: str) -> None:
        self._told[customer.number] += 1
        says = customer.says[1 + (self._told[customer.number] - 1) % (len(customer.says) - 1)]
        await self._play([_deed(customer, "read", READ_MS, message_id=wamid)])
        await self._play([_write(customer, says, TYPE_MS)])

    async def _company(self) -> None:
        customer = CUSTOMERS[0]
        for number, answer in enumerate(customer.answers, 1):
            item = await until("a customer's message", lambda n=number: self._waits(customer, n))
            await asyncio.sleep(LOOK_S * 3)
            await self._client.post(
                f"/v1/conversations/{item['conversation_id']}/messages", {"text": answer}
            )

    async def _waits(self, customer: Customer, inbound: int) -> Json | None:
        page = await self._client.get("/v1/conversations", limit="50")
        mine = (item for item in page["items"] if item["phone"] == f"+{customer.number}")
        return next((item for item in mine if item["inbound"] >= inbound), None)

    async def _play(self, deeds: list[Json]) -> None:
        url = f"{self._simulator.url}/_simulator/customers"
        async with aiohttp.ClientSession() as http, http.post(url, json={"deeds": deeds}) as done:
            done.raise_for_status()


def _write(customer: Customer, text: str, after_ms: int) -> Json:
    return _deed(customer, "write", after_ms, text=text)


def _photo(customer: Customer, caption: str, after_ms: int) -> Json:
    file = {"kind": "image", "mime_type": "image/png", "data": b64encode(parcel()).decode()}
    return _deed(customer, "write", after_ms, text=caption, file=file)


def _deed(customer: Customer, does: str, after_ms: int, **more: Any) -> Json:
    about = {"phone_number_id": NUMBER["phone_number_id"], "customer": customer.number}
    return {"does": does, **about, "name": customer.name, "after_ms": after_ms, **more}
