"""Which messages of a number are due: replies first, then its campaigns in turn.

Each of these lanes is read from where it was left.

What was tried a moment ago may still stand in the queue, because the read model follows the
store; it is remembered and passed over. Should it be forgotten, the message's stream still refuses.
"""

import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select

from commands.policies.claim import Claim, Lane
from commands.policies.pages import Wanted, pages
from commands.policies.place import LONGEST_REST_S, Place
from projections.queue import NO_CAMPAIGN, lanes, send_queue

PAGE: Final = 500
PAGES: Final = 20
LEAST_SHARE: Final = 8
REPLY_REST_S: Final = 0.1
"""Replies are looked for so often, even while one of them waits to be tried again."""
MOST_REMEMBERED: Final = 100_000


class Claims:
    """The claims of one number; used by one thread at a time."""

    def __init__(self, account_id: UUID) -> None:
        self._account_id = account_id
        self._places: dict[UUID, Place] = {}
        self._tried: dict[tuple[UUID, int], None] = {}
        self._turn: UUID = NO_CAMPAIGN
        self.heard: deque[Claim] = deque()
        """Replies that were not read from the queue; another thread may add to them."""

    def running(self, connection: Connection) -> list[Lane]:
        """The lanes with something to send: those not served yet, then on from the last served."""
        rows = connection.execute(_RUNNING, {"account_id": self._account_id})
        found = sorted((Lane(*row) for row in rows), key=lambda lane: lane.campaign_id)
        kept = {lane.campaign_id for lane in found}
        self._places = {i: place for i, place in self._places.items() if i in kept}
        new = [lane for lane in found if lane.campaign_id not in self._places]
        old = [lane for lane in found if lane.campaign_id in self._places]
        behind = [lane for lane in old if lane.campaign_id > self._turn]
        return new + behind + [lane for lane in old if lane.campaign_id <= self._turn]

    def take(
        self, connection: Connection, running: list[Lane], room: int, now: datetime
    ) -> list[Claim]:
        """Up to `room` due messages: what people have written, and then what is left for campaigns."""
        taken = list[Claim]()
        while self.heard and len(taken) < room:
            if self._new(claim := self.heard.popleft()):
                taken.append(claim)
        for campaigns in (False, True):
            lanes = [lane for lane in running if lane.is_campaign == campaigns]
            taken += self._take(connection, lanes, room - len(taken), now)
        return taken

    def _take(
        self, connection: Connection, running: list[Lane], room: int, now: datetime
    ) -> list[Claim]:
        """The lanes take turns, so that none waits for another's end."""
        clock, taken = time.monotonic(), list[Claim]()
        awake = [lane for lane in running if not self._rests(lane, clock)]
        shares = self._shares(awake, room)
        for lane, _ in shares:
            self._places.setdefault(lane.campaign_id, Place()).begin(clock)
            self._turn = lane.campaign_id
        had, tried = set[Lane](), set[Lane]()
        for _ in range(PAGES):
            wanted = [self._wanted(lane, share, lane in tried) for lane, share in shares]
            awake = []
            for (lane, share), (*_, limit), page in zip(
                shares, wanted, pages(connection, self._account_id, wanted, now), strict=True
            ):
                fresh = self._fresh(lane, page, share)
                taken += fresh
                (had if fresh else tried).add(lane)
                if len(fresh) == share or len(page) == limit:
                    awake.append(lane)
                elif lane in had:
                    self._places[lane.campaign_id].found(in_order=lane.is_campaign)
                else:
                    due_in_s = self._due_in_s(connection, lane, now)
                    if not lane.is_campaign:
                        due_in_s = min(due_in_s, REPLY_REST_S)
                    self._places[lane.campaign_id].rest(clock, due_in_s)
            # What some lanes have left over goes to the others, if it is worth asking for.
            if not awake or (taken and room - len(taken) < LEAST_SHARE):
                break
            shares = self._shares(awake, room - len(taken))
        return taken

    def give_back(self, claim: Claim) -> None:
        """It was not tried after all."""
        self._tried.pop((claim.message_id, claim.attempt), None)
        self.look_behind(claim.campaign_id)

    def again(self, claims: Sequence[Claim]) -> None:
        """These next, in this order: they were not tried after all."""
        for claim in claims:
            self.give_back(claim)
        self.heard.extend(claims)

    def start_over(self) -> None:
        """Every lane is read from its beginning the next time."""
        for place in self._places.values():
            place.after = None

    def look_behind(self, campaign_id: UUID) -> None:
        """Something of that lane is to be tried again."""
        if place := self._places.get(campaign_id):
            place.look_behind(time.monotonic())

    def _rests(self, lane: Lane, clock: float) -> bool:
        place = self._places.get(lane.campaign_id)
        return place is not None and clock < place.rest_until

    def _shares(self, lanes: Sequence[Lane], room: int) -> list[tuple[Lane, int]]:
        """How many each may have; those at the end none when there is not enough."""
        shares = list[tuple[Lane, int]]()
        for lanes_left, lane in zip(range(len(lanes), 0, -1), lanes, strict=True):
            # What has waited for its first message gets that, before anybody's share is filled.
            least = LEAST_SHARE if lane.campaign_id in self._places else 1
            share = min(room, max(least, room // lanes_left))
            if share <= 0:
                break
            shares.append((lane, share))
            room -= share
        return shares

    def _wanted(self, lane: Lane, share: int, tried: bool) -> Wanted:
        """Where all of a page had been tried already, so may a long stretch behind it."""
        limit = PAGE if tried else min(share + LEAST_SHARE, PAGE)
        return Wanted(lane, self._places[lane.campaign_id].after, limit)

    def _fresh(self, lane: Lane, page: Sequence[Claim], share: int) -> list[Claim]:
        """Up to `share` of the page, without those tried before; reading goes on behind them."""
        place, fresh = self._places[lane.campaign_id], list[Claim]()
        for claim in page:
            place.after = (claim.due_at, claim.message_id.bytes)
            if self._new(claim):
                fresh.append(claim)
                if len(fresh) == share:
                    break
        return fresh

    def _due_in_s(self, connection: Connection, lane: Lane, now: datetime) -> float:
        q = send_queue.c
        coming = select(func.min(q.due_at)).where(
            q.account_id == self._account_id,
            q.campaign_id == lane.campaign_id,
            q.state == "queued",
            q.due_at > now,
        )
        due_at = connection.scalar(coming)
        return LONGEST_REST_S if due_at is None else (due_at - now).total_seconds()

    def _new(self, claim: Claim) -> bool:
        key = (claim.message_id, claim.attempt)
        if key in self._tried:
            return False
        if len(self._tried) >= MOST_REMEMBERED:
            for old in list(self._tried)[: MOST_REMEMBERED // 2]:
                del self._tried[old]
        self._tried[key] = None
        return True


_l = lanes.c
# Made once: to describe it anew for each handful of messages would take longer than to ask it.
_RUNNING: Final = select(_l.workspace_id, _l.campaign_id).where(
    _l.account_id == bindparam("account_id"), _l.state == "running", _l.pending_count > 0
)
