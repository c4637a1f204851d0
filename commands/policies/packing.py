"""Which replies of a number wait until their file is handed over; nobody else's message does.

What is written after a file to the same person waits with it, so that it does not come before.
"""

import threading
from collections import deque
from collections.abc import Sequence
from uuid import UUID

from commands.policies.claim import Claim
from commands.policies.parcels import Parcel
from commands.policies.untried import content_of
from projections.queue import NO_CAMPAIGN


class Packing:
    """Known to the thread that claims and to the event loop that hands over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._packed: dict[tuple[UUID, int], Parcel] = {}
        self._behind: dict[str, list[Claim]] = {}
        self._wanted: deque[Claim] = deque()

    def ready(self, claims: Sequence[Claim]) -> list[Claim]:
        """Without those that wait now; when they are ready they come from `packed`."""
        with self._lock:
            return [claim for claim in claims if self._is_ready(claim)]

    def _is_ready(self, claim: Claim) -> bool:
        if claim.campaign_id != NO_CAMPAIGN or claim.hindrance:
            return True
        if (claim.message_id, claim.attempt) in self._packed:
            return True
        if (behind := self._behind.get(claim.to)) is not None:
            behind.append(claim)
            return False
        if content_of(claim).file is None:
            return True
        self._behind[claim.to] = []
        self._wanted.append(claim)
        return False

    def wanted(self) -> list[Claim]:
        """Those whose file is to be handed over now; each is told once."""
        with self._lock:
            claims = list(self._wanted)
            self._wanted.clear()
            return claims

    def packed(self, claim: Claim, parcel: Parcel) -> list[Claim]:
        """It, and what waited for it, in order."""
        with self._lock:
            self._packed[claim.message_id, claim.attempt] = parcel
            return [claim, *self._behind.pop(claim.to, ())]

    def parcel(self, claim: Claim) -> Parcel | None:
        """What goes along with it; to be asked once, when it is tried."""
        with self._lock:
            return self._packed.pop((claim.message_id, claim.attempt), None)
