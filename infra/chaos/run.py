"""One seed from its first step to its verdict."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

from infra.chaos import evidence as gather
from infra.chaos.crew import Say
from infra.chaos.faults import Faults
from infra.chaos.ground import GRACE_S, Ground, ground
from infra.chaos.load import COMPANIES, Company, companies
from infra.chaos.oracles import Evidence, findings
from infra.chaos.plan import ROUND_S, plan
from infra.database import connect
from infra.demo.run import Simulator
from infra.event_store.inbox import Inbox
from projections.digest import digest

SENDING: Final = 0.7
"""For how much of the time the campaigns would send if nothing stopped them."""


@dataclass
class Outcome:
    """What was done and found."""

    seed: int
    steps: list[tuple[float, str]] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    hit: set[tuple[str, str]] = field(default_factory=set)
    kills: int = 0
    figures: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    judged: bool = False
    """Whether the oracles were asked at all."""

    @property
    def sound(self) -> bool:
        """Judged, and nothing found."""
        return self.judged and not self.findings


class Chaos:
    """Breaks one installation by one seed's plan while companies work on it."""

    def __init__(
        self, seed: int, recipients: int, rounds: int, steps: int | None, say: Say
    ) -> None:
        self.outcome = Outcome(seed)
        self.recipients, self.rounds = recipients, rounds
        self.plan = plan(seed, rounds)[:steps]
        self._say, self._began = say, time.monotonic()
        self.ground: Ground

    def say(self, line: str) -> None:
        """Keeps it with its time, and passes it on."""
        at = time.monotonic() - self._began
        self.outcome.steps.append((round(at, 1), line))
        self._say(f"{at:6.1f} s  {line}")

    async def run(self, folder: Path) -> Outcome:
        """The whole of it; whatever was started has ended when it returns or raises."""
        try:
            with ground(folder, self.say) as self.ground:
                await self._supervised()
        finally:
            if hasattr(self, "ground"):
                crew = self.ground.crew
                self.outcome.hit, self.outcome.kills = crew.hit, crew.kills
            self.outcome.seconds = round(time.monotonic() - self._began, 1)
        return self.outcome

    async def _supervised(self) -> None:
        over = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.ground.crew.tend(over))
                tasks.create_task(self._work(over))
        except* Exception as errors:  # noqa: BLE001 - the first one says it all
            raise errors.exceptions[0] from None

    async def _work(self, over: asyncio.Event) -> None:
        await self.ground.begin()
        self.say("every service is ready")
        keys = await self.ground.companies(COMPANIES)
        urls = (self.ground.commands, self.ground.reads)
        seconds = self.rounds * ROUND_S * SENDING
        async with companies(urls, keys, self.recipients, seconds) as company:
            self.say(f"{self.recipients} recipients in {COMPANIES} companies")
            await self._break(company)
            try:
                found = await self._evidence(company, over)
            except gather.NotAtRest as restless:
                self.outcome.findings.append(f"at rest: {restless}")
                over.set()
                return
        self.outcome.figures = _figures(found)
        self.outcome.findings += findings(found)
        self.outcome.judged = True

    async def _break(self, company: Sequence[Company]) -> None:
        """The plan under load; returns when each fault has had its end."""
        over = asyncio.Event()
        seed = self.outcome.seed
        breaking = Faults(self.ground, self.say, self.outcome.findings)
        async with asyncio.TaskGroup() as changing:
            for one in company:
                chance = Random(f"{seed}:{one.number}")  # noqa: S311 - repeatable is the point
                changing.create_task(one.change_contacts(chance, over))
            async with asyncio.TaskGroup() as tasks:
                for one in company:
                    tasks.create_task(one.run_campaign())
                for step in self.plan:
                    await asyncio.sleep(step.pause_s)
                    self.say(str(step))
                    tasks.create_task(breaking.step(step))
            over.set()

    async def _evidence(self, company: Sequence[Company], over: asyncio.Event) -> Evidence:
        """Waits for rest, asks everything that needs services, stops them, and counts."""
        simulator = Simulator(self.ground.simulator)
        store = connect(self.ground.store_url)
        await gather.at_rest(company, simulator, Inbox(store))
        self.say("at rest; looking")
        campaigns = [await one.client.get(f"/v1/campaigns/{one.campaign_id}") for one in company]
        messages = [
            await one.client.pages(f"/v1/campaigns/{one.campaign_id}/messages") for one in company
        ]
        repeated = [again for one in company for again in await gather.repeated(one)]
        contacts = [seen for one in company for seen in await gather.contacts(one)]
        ledger, stats = await simulator.ledger(), await simulator.stats()
        standing = [
            json.loads(line)
            for line in (await self.ground.blazz("projections", "status", "--json")).splitlines()
        ]
        over.set()
        await asyncio.to_thread(self.ground.crew.stop, GRACE_S)
        await self.ground.blazz("projections", "rebuild", BLAZZ_READ_URL=self.ground.rebuilt_url)
        return Evidence(
            ledger=ledger,
            expected=stats["expected"],
            campaigns=campaigns,
            messages=messages,
            repeated=repeated,
            contacts=contacts,
            **gather.positions(store),
            live=digest(connect(self.ground.read_url, durable=False)),
            rebuilt=digest(connect(self.ground.rebuilt_url, durable=False)),
            standing=standing,
            inbox=Inbox(store).counts(),
            odd=[f"company {one.number}: {line}" for one in company for line in one.odd],
        )


def _figures(found: Evidence) -> dict[str, Any]:
    return {
        "recipients": sum(one["recipients"] for one in found.campaigns),
        "accepted": len(found.ledger),
        "unknown": sum(one["unknown"] for one in found.campaigns),
        "commands": len(found.repeated),
        "events": found.stored_events,
    }
