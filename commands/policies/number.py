"""Sends what is due from one number: attempts stored first, then all of them at once on the wire.

How much is under way adapts to what the provider takes. Nothing waits between its attempt and the
wire, so when claiming stops (a pause, quiet hours, a lost lease) sending has stopped.
"""

import asyncio
import logging
import sys
import time
from collections.abc import Sequence
from functools import partial
from typing import Final

from commands.execute import Ask
from commands.policies import reactions
from commands.policies.attempts import Attempts, Sending
from commands.policies.claim import Claim
from commands.policies.flow import Flow
from commands.policies.leaving import leave
from commands.policies.measures import measure
from commands.policies.ports import Answer, Refused
from commands.policies.reactions import Number, outcome
from commands.policies.tools import Tools
from commands.policies.under_way import UnderWay
from commands.policies.untried import content_of
from projections.queue import NO_CAMPAIGN

SHORTEST_IDLE_S, LONGEST_IDLE_S = 0.005, 0.1
REPLIES_S: Final = 0.25
"""While campaigns have to wait, replies are looked for after so long."""
GATHER_S: Final = 0.02
"""When fewer were found than there was room for, more are let gather; longer if looking is slow."""
TROUBLE_S: Final = 0.5
IDLE_S: Final = 10.0
"""After so long without anything to send the number is let go."""
LAST_ANSWERS_S: Final = 20.0

log = logging.getLogger("blazz.sender")


