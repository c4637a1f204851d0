"""What the Cloud API tells of templates, numbers and accounts, and of what people want to be sent."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import msgspec

from commands.policies.webhook_items import (
    Item,
    NotUnderstood,
    NumberReport,
    Preference,
    TemplateReport,
)
from commands.policies.whatsapp_people import person
from commands.policies.whatsapp_shape import (
    LATEST,
    LONGEST_REASON,
    LONGEST_TEXT,
    Value,
    Wrong,
    as_object,
    instant_in,
    list_in,
    phone_number_id,
    text_in,
)

LONGEST_TIER: Final = 32
EVENT_OF: Final[Mapping[str, str]] = {
    "message_template_status_update": "event",
    "message_template_quality_update": "new_quality_score",
    "template_category_update": "new_category",
    "message_template_components_update": "",
}
"""The key under which a template's change says what is so now."""
NUMBER_FIELDS: Final = (
    "account_update",
    "account_alerts",
    "account_review_update",
    "account_settings_update",
    "business_capability_update",
    "group_lifecycle_update",
    "group_participant_update",
    "group_participants_update",
    "group_settings_update",
    "group_status_update",
    "phone_number_name_update",
    "phone_number_quality_update",
    "security",
)
EVENTS: Final = ("event", "alert_type", "decision", "type")
"""Where such a change says in one word what it is about."""


class Entry(NamedTuple):
    """Whose changes these are, and when they were sent if that is said."""

    waba_id: str
    time: Any = None

    def at(self) -> datetime | None:
        said = self.time if type(self.time) is int else 0
        return datetime.fromtimestamp(said, UTC) if 0 < said < LATEST else None

    def report_id(self, field: str, value: Any) -> str:
        """The same for what is reported again."""
        told = msgspec.json.encode([self.waba_id, self.time, field, value], order="sorted")
        return blake2b(told, digest_size=12).hexdigest()


def template(entry: Entry, field: str, value: Value) -> Iterator[Item]:
    """A template's status, quality, category or parts."""
    other = value.get("other_info") or value.get("rejection_info")
    parts = [value.get("reason")]
    if isinstance(other, dict):
        parts += [other.get("title"), other.get("description"), other.get("reason")]
    reason = " - ".join(dict.fromkeys(str(p) for p in parts if p and p != "NONE"))
    id_ = value.get("message_template_id", "")
    key = EVENT_OF[field]
    yield TemplateReport(
        entry.waba_id,
        str(id_) if isinstance(id_, str | int) else "",
        text_in(value, "message_template_name"),
        text_in(value, "message_template_language"),
        field,
        text_in(value, key).upper() if key else "",
        reason[:LONGEST_REASON],
        entry.report_id(field, value),
        entry.at(),
        dict(value),
    )


def preferences(entry: Entry, field: str, value: Value) -> Iterator[Item]:
    """Each wish of a change."""
    del entry
    wishes = list_in(value, field)
    for wish in wishes:
        try:
            yield _preference(value, as_object(wish))
        except Wrong as wrong:
            yield NotUnderstood(f"{field}: {wrong}")
    if not wishes:
        yield NotUnderstood(f"{field} is empty")


def _preference(value: Value, wish: Value) -> Item:
    who = person(value, wish, "wa_id")
    details = {key: said for key, said in wish.items() if key != "timestamp"}
    return Preference(
        phone_number_id(value),
        instant_in(wish),
        who,
        text_in(wish, "category"),
        text_in(wish, "value"),
        details | {"sender": who.said},
    )


def number(entry: Entry, field: str, value: Value) -> Iterator[Item]:
    """About one number if it is named, else about all of an account."""
    event = _event(field, value)
    limit = value.get("current_limit")
    yield NumberReport(
        _accounts(entry, value),
        _number_id(value),
        _text(value.get("display_phone_number")),
        field,
        event,
        entry.report_id(field, value),
        entry.at(),
        dict(value),
        quality=_quality(event) if field == "phone_number_quality_update" else "",
        tier=limit[:LONGEST_TIER] if isinstance(limit, str) else "",
        pause=_pause(event, value) if field == "account_update" else "",
    )


def trouble(entry: Entry, field: str, value: Value) -> NumberReport:
    """Errors of a change that has nothing else in it."""
    id_, report_id = phone_number_id(value), entry.report_id(field, value)
    return NumberReport((), id_, "", field, "errors", report_id, entry.at(), dict(value))


def _event(field: str, value: Value) -> str:
    if field == "account_update":
        return text_in(value, "event").upper()
    alert = value.get("alert_info")
    for said in (value, alert if isinstance(alert, dict) else {}):
        for key in EVENTS:
            if word := _text(said.get(key)):
                return word.upper()
    return ""


def _accounts(entry: Entry, value: Value) -> tuple[str, ...]:
    """A partner is told under its own id; then the account meant is named inside."""
    info = value.get("waba_info")
    named = _text(info.get("waba_id")) if isinstance(info, dict) else ""
    return tuple(dict.fromkeys(filter(None, (named, entry.waba_id))))


def _number_id(value: Value) -> str:
    metadata = value.get("metadata")
    if isinstance(metadata, dict):
        return _text(metadata.get("phone_number_id"))
    about_number = value.get("entity_type") in {"PHONE_NUMBER", "PHONE"}
    return _text(value.get("entity_id")) if about_number else ""


def _quality(event: str) -> str:
    """A flag says that quality is low; its end, that it is medium or better."""
    return {"FLAGGED": "RED", "UNFLAGGED": "YELLOW"}.get(event, "")


def _pause(event: str, value: Value) -> str:
    """Why nothing may be sent any more; empty where something may."""
    restrictions = value.get("restriction_info")
    kinds = [
        str(r.get("restriction_type"))
        for r in (restrictions if isinstance(restrictions, list) else ())
        if isinstance(r, dict)
    ]
    ban = value.get("ban_info")
    stops = {
        "ACCOUNT_DELETED": True,
        "ACCOUNT_OFFBOARDED": True,
        "ACCOUNT_RESTRICTION": any(kind.endswith("_MESSAGING") for kind in kinds),
        "DISABLED_UPDATE": isinstance(ban, dict) and ban.get("waba_ban_state") == "DISABLE",
    }
    if not stops.get(event):
        return ""
    return (f"{event}: {', '.join(kinds)}" if kinds else event)[:LONGEST_REASON]


def _text(said: Any) -> str:
    return said[:LONGEST_TEXT] if isinstance(said, str) else ""
