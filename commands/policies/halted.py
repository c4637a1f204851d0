"""Which campaigns have been stopped, as their own streams say it.

Read models follow the store, under load by seconds; a pause is to be heeded within one.
"""

import time
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from commands.store import EventStore
from domain.campaign import (
    CampaignCancelled,
    CampaignFailed,
    CampaignLaunched,
    CampaignPaused,
    CampaignResumed,
)
from domain.kernel import Recorded

LOOK_S: Final = 0.25


class Halted:
    """Of the campaigns of one number; used by one thread at a time."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._versions: dict[UUID, int] = {}
        self._halted: set[UUID] = set()
        self._looked_at = -LOOK_S

    def among(self, campaign_ids: Iterable[UUID]) -> set[UUID]:
        """Those of them that do not run, as of a moment ago at most."""
        ids, now = dict.fromkeys(campaign_ids), time.monotonic()
        if now - self._looked_at >= LOOK_S or not ids.keys() <= self._versions.keys():
            self._looked_at = now
            self._versions = {i: self._versions.get(i, 0) for i in ids}
            self._halted &= ids.keys()
            since = {i: version + 1 for i, version in self._versions.items()}
            for campaign_id, facts in self._store.load(list(ids), since).items() if ids else ():
                self._heed(campaign_id, facts)
        return self._halted

    def _heed(self, campaign_id: UUID, facts: Iterable[Recorded]) -> None:
        for recorded in facts:
            self._versions[campaign_id] = recorded.version
            match recorded.event:
                case CampaignPaused() | CampaignCancelled() | CampaignFailed():
                    self._halted.add(campaign_id)
                case CampaignLaunched() | CampaignResumed():
                    self._halted.discard(campaign_id)