class NumberSender:
    """`run` until `stop`, until the number may not send any more, or until it is idle."""

    def __init__(self, number: Number, tools: Tools) -> None:
        self.number, self._tools = number, tools
        self._attempts = Attempts(number, tools.store, tools.read, tools.zones, tools.debts)
        self._flow = Flow(number.messages_per_second, time.monotonic())
        self._defects = reactions.Defects()
        self._wake = asyncio.Event()
        self._under_way, self._packs = UnderWay(self._wake.set), UnderWay(self._wake.set)
        self._stopped, self._calm, self._looked_at = False, True, 0.0
        self.idle = False
        """It ended for want of anything to send."""

    def stop(self) -> None:
        """Nothing more is claimed; what is on the wire is waited for."""
        self._stopped = True
        self._wake.set()

    def hear(self, replies: Sequence[Claim]) -> None:
        """Replies that the queue does not show yet."""
        self._attempts.claims.heard.extend(replies)
        self._wake.set()

    async def run(self) -> None:
        await asyncio.to_thread(self._attempts.begin)
        idle_since, idle_s = time.monotonic(), SHORTEST_IDLE_S
        while not self._stopped and (self._packs or time.monotonic() - idle_since < IDLE_S):
            under_way = len(self._under_way)
            room, least = self._flow.room(under_way, time.monotonic(), calm=self._calm)
            if room < least:
                due = time.monotonic() - self._looked_at >= REPLIES_S
                if (due or self._attempts.claims.heard) and await self._replies():
                    idle_since = time.monotonic()
                # Whoever ends before there is room for what is worth a commit wakes nobody.
                self._under_way.awaited = max(0, under_way + room - least)
                await self._sleep(GATHER_S if self._under_way else self._wait_s())
                continue
            looked_at = time.monotonic()
            sendings = await self._claim(room)
            took_s = time.monotonic() - looked_at
            self._calm = not sendings
            for sending in sendings:
                self._under_way.begin(self._send(sending))
            if sendings:
                idle_since, idle_s = time.monotonic(), SHORTEST_IDLE_S
                if len(sendings) < room:
                    await asyncio.sleep(max(GATHER_S, took_s))
            elif not self._stopped:
                await self._sleep(max(idle_s, took_s))
                idle_s = min(idle_s * 2, LONGEST_IDLE_S)
        self.idle, self._stopped = not self._stopped, True
        await self._packs.end(0)
        await self._under_way.end(LAST_ANSWERS_S)

    def _wait_s(self) -> float:
        wait_s = self._flow.wait_s(time.monotonic())
        return min(max(wait_s, SHORTEST_IDLE_S), LONGEST_IDLE_S)

    async def _sleep(self, seconds: float) -> None:
        self._wake.clear()
        if self._stopped:
            return
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return

    async def _replies(self) -> int:
        """How many were sent past campaigns that wait for the provider's answers."""
        room = self._flow.room_for_replies(len(self._under_way), time.monotonic())
        if room < 1:
            return 0
        sendings = await self._claim(room, replies=True)
        for sending in sendings:
            self._under_way.begin(self._send(sending))
        return len(sendings)

    async def _claim(self, room: int, *, replies: bool = False) -> list[Sending]:
        self._looked_at = time.monotonic()
        make = partial(self._attempts.make, replies=replies)
        try:
            sendings = await asyncio.to_thread(make, room, self._tools.clock())
        except Exception:
            log.exception("number %s cannot claim", self.number.phone_number_id)
            await self._sleep(TROUBLE_S)
            return []
        if sendings is None:
            self._stopped = True
            return []
        for claim in self._attempts.packing.wanted():
            self._packs.begin(self._pack(claim))
        self._flow.take(len(sendings), self._attempts.messages_per_second, time.monotonic())
        return sendings

    async def _pack(self, claim: Claim) -> None:
        """Its file first; then it comes again, before anything that was read meanwhile."""
        parcel = await self._tools.parcels.pack(self.number, claim, content_of(claim))
        self._attempts.claims.again(self._attempts.packing.packed(claim, parcel))

    async def _send(self, sending: Sending) -> None:
        claim, started = sending.claim, time.monotonic()
        answer = await leave(self._tools, self.number, sending)
        sys.audit("blazz.sender.after_call")
        measure(answer, time.monotonic() - started)
        self._heed(sending, answer)
        metadata = self._attempts.metadata(claim.workspace_id)
        asks = [outcome(claim, answer)]
        await self._tools.outcomes.append(asks, metadata, sending.stream)
        if isinstance(answer, Refused):
            for reaction in await self._reactions(sending, answer):
                await self._tools.outcomes.append(reaction, metadata)
        elif claim.campaign_id != NO_CAMPAIGN:
            self._defects.systemic(claim, None)

    def _heed(self, sending: Sending, answer: Answer) -> None:
        """What an answer means for this message, for its recipient, and for what is claimed next."""
        now, claim = time.monotonic(), sending.claim
        if isinstance(answer, Refused):
            self._attempts.expect_again(claim)
        match answer:
            case Refused(error_class="T", code=reactions.PAIR_RATE):
                self._attempts.pairs.hold(claim.to, 4.0 ** min(claim.attempt - 1, 6), now)
            case Refused(error_class="P" | "A"):
                self.stop()
            case _:
                self._flow.heed(answer, len(self._under_way), now)

    async def _reactions(self, sending: Sending, refused: Refused) -> list[list[Ask]]:
        claim = sending.claim
        if refused.error_class in {"P", "A"}:
            return [[reactions.number_paused(self.number, refused)]]
        if refused.code == reactions.STOPPED_MARKETING:
            reason = reactions.words(refused)
            return [[reactions.opted_out(claim.workspace_id, claim.contact_id, reason)]]
        if refused.code in {reactions.TEMPLATE_PAUSED, reactions.TEMPLATE_DISABLED}:
            asks, campaigns = await asyncio.to_thread(
                reactions.template_stopped,
                self._tools.read,
                self.number,
                claim,
                sending.content,
                refused,
            )
            self._attempts.hold(campaigns)
            return asks
        if claim.campaign_id != NO_CAMPAIGN and self._defects.systemic(claim, refused):
            self._defects.forget(claim.campaign_id)
            self._attempts.hold([claim.campaign_id])
            return [[reactions.campaign_paused(claim, refused)]]
        return []
