"""Months as read models divide by them: whole numbers like 202611, in UTC."""

from datetime import UTC, datetime
from typing import Final

BEFORE: Final = 0
"""The month of facts from before facts said their month."""


def month_of(instant: datetime) -> int:
    """The month in which the instant lies in UTC, as year and month in one number."""
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    return instant.year * 100 + instant.month


def later(month: int, by: int) -> int:
    """The month that many months after it."""
    year, zero_based = divmod(month // 100 * 12 + month % 100 - 1 + by, 12)
    return year * 100 + zero_based + 1
