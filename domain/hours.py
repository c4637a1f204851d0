"""Working hours: when a team answers, and how much of a span of time lies within.

The zone comes in as an object, so that nothing here reads tables of time zones.
"""

from datetime import UTC, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import Final, NamedTuple

from domain.kernel import Rejected

LONGEST: Final = timedelta(days=366)
"""What lies longer back is not counted."""
DAY: Final = timedelta(days=1)
DAYS: Final = 7
MINUTES: Final = 24 * 60

Interval = tuple[int, int, int]
"""Day of the week (Monday is 0), first minute of it, and the minute it ends before (1440: all)."""


class Hours(NamedTuple):
    """Weekly intervals in a zone. Without intervals it is always open."""

    weekly: tuple[Interval, ...] = ()
    zone: tzinfo = UTC

    def open_at(self, instant: datetime) -> bool:
        """Whether somebody is there at that instant."""
        local = instant.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return not self.weekly or any(
            day == local.weekday() and start <= minute < end for day, start, end in self.weekly
        )

    def milliseconds(self, since: datetime, until: datetime) -> int:
        """How long it was open between the two instants."""
        since = max(since, until - LONGEST)
        if until <= since:
            return 0
        if not self.weekly:
            return (until - since) // timedelta(milliseconds=1)
        spent, day = timedelta(), since.astimezone(self.zone).date()
        last = until.astimezone(self.zone).date()
        while day <= last:
            for weekday, start, end in self.weekly:
                if weekday == day.weekday():
                    opens = max(since, self._instant(datetime.combine(day, time()), start))
                    closes = min(until, self._instant(datetime.combine(day, time()), end))
                    spent += max(timedelta(), closes - opens)
            day += DAY
        return spent // timedelta(milliseconds=1)

    def _instant(self, midnight: datetime, minute: int) -> datetime:
        """On days when clocks change, the minute the clock on the wall shows."""
        local = midnight + timedelta(minutes=minute)
        return local.replace(tzinfo=self.zone).astimezone(UTC)


def checked_weekly(weekly: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """In order. Rejected unless they are spans within days that do not overlap."""
    ordered = tuple(sorted(weekly))
    for day, start, end in ordered:
        if not (0 <= day < DAYS and 0 <= start < end <= MINUTES):
            raise Rejected(
                "invalid_hours",
                "working hours are spans of a day: day 0 (Monday) to 6, from a minute up to a "
                f"later one, at most {MINUTES}; this is day {day} from {start} to {end}",
            )
    for (day, _, end), (next_day, start, _) in pairwise(ordered):
        if day == next_day and start < end:
            raise Rejected(
                "invalid_hours",
                f"working hours of one day do not overlap; on day {day} a span starts at {start}, "
                f"before another ends at {end}",
            )
    return ordered


ALWAYS: Final = Hours()
