"""The customer's last messages that nobody has told them were read, in the order they came."""

from datetime import datetime
from typing import Final
from uuid import UUID

Untold = tuple[tuple[datetime, UUID], ...]

UNTOLD: Final = 100
"""So many are remembered."""


def one_more(untold: Untold, message: tuple[datetime, UUID]) -> Untold:
    """After another one has come."""
    return (*untold, message)[-UNTOLD:]


def parted(untold: Untold, inbound: int, seen: int) -> tuple[Untold, Untold]:
    """Those among the first `seen` of the customer's `inbound` messages, and those after them."""
    unread = min(inbound - seen, len(untold))
    cut = len(untold) - unread
    return untold[:cut], untold[cut:]
