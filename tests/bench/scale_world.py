"""The companies of the measurement of scale: how many, how large, what each has; chance-free.

Sizes fall by Zipf's law (exponent 0.8): the largest of 2,500 companies has a twentieth of all.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Final
from uuid import UUID

CONTACTS, MESSAGES, TIMELINE, WORKSPACES = 1_500_000, 25_000_000, 10_000_000, 2_500
EXPONENT: Final = 0.8
DAYS: Final = 360
FIRST_DAY: Final = date(2025, 12, 1)
LAST_DAY: Final = FIRST_DAY + timedelta(DAYS - 1)
LAUNCH_HOUR: Final = 3
"""UTC; every instant of a campaign lies within the same day in Jakarta, where they all are."""
TIMELINE_DAYS: Final = 30
"""Older messages have no timeline rows, as if they had been archived."""
GROUPS: Final = 10
MESSAGES_A_CHUNK: Final = 40_000


@dataclass(frozen=True)
class Campaign:
    number: int
    id: UUID
    day: date
    first: int
    size: int

    def members(self, contacts: int) -> Iterator[int]:
        """The numbers of its recipients."""
        return ((self.first + n) % contacts for n in range(self.size))


@dataclass(frozen=True)
class Company:
    """Contact n of it has id `contact_ids[n]`, in the order in which they were added."""

    rank: int
    contacts: int
    messages: int

    @cached_property
    def id(self) -> UUID:
        return _id(1, self.rank)

    def of(self, kind: int, number: int) -> UUID:
        """The id of its thing with that number; later ones have greater ids."""
        return _id(kind, self.rank * 10_000_000 + number)

    @cached_property
    def campaigns(self) -> tuple[Campaign, ...]:
        """Evenly over the days, each to the contacts behind those of the one before."""
        size = min(self.contacts, 300 + self.contacts // 20)
        count = max(1, round(self.messages / size))
        return tuple(
            Campaign(
                n,
                self.of(4, n),
                FIRST_DAY + timedelta(n * DAYS // count),
                n * size % self.contacts,
                size,
            )
            for n in range(count)
        )


@dataclass(frozen=True)
class Chunk:
    """What one transaction loads: companies of ranks, or some campaigns of one company.

    The part that begins with campaign 0 brings the company itself and its contacts.
    """

    number: int
    ranks: range
    campaigns: range | None = None


@dataclass(frozen=True)
class World:
    """Everything follows from the size: 1.0 is what the product has to carry."""

    size: float

    @cached_property
    def companies(self) -> tuple[Company, ...]:
        count = max(12, round(WORKSPACES * min(1.0, self.size * 10)))
        weights = [1 / (rank + 1) ** EXPONENT for rank in range(count)]
        whole = sum(weights)
        return tuple(
            Company(
                rank,
                max(20, round(CONTACTS * self.size * weight / whole)),
                max(60, round(MESSAGES * self.size * weight / whole)),
            )
            for rank, weight in enumerate(weights)
        )

    @cached_property
    def chunks(self) -> tuple[Chunk, ...]:
        """In the order of the tables' keys; none much larger than the others."""
        out: list[Chunk] = []
        start, waiting = 0, 0
        for company in self.companies:
            if company.messages > MESSAGES_A_CHUNK:
                out += _parts(company, len(out))
                start = company.rank + 1
                continue
            waiting += company.messages
            if waiting >= MESSAGES_A_CHUNK or company.rank == len(self.companies) - 1:
                out.append(Chunk(len(out), range(start, company.rank + 1)))
                start, waiting = company.rank + 1, 0
        return tuple(out)


def _parts(company: Company, number: int) -> Iterator[Chunk]:
    """Cut where a day ends, because a day's people are counted once."""
    campaigns, start = company.campaigns, 0
    for n, campaign in enumerate(campaigns):
        last = n == len(campaigns) - 1
        enough = (n + 1 - start) * campaign.size >= MESSAGES_A_CHUNK
        if last or (enough and campaigns[n + 1].day != campaign.day):
            ranks = range(company.rank, company.rank + 1)
            yield Chunk(number, ranks, range(start, n + 1))
            start, number = n + 1, number + 1


def _id(kind: int, number: int) -> UUID:
    """Looks like an id made at a time: later numbers sort behind earlier ones."""
    tail = hashlib.md5(b"%d:%d" % (kind, number), usedforsecurity=False).hexdigest()[:16]
    return UUID(hex=f"{kind:x}{number:012x}7{tail[:2]}8{tail[1:16]}"[:32])


def launched(campaign: Campaign) -> datetime:
    """When it went out."""
    seconds = campaign.number % 3600
    day = datetime(campaign.day.year, campaign.day.month, campaign.day.day, tzinfo=UTC)
    return day + timedelta(hours=LAUNCH_HOUR, seconds=seconds)
