"""What only WAHA reports, one value per item."""

from datetime import datetime
from typing import NamedTuple

from domain.account import SessionStatus
from domain.message import Observed


class SessionReport(NamedTuple):
    """How a session stands; `phone_number_id` is its name."""

    phone_number_id: str
    status: SessionStatus
    at: datetime
    reason: str


class OwnMessage(NamedTuple):
    """A message the number has sent through the API: one of ours, perhaps of unknown outcome.

    `status` is as far as it had come then.
    """

    phone_number_id: str
    wamid: str
    to: str
    at: datetime
    text: str
    has_media: bool
    status: Observed | None
