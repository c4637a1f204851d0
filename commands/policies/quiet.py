"""Quiet hours: the part of the local day in which no campaign message leaves."""

from datetime import datetime
from zoneinfo import ZoneInfo


def is_quiet(now: datetime, time_zone: str, start: int | None, end: int | None) -> bool:
    """Minutes of the day from `start` to before `end`; over midnight when start is the later."""
    if start is None or end is None or start == end:
        return False
    local = now.astimezone(ZoneInfo(time_zone))
    minute = local.hour * 60 + local.minute
    if start < end:
        return start <= minute < end
    return minute >= start or minute < end
