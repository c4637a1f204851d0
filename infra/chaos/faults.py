"""Carries out the steps of a plan, each until it is over."""

import asyncio
import signal
from typing import Final

import aiohttp

from infra.chaos.crew import Say
from infra.chaos.ground import Died, Failed, Ground
from infra.chaos.load import AGAIN_S
from infra.chaos.marks import VARIABLE
from infra.chaos.plan import Step

MARK_S: Final = 40.0
"""How long an armed process may take to come to its mark."""
REBUILT_S: Final = 60.0
"""How long a rebuild may take to get through what else is being broken."""


class Faults:
    """What goes wrong where it must not is added to `findings`."""

    def __init__(self, ground: Ground, say: Say, findings: list[str]) -> None:
        self._ground, self._say, self._findings = ground, say, findings
        self._turns: dict[str, asyncio.Lock] = {}

    async def step(self, step: Step) -> None:
        """From its beginning to its end."""
        # What is asked of one process waits until what was asked of it before is over.
        async with self._turns.setdefault(step.of, asyncio.Lock()):
            match step.action:
                case "kill":
                    await self._kill(step)
                case "rebuild":
                    await self._rebuild(step)
                case "power cut":
                    await asyncio.to_thread(self._ground.mysql.kill)
                    await asyncio.to_thread(self._ground.mysql.restart)
                case "outage":
                    await asyncio.to_thread(self._ground.kafka.kill)
                    await asyncio.sleep(step.seconds)
                    await asyncio.to_thread(self._ground.kafka.restart)
                case "freeze":
                    await self._freeze(step)
                case "twin":
                    await self._twin(step)
                case "webhooks":
                    await self._tamper(step.seconds)

    async def _kill(self, step: Step) -> None:
        member = self._ground.crew.members[step.of]
        member.kill()
        if not step.mark:
            return
        armed = f"{step.mark}:{step.passing}"
        member.start(armed)
        if not await self._ground.crew.died(member, armed, MARK_S):
            self._say(f"{step.of} did not come to {armed} within {MARK_S:.0f} s")

    async def _rebuild(self, step: Step) -> None:
        """Dies at the mark; the one after it goes on until it is through, whatever is away."""
        armed = {VARIABLE: f"{step.mark}:{step.passing}"}
        deadline = asyncio.get_running_loop().time() + REBUILT_S
        while True:
            try:
                await self._ground.blazz("projections", "rebuild", **armed)
            except Died:
                self._say(f"rebuild died at {step.mark}")
                self._ground.crew.hit.add((step.of, step.mark))
                armed = {}
            except Failed as failed:
                if asyncio.get_running_loop().time() > deadline:
                    self._findings.append(f"rebuild: {failed}")
                    return
                await asyncio.sleep(AGAIN_S)
            else:
                return

    async def _freeze(self, step: Step) -> None:
        member = self._ground.crew.members[step.of]
        member.signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(step.seconds)
        finally:
            member.signal(signal.SIGCONT)

    async def _twin(self, step: Step) -> None:
        name = f"{step.of}-2"
        self._ground.crew.add(name, step.of, {})
        await asyncio.sleep(step.seconds)
        self._ground.crew.send_off(name)

    async def _tamper(self, share: float) -> None:
        changes = {"duplicates": share, "disorder": share, "retry_max_ms": 2000}
        url = f"{self._ground.simulator}/_simulator/options"
        async with aiohttp.ClientSession() as http, http.post(url, json=changes) as answer:
            answer.raise_for_status()
