"""What the provider has told of numbers, templates, people and messages, as it told it.

`about_id` is that number's, template's, contact's or message's id. Of a campaign's messages only
what is beyond their status is kept here; there are too many of the others to be read one by one.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Column

from domain.account import NumberReported
from domain.contact import PreferenceReported
from domain.identifier import IdentifierDisputed
from domain.ids import show
from domain.kernel import Event, Recorded
from domain.message import (
    MessageDelivered,
    MessageFailed,
    MessagePlayed,
    MessageRead,
    MessageReported,
    MessageSent,
)
from domain.template import TemplateReported
from projections.columns import canonical, instant, key, link, long_text, read_model, text
from projections.projection import Projection
from projections.rows import Row
from projections.stages import Report

reports = read_model(
    "reports",
    key("workspace_id"),
    key("about_id"),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    link("account_id"),
    text("field", 64),
    text("event", 255),
    instant("at"),
    long_text("details"),
)

projection = Projection("reports", reports)

_STAGES: Final[dict[type[Report], str]] = {
    MessageSent: "sent",
    MessageDelivered: "delivered",
    MessageRead: "read",
    MessagePlayed: "played",
    MessageFailed: "failed",
}


def _row(
    event: Event,
    recorded: Recorded,
    about_id: UUID,
    field: str,
    name: str,
    at: datetime | None,
    details: dict[str, Any],
) -> Row:
    puts = {
        "account_id": getattr(event, "account_id", None),
        "field": field,
        "event": name,
        "at": at or recorded.recorded_at,
        "details": canonical(details),
    }
    return Row(reports, (event.workspace_id, about_id, recorded.position), puts)


@projection.on
def of_number(event: NumberReported, recorded: Recorded) -> Row:
    told = event.field, event.event, event.at, event.details
    return _row(event, recorded, event.account_id, *told)


@projection.on
def of_template(event: TemplateReported, recorded: Recorded) -> Row:
    told = event.field, event.event, event.at, event.details
    return _row(event, recorded, event.template_id, *told)


@projection.on
def of_person(event: PreferenceReported, recorded: Recorded) -> Row:
    told = "user_preferences", event.value, event.at, event.details
    return _row(event, recorded, event.contact_id, *told)


@projection.on
def of_identifier(event: IdentifierDisputed, recorded: Recorded) -> Row:
    holder = show("contact", event.holder_id)
    details = {"kind": event.kind, "value": event.value, "belongs_to": holder}
    return _row(event, recorded, event.contact_id, "identifier", "disputed", None, details)


@projection.on
def of_message(event: MessageReported, recorded: Recorded) -> Row:
    told = "statuses", event.reported, event.at, event.details
    return _row(event, recorded, event.message_id, *told)


def of_status(event: Report, recorded: Recorded) -> list[Row]:
    if event.campaign_id is not None or not event.details:
        return []
    told = "statuses", _STAGES[type(event)], event.at, event.details
    return [_row(event, recorded, event.message_id, *told)]


projection.handlers |= dict.fromkeys(_STAGES, of_status)
