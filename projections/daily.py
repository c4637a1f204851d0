"""What happened in a workspace day by day.

Days are cut in the workspace's zone, by the instant of the fact: the provider's for statuses. A
count taken back is taken from the day on which it turned out otherwise.
"""

from datetime import date, datetime
from functools import lru_cache
from math import floor
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Date

from domain.campaign import CampaignCompleted, CampaignDrafted
from domain.contact import ContactAdded, ContactOptedOut
from domain.kernel import Event, Recorded
from domain.message.status import STAGES
from projections.columns import key, number, read_model
from projections.projection import Projection
from projections.rows import Row, add
from projections.stages import Counters
from projections.tally import Alike

daily_analytics = read_model(
    "daily_analytics",
    key("workspace_id"),
    Column("day", Date, primary_key=True),
    *(number(f"messages_{stage}") for stage in STAGES if stage != "pending"),
    number("campaigns_created"),
    number("campaigns_completed"),
    number("new_contacts"),
    number("opt_outs"),
)

daily_contacts = read_model(
    "daily_contacts",
    key("workspace_id"),
    Column("day", Date, primary_key=True),
    key("contact_id"),
    number("messages"),
)

projection = Projection("daily", daily_analytics, daily_contacts)

COUNTERS = Counters({stage: f"messages_{stage}" for stage in STAGES if stage != "pending"})
ONE_MESSAGE = {"messages": 1}
_SECONDS_KEPT = 10_000


def day_of(instant: datetime, recorded: Recorded) -> date:
    """The workspace's calendar day at that instant."""
    return _day(recorded.metadata.time_zone, floor(instant.timestamp()))


@lru_cache(_SECONDS_KEPT)
def _day(time_zone: str, second: int) -> date:
    """Many facts fall into the same second, and no day begins within one."""
    return datetime.fromtimestamp(second, ZoneInfo(time_zone)).date()


def _one(event: Event, recorded: Recorded, counter: str) -> Row:
    day = day_of(recorded.recorded_at, recorded)
    return add(daily_analytics, workspace_id=event.workspace_id, day=day, **{counter: 1})


@projection.on
def campaign_created(event: CampaignDrafted, recorded: Recorded) -> Row:
    return _one(event, recorded, "campaigns_created")


@projection.on
def campaign_completed(event: CampaignCompleted, recorded: Recorded) -> Row:
    return _one(event, recorded, "campaigns_completed")


@projection.on
def contact_added(event: ContactAdded, recorded: Recorded) -> Row:
    return _one(event, recorded, "new_contacts")


@projection.on
def opted_out(event: ContactOptedOut, recorded: Recorded) -> Row:
    return _one(event, recorded, "opt_outs")


def counted(alike: Alike) -> list[Row]:
    """The day's counts, and the people messaged: those a message was sent to."""
    about, counts = alike.first, alike.adds(COUNTERS)
    if not counts:
        return []
    day = _day(alike.time_zone, alike.second)
    rows = [Row(daily_analytics, (about.workspace_id, day), adds=counts)]
    if "sent" in about.newly:
        people = [(about.workspace_id, day, event.contact_id) for event in alike.events]
        rows += [Row(daily_contacts, person, adds=ONE_MESSAGE) for person in people]
    return rows


projection.counting = counted
