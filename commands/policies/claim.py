"""A message that is due to be sent, and the lane it stands in."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from projections.queue import NO_CAMPAIGN


class Lane(NamedTuple):
    workspace_id: UUID
    campaign_id: UUID

    @property
    def is_campaign(self) -> bool:
        return self.campaign_id != NO_CAMPAIGN


class Claim(NamedTuple):
    """A due message, with what is known of its contact's consent now.

    `due_at` is as the database gives it.
    """

    workspace_id: UUID
    campaign_id: UUID
    message_id: UUID
    contact_id: UUID
    attempt: int
    to: str
    content: str
    due_at: datetime | str
    queued_position: int
    month: int | None
    opted_out: int | None
    blocked: int | None
    deleted: int | None

    @property
    def hindrance(self) -> str:
        """Why it must not be sent any more; empty if it may.

        Who has opted out of campaigns and asks something is answered all the same.
        """
        if self.opted_out and self.campaign_id != NO_CAMPAIGN:
            return "opted_out"
        if self.blocked:
            return "blocked"
        return "deleted" if self.deleted else ""
