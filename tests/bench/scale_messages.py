"""The messages of a campaign as lines to load, and all that follows from them, counted from them."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from domain.months import month_of
from tests.bench.scale_world import LAST_DAY, TIMELINE_DAYS, Campaign, Company, launched

NULL: Final = r"\N"
SLOTS: Final = 100
_VARIANT: Final = {f"{n:x}": f"{n & 3 | 8:x}" for n in range(16)}
TEMPLATE: Final = "offer_of_the_week"


class Fate(NamedTuple):
    """What becomes of a message: its status, the stages it reached, its timeline."""

    status: str
    stages: tuple[str, ...]
    facts: tuple[str, ...]
    version: int
    error: tuple[str, int, str] = ("", 0, NULL)


_SENT = ("queued", "accepted", "sent")
READ = Fate("read", (*_SENT, "delivered", "read"), ("queued", "sent", "delivered", "read"), 6)
DELIVERED = Fate("delivered", (*_SENT, "delivered"), ("queued", "sent", "delivered"), 5)
SENT = Fate("sent", _SENT, ("queued", "sent"), 4)
ACCEPTED = Fate("accepted", ("queued", "accepted"), ("queued",), 3)
GONE = Fate("failed", ("queued", "failed"), ("queued", "failed"), 3, ("R", 131026, "Undeliverable"))
FULL = Fate("failed", ("queued", "failed"), ("queued", "failed"), 3, ("R", 131049, "Enough today"))
HELD = Fate("suppressed", ("suppressed",), ("suppressed",), 1, ("", 0, "opted_out"))
EXPIRED = Fate("expired", (*_SENT, "expired"), ("queued", "sent", "expired"), 5)
FATES: Final = (
    *(READ,) * 45,
    *(DELIVERED,) * 35,
    *(SENT,) * 6,
    *(ACCEPTED,) * 2,
    *(GONE,) * 4,
    *(FULL,) * 2,
    *(HELD,) * 4,
    *(EXPIRED,) * 2,
)
assert len(FATES) == SLOTS


def slots(company: Company, campaign: Campaign) -> list[int]:
    """The slot of each recipient, in their order; `FATES` says what it means."""
    shift = campaign.number * 31
    return [(n * 7 + shift) % SLOTS for n in campaign.members(company.contacts)]


def delivery_ms(slot: int) -> int:
    return 1700 + 1000 * (slot % 7) if "delivered" in FATES[slot].stages else 0


def _instants(fate: Fate, slot: int, start: datetime) -> dict[str, datetime]:
    """When each stage was reached."""
    attempted = start + timedelta(seconds=slot)
    accepted = attempted + timedelta(milliseconds=300)
    all_ = {
        "queued": start,
        "attempted": attempted,
        "accepted": accepted,
        "sent": accepted + timedelta(seconds=1),
        "delivered": accepted + timedelta(milliseconds=delivery_ms(slot)),
        "read": accepted + timedelta(seconds=600 + 60 * slot),
        "failed": accepted,
    }
    reached = set(fate.stages) | ({"attempted"} if "queued" in fate.stages else set())
    return {stage: at for stage, at in all_.items() if stage in reached}


_SHOWN = ("queued", "attempted", "accepted", "sent", "delivered", "read", "played", "failed")


def _tail(fate: Fate, slot: int, start: datetime) -> str:
    """The columns behind `wamid`."""
    class_, code, reason = fate.error
    at = _instants(fate, slot, start)
    shown = (str(at[stage].replace(tzinfo=None)) if stage in at else NULL for stage in _SHOWN)
    return "\t".join((class_, str(code), reason, *shown, str(fate.version)))


class Sent(NamedTuple):
    """Lines of `messages` and `contact_timeline`, people messaged, and the campaign's counts."""

    messages: list[str]
    timeline: list[str]
    people: Counter[int]
    stages: Counter[str]
    failures: Counter[tuple[int, str]]
    delivery_ms: int


