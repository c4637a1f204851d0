"""Claims become attempts: one commit for all, before anything is on the wire.

Only what this very call has appended may be sent. The message's stream is the fence: of two
senders that claim it, one gets an attempt out of it and the other nothing.
"""

import sys
import time
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Engine

from commands.execute import Ask, Done, execute_many
from commands.policies.buckets import Pairs
from commands.policies.claim import Claim, Lane
from commands.policies.claims import Claims
from commands.policies.halted import Halted
from commands.policies.numbers import ABLE, rate
from commands.policies.packing import Packing
from commands.policies.parcels import Parcel
from commands.policies.ports import PairDebts
from commands.policies.reactions import Number
from commands.policies.untried import content_of, is_first, untried
from commands.policies.zones import Zones
from commands.store import EventStore
from commands.stream import Stream
from commands.streams import Streams
from domain.kernel import Metadata
from domain.message import AttemptMessage, Content, MessageAttempted, SuppressMessage, message
from projections.queue import NO_CAMPAIGN

POLICY: Final = "sender"
HELD_S: Final = 10.0
"""A campaign just paused by us is passed over at once, not only when the read model knows."""


class Sending(NamedTuple):
    """An attempt that is stored and belongs to us; its message's stream as it stands since."""

    claim: Claim
    content: Content
    stream: Stream | None
    parcel: Parcel | None = None


class Attempts:
    """Those of one number; `make` is called by one thread at a time."""

    def __init__(
        self, number: Number, store: EventStore, read: Engine, zones: Zones, debts: PairDebts
    ) -> None:
        self._number, self._store, self._read, self._zones = number, store, read, zones
        self._debts = debts
        self.claims, self.packing = Claims(number.account_id), Packing()
        self._halted = Halted(store)
        self._held: dict[UUID, float] = {}
        self.pairs = Pairs(time.monotonic(), {})
        self.messages_per_second: float = number.messages_per_second
        self._campaigns, self._per_day = True, 0
        self._spent: date | None = None
        """The day of which nothing is left for campaigns."""

    def hold(self, campaign_ids: Iterable[UUID]) -> None:
        """Nothing of these campaigns for a moment."""
        until = time.monotonic() + HELD_S
        self._held |= dict.fromkeys(campaign_ids, until)

    def expect_again(self, claim: Claim) -> None:
        """It was refused, so it may have to be tried again."""
        self.claims.look_behind(claim.campaign_id)

    def metadata(self, workspace_id: UUID) -> Metadata:
        return self._zones.metadata(workspace_id, POLICY)

    def begin(self) -> None:
        """Takes over what senders before this one owe; to be called before anything is made."""
        self.pairs = Pairs(time.monotonic(), self._debts.of(self._number.account_id))

    def make(self, room: int, now: datetime, *, replies: bool = False) -> list[Sending] | None:
        """Up to `room` attempts, or `replies` only; None when the number may not send any more."""
        with self._read.connect() as connection:
            if not self._may_send(connection):
                return None
            lanes = [x for x in self.claims.running(connection) if self._open(x, now, replies)]
            halted = self._halted.among(lane.campaign_id for lane in lanes if lane.is_campaign)
            running = [lane for lane in lanes if lane.campaign_id not in halted]
            claims = self.claims.take(connection, running, room, now)
        claims = self._within_the_day(self._unhurried(self.packing.ready(claims)), now)
        return self._attempt(claims, now) if claims else []

    def _may_send(self, connection: Connection) -> bool:
        number = {
            "workspace_id": self._number.workspace_id,
            "account_id": self._number.account_id,
        }
        row = connection.execute(ABLE, number).first()
        if row is None:
            return False
        self.messages_per_second = rate(row)
        self._campaigns, self._per_day = bool(row.campaigns_allowed), row.messages_per_day
        return True

    def _open(self, lane: Lane, now: datetime, replies: bool) -> bool:
        if not lane.is_campaign:
            return True
        if replies or not self._campaigns or self._spent == _day(now):
            return False
        if self._held.get(lane.campaign_id, 0.0) > time.monotonic():
            return False
        return not self._zones.quiet(lane.workspace_id, now)

    def _unhurried(self, claims: list[Claim]) -> list[Claim]:
        """Without those whose recipient has had as much as the provider lets one have for now."""
        clock, kept = time.monotonic(), []
        for claim in claims:
            if claim.hindrance or self.pairs.take(claim.to, clock):
                kept.append(claim)
            else:
                self.claims.give_back(claim)
        if grown := self.pairs.grown(clock):
            self._debts.keep(self._number.account_id, grown)
        return kept

    def _within_the_day(self, claims: list[Claim], now: datetime) -> list[Claim]:
        """Without messages of campaigns that the number has no more room for today.

        What is claimed counts before it is tried, so after a crash there is too little room rather
        than too much. Answers to customers always go.
        """
        campaigns = [c for c in claims if c.campaign_id != NO_CAMPAIGN and not c.hindrance]
        if not self._per_day or not campaigns:
            return claims
        wanted, day = len(campaigns), _day(now)
        left = self._debts.spend(self._number.account_id, day, wanted, self._per_day)
        if left < wanted:
            self._spent = day
        late = set(campaigns[left:])
        for claim in late:
            self.claims.give_back(claim)
        return [claim for claim in claims if claim not in late]

    def _attempt(self, claims: list[Claim], now: datetime) -> list[Sending]:
        groups = [[_ask(self._number, claim)] for claim in claims]
        metadata = [self.metadata(claim.workspace_id) for claim in claims]
        streams = Streams(self._store)
        account_id = self._number.account_id
        contents = [content_of(claim) for claim in claims]
        known = zip(claims, contents, strict=True)
        streams.adopt({c.message_id: untried(c, account_id, x) for c, x in known if is_first(c)})
        try:
            results = execute_many(self._store, groups, metadata, now, streams)
        except BaseException:
            # Were some stored after all, asking again yields nothing and they are not sent.
            for claim in claims:
                self.claims.give_back(claim)
            self.claims.start_over()
            raise
        sys.audit("blazz.sender.after_attempt")
        parcels = map(self.packing.parcel, claims)
        return [
            Sending(claim, content, streams.held(claim.message_id), parcel)
            for claim, content, result, parcel in zip(
                claims, contents, results, parcels, strict=True
            )
            if isinstance(result, Done) and _is_ours(result, claim)
        ]


def _day(now: datetime) -> date:
    return now.astimezone(UTC).date()


def _is_ours(done: Done, claim: Claim) -> bool:
    return any(
        isinstance(event, MessageAttempted) and event.attempt == claim.attempt
        for event in done.events
    )


def _ask(number: Number, claim: Claim) -> Ask:
    if not claim.hindrance:
        attempt = AttemptMessage(
            workspace_id=claim.workspace_id, message_id=claim.message_id, attempt=claim.attempt
        )
        return Ask(message, claim.message_id, attempt)
    campaign_id = None if claim.campaign_id == NO_CAMPAIGN else claim.campaign_id
    suppress = SuppressMessage(
        workspace_id=claim.workspace_id,
        message_id=claim.message_id,
        campaign_id=campaign_id,
        contact_id=claim.contact_id,
        account_id=number.account_id,
        reason=claim.hindrance,
    )
    return Ask(message, claim.message_id, suppress)
