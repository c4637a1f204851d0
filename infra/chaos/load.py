"""Companies at work: each runs a campaign and changes contacts, and keeps every answer it got."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, NamedTuple
from uuid import uuid4

import aiohttp

from infra.demo.client import ApiRefused, Client, Json
from infra.demo.run import NUMBER, prepare

COMPANIES: Final = 3
BETWEEN_CHANGES_S: Final = 0.15
BETWEEN_LAUNCHES_S: Final = 1.5
PAUSED_S: Final = 2.0
ANSWER_S: Final = 8.0
AGAIN_S: Final = 0.3
TRIED_S: Final = 90.0
AGAIN: Final = {409, 503}
"""Answers to which the same request is made again: others were first, or the store is away."""

UNREACHABLE: Final = (aiohttp.ClientError, TimeoutError, OSError)


class Command(NamedTuple):
    """A request that was answered, with its key and the answer."""

    path: str
    body: Json
    key: str
    answer: Json


@dataclass
class Company:
    """One workspace under load, and all that it was told."""

    client: Client
    campaign_id: str
    number: int
    acknowledged: list[Command] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    contacts: dict[str, Json] = field(default_factory=dict)
    """Contacts made under load -> what was acknowledged of them."""

    async def command(self, path: str, body: Json) -> Json | None:
        """Asks with one key until there is an answer. None if the rules refuse it."""
        key, deadline = uuid4().hex, asyncio.get_running_loop().time() + TRIED_S
        while True:
            try:
                async with asyncio.timeout(ANSWER_S):
                    answer = await self.client.post(path, body, **{"Idempotency-Key": key})
            except ApiRefused as refused:
                if refused.status not in AGAIN:
                    self.odd.append(f"{path}: {refused}")
                    return None
                if refused.problem.get("code") not in {"conflict", "unavailable"}:
                    return None
            except UNREACHABLE:
                pass
            else:
                self.acknowledged.append(Command(path, body, key, answer))
                return answer
            if asyncio.get_running_loop().time() > deadline:
                self.odd.append(f"{path}: no answer for {TRIED_S:.0f} s")
                return None
            await asyncio.sleep(AGAIN_S)

    async def change_contacts(self, chance: Random, over: asyncio.Event) -> None:
        """Adds contacts, and takes and withdraws their consent, until it is over.

        What is asked is always awaited: of a request given up nobody knows what became.
        """
        made = 0
        while not over.is_set():
            made += 1
            if self.contacts and chance.random() < 0.5:  # noqa: PLR2004 - one in two
                await self._consent(chance.choice(list(self.contacts)))
            else:
                name = f"Late {made}"
                body = {"phone": f"+62815{self.number}{made:06}", "first_name": name}
                answer = await self.command("/v1/contacts", body)
                if answer:
                    self.contacts[answer["id"]] = {"first_name": name, "opted_out": False}
            await asyncio.sleep(BETWEEN_CHANGES_S * chance.uniform(0.5, 1.5))

    async def _consent(self, contact_id: str) -> None:
        known = self.contacts[contact_id]
        if known["opted_out"]:
            done = await self.command(f"/v1/contacts/{contact_id}/opt-in", {})
        else:
            done = await self.command(f"/v1/contacts/{contact_id}/opt-out", {"reason": "asked to"})
        if done:
            known["opted_out"] = not known["opted_out"]

    async def run_campaign(self) -> None:
        """Launches it; one company pauses for a moment on the way."""
        await asyncio.sleep(self.number * BETWEEN_LAUNCHES_S)
        path = f"/v1/campaigns/{self.campaign_id}"
        await self.command(f"{path}/launch", {})
        if self.number == 0:
            await asyncio.sleep(PAUSED_S * 2)
            if await self.command(f"{path}/pause", {}):
                await asyncio.sleep(PAUSED_S)
                await self.command(f"{path}/resume", {})


@asynccontextmanager
async def companies(
    urls: tuple[str, str], keys: Sequence[str], recipients: int, seconds: float
) -> AsyncIterator[list[Company]]:
    """Companies with contacts and a campaign each, which would take so long undisturbed."""
    each = max(1, recipients // len(keys))
    async with AsyncExitStack() as stack:
        ready = []
        for number, key in enumerate(keys):
            client = await stack.enter_async_context(Client(*urls, key))
            connected: dict[str, Any] = {
                **NUMBER,
                "phone_number_id": f"10654035224292{number}",
                "waba_id": f"10000000000000{number}",
                "display_phone_number": f"+62 21 5550 123{number}",
                "messages_per_second": max(1, round(each / seconds)),
            }
            content = _contacts(number, each)
            _, id_ = await prepare(client, content, "contacts.csv", _silent, connected)
            ready.append(Company(client, id_, number))
        yield ready


def _contacts(number: int, count: int) -> bytes:
    lines = [f"+62812{number}{n:06},Ana {n}" for n in range(1, count + 1)]
    return "\n".join(["Phone,First name", *lines]).encode()


def _silent(_: str) -> None:
    """Preparation goes without words."""