def sent(company: Company, campaign: Campaign, contact_ids: list[str]) -> Sent:
    """Everything about one campaign's messages; `contact_ids` in hexadecimal, by number."""
    out = Sent(
        list(_lines(company, campaign, contact_ids)), [], Counter(), *counts(company, campaign)
    )
    in_timeline = campaign.day > LAST_DAY - timedelta(TIMELINE_DAYS)
    took = slots(company, campaign)
    for place, (n, slot) in enumerate(zip(campaign.members(company.contacts), took, strict=True)):
        fate = FATES[slot]
        if "sent" in fate.stages:
            out.people[n] += 1
        if in_timeline:
            out.timeline.extend(_told(company, campaign, contact_ids[n], place, slot))
    return out


def counts(
    company: Company, campaign: Campaign
) -> tuple[Counter[str], Counter[tuple[int, str]], int]:
    """Messages by stage, failures by code and reason, and the sum of delivery times."""
    stages: Counter[str] = Counter()
    failures: Counter[tuple[int, str]] = Counter()
    total = 0
    for slot, n in Counter(slots(company, campaign)).items():
        fate = FATES[slot]
        stages.update(dict.fromkeys(fate.stages, n))
        total += n * delivery_ms(slot)
        if fate.status == "failed":
            failures[fate.error[1:]] += n
    return stages, failures, total


def message_id(campaign: bytes, contact: str) -> str:
    """As `domain.ids.message_id` makes it, several times faster."""
    digest = hashlib.sha1(campaign + contact.encode(), usedforsecurity=False).hexdigest()
    return f"{digest[:12]}5{digest[13:16]}{_VARIANT[digest[16]]}{digest[17:32]}"


def _lines(company: Company, campaign: Campaign, contact_ids: list[str]) -> Iterator[str]:
    start, made = launched(campaign), campaign.id.bytes
    month = month_of(start)
    ids = f"{campaign.id.hex}\t%s\t{company.of(2, 0).hex}"
    tails = [_tail(fate, slot, start) for slot, fate in enumerate(FATES)]
    head, took = company.id.hex, slots(company, campaign)
    for n, slot in zip(campaign.members(company.contacts), took, strict=True):
        contact = contact_ids[n]
        id_, fate = message_id(made, contact), FATES[slot]
        held, accepted = fate is HELD, "accepted" in fate.stages
        text = NULL if held else f"Hello Siti {n}, our offer {campaign.number} ends on Sunday."
        to = "" if held else f"+62812{company.rank:04d}{n:06d}"
        wamid = f"wamid.HBgNNjI4MTIzNDU2Nzg5MBUCABEYEj{id_[:20]}" if accepted else ""
        yield (
            f"{head}\t{id_}\t{month}\t{ids % contact}\t{to}\t{'' if held else 'template'}"
            f"\t{text}\t{fate.status}\t{0 if held else 1}\t{wamid}\t{tails[slot]}"
        )


def _told(
    company: Company, campaign: Campaign, contact: str, place: int, slot: int
) -> Iterator[str]:
    """The message's rows in its contact's timeline."""
    fate, start = FATES[slot], launched(campaign)
    at = _instants(fate, slot, start)
    position = first_position(company, campaign) + place * 8
    id_ = message_id(campaign.id.bytes, contact)
    for step, fact in enumerate(fate.facts):
        when = at.get(fact, start)
        detail = "{}"
        if fact == "queued":
            detail = f'{{"kind":"template","template":"{TEMPLATE}"}}'
        elif fate.error[2] != NULL:
            detail = f'{{"code":{fate.error[1]},"reason":"{fate.error[2]}"}}'
        yield (
            f"{company.id.hex}\t{contact}\t{position + step}\t{month_of(when)}"
            f"\t{when.replace(tzinfo=None)}\tmessage_{fact}\t{campaign.id.hex}\t{id_}\t{detail}\t{NULL}"
        )


def first_position(company: Company, campaign: Campaign) -> int:
    """Behind the contacts' own facts."""
    return company.rank * 10**9 + 10**8 + campaign.number * campaign.size * 8
