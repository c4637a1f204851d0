"""Which messages of a number are due: its lanes in turn, each read from where it was left.

What was tried a moment ago may still stand in the queue, because the read model follows the
store; it is remembered and passed over. Should it be forgotten, the message's stream still refuses.
"""

import time
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, LargeBinary, and_, func, or_, select, type_coerce

from commands.policies.claim import Claim, Lane
from commands.policies.place import LONGEST_REST_S, Place
from projections.contacts import contacts
from projections.queue import NO_CAMPAIGN, lanes, send_queue

PAGE: Final = 500
PAGES: Final = 20
LEAST_SHARE: Final = 8
MOST_REMEMBERED: Final = 100_000


class Claims:
    """The claims of one number; used by one thread at a time."""

    def __init__(self, account_id: UUID) -> None:
        self._account_id = account_id
        self._places: dict[UUID, Place] = {}
        self._tried: dict[tuple[UUID, int], None] = {}
        self._turn: UUID = NO_CAMPAIGN

    def running(self, connection: Connection) -> list[Lane]:
        """The lanes with something to send: those not served yet, then on from the last served."""
        c = lanes.c
        rows = connection.execute(
            select(c.workspace_id, c.campaign_id).where(
                c.account_id == self._account_id, c.state == "running", c.pending_count > 0
            )
        )
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
        """Up to `room` due messages; the lanes take turns, so that none waits for another's end."""
        taken: list[Claim] = []
        for lanes_left in range(len(running), 0, -1):
            lane = running[-lanes_left]
            # What has waited for its first message gets that, before anybody's share is filled.
            least = LEAST_SHARE if lane.campaign_id in self._places else 1
            wanted = min(room - len(taken), max(least, room // lanes_left))
            if wanted <= 0:
                break
            taken += self._from(connection, lane, wanted, now)
            self._turn = lane.campaign_id
        return taken

    def give_back(self, claim: Claim) -> None:
        """It was not tried after all."""
        self._tried.pop((claim.message_id, claim.attempt), None)
        self.look_behind(claim.campaign_id)

    def start_over(self) -> None:
        """Every lane is read from its beginning the next time."""
        for place in self._places.values():
            place.after = None

    def look_behind(self, campaign_id: UUID) -> None:
        """Something of that lane is to be tried again."""
        if place := self._places.get(campaign_id):
            place.look_behind(time.monotonic())

    def _from(self, connection: Connection, lane: Lane, wanted: int, now: datetime) -> list[Claim]:
        place = self._places.setdefault(lane.campaign_id, Place())
        clock = time.monotonic()
        if clock < place.rest_until:
            return []
        place.begin(clock)
        taken: list[Claim] = []
        limit = min(wanted + LEAST_SHARE, PAGE)
        for _ in range(PAGES):
            page = self._page(connection, lane, place.after, now, limit)
            for claim in page:
                place.after = (claim.due_at, claim.message_id)
                if self._new(claim):
                    taken.append(claim)
                    if len(taken) == wanted:
                        return taken
            if len(page) < limit:
                if taken:
                    place.found(in_order=lane.is_campaign)
                else:
                    place.rest(clock, self._due_in_s(connection, lane, now))
                break
            limit = PAGE
        return taken

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

    def _page(
        self,
        connection: Connection,
        lane: Lane,
        after: tuple[datetime, UUID] | None,
        now: datetime,
        limit: int,
    ) -> list[Claim]:
        q, c = send_queue.c, contacts.c
        where: list[Any] = [
            q.account_id == self._account_id,
            q.campaign_id == lane.campaign_id,
            q.state == "queued",
            # A first attempt is never put off: it does not wait for a clock that was set back.
            or_(q.attempt == 1, q.due_at <= now),
        ]
        if after is not None:
            due_at, message_id = after
            where += [q.due_at >= due_at, or_(q.due_at > due_at, q.message_id > message_id)]
        known = and_(c.workspace_id == q.workspace_id, c.contact_id == q.contact_id)
        statement = (
            select(
                type_coerce(q.message_id, LargeBinary),
                type_coerce(q.contact_id, LargeBinary),
                q.attempt,
                q.to_phone,
                q.content,
                q.due_at,
                q.queued_position,
                q.month,
                c.opted_out,
                c.blocked,
                c.deleted,
            )
            .select_from(send_queue.outerjoin(contacts, known))
            .where(*where)
            .order_by(q.due_at, q.message_id)
            .limit(limit)
        )
        # The ids of thousands of rows a second: made here, without a type's detour for each.
        return [
            Claim(*lane, UUID(bytes=bytes(message_id)), UUID(bytes=bytes(contact_id)), *rest)
            for message_id, contact_id, *rest in connection.execute(statement)
        ]
