"""What a webhook body of the Cloud API says: every entry, every change, every item in it.

An item that is not understood, or not of its documented shape, becomes a value that says so; it
never hides its neighbours.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec

from commands.policies.whatsapp_items import (
    AccountReport,
    Item,
    NotAPayload,
    NotUnderstood,
    NumberReport,
    Preference,
    StatusReport,
    TemplateReport,
)
from commands.policies.whatsapp_shape import (
    LONGEST_REASON,
    Value,
    Wrong,
    error_in,
    instant_in,
    kind_of,
    list_in,
    phone_number_id,
    text_in,
)
from domain.message import Observed

LONGEST_TIER: Final = 32
STATUSES: Final[dict[str, Observed]] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
    "played": "played",
}


def parse(body: bytes) -> list[Item]:
    """All items in order. NotAPayload when there is nothing to take apart."""
    try:
        payload = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotAPayload(f"not JSON: {error}") from None
    if not isinstance(payload, dict):
        raise NotAPayload(f"a JSON object was expected, this is {kind_of(payload)}")
    if payload.get("object") != "whatsapp_business_account":
        found = repr(payload["object"])[:60] if "object" in payload else "missing"
        raise NotAPayload(f"object is {found}, 'whatsapp_business_account' was expected")
    entries = payload.get("entry")
    if not isinstance(entries, list) or not entries:
        raise NotAPayload("entry is missing or no filled list")
    return [item for number, entry in enumerate(entries) for item in _entry(entry, number)]


def _entry(entry: Any, number: int) -> Iterable[Item]:
    changes = entry.get("changes") if isinstance(entry, dict) else None
    if not isinstance(changes, list):
        return [NotUnderstood(f"entry[{number}] has no list of changes")]
    return [item for change in changes for item in _change(str(entry.get("id", "")), change)]


def _change(waba_id: str, change: Any) -> Sequence[Item]:
    field = change.get("field") if isinstance(change, dict) else None
    value = change.get("value") if isinstance(change, dict) else None
    if not isinstance(field, str) or not isinstance(value, dict):
        return [NotUnderstood("a change without field and value")]
    reader = READERS.get(field)
    if reader is None:
        return [NotUnderstood(f"not yet understood: {field}/{value.get('event', '*')}"[:200])]
    try:
        return reader(waba_id, value)
    except Wrong as wrong:
        return [NotUnderstood(f"{field}: {wrong}")]


def _messages(waba_id: str, value: Value) -> Sequence[Item]:
    del waba_id
    items: list[Item] = []
    for status in list_in(value, "statuses"):
        try:
            items.append(_status(value, status))
        except Wrong as wrong:
            items.append(NotUnderstood(f"messages/statuses: {wrong}"))
    for inbound in list_in(value, "messages"):
        kind = inbound.get("type", "?") if isinstance(inbound, dict) else "?"
        items.append(NotUnderstood(f"not yet understood: messages/{kind}"[:200]))
    if not items:
        what = "errors" if value.get("errors") else "neither statuses nor messages"
        items.append(NotUnderstood(f"not yet understood: messages/{what}"))
    return items


def _status(value: Value, status: Any) -> Item:
    if not isinstance(status, dict):
        raise Wrong(f"an object was expected, this is {kind_of(status)}")
    name = text_in(status, "status")
    if name not in STATUSES:
        return NotUnderstood(f"not yet understood: messages/statuses/{name}"[:200])
    code, reason = error_in(status)
    callback = status.get("biz_opaque_callback_data")
    return StatusReport(
        phone_number_id(value),
        callback if isinstance(callback, str) else "",
        text_in(status, "id"),
        STATUSES[name],
        instant_in(status),
        code,
        reason,
    )


def _template(waba_id: str, value: Value) -> Sequence[Item]:
    other = value.get("other_info") or value.get("rejection_info")
    parts = [value.get("reason")]
    if isinstance(other, dict):
        parts += [other.get("title"), other.get("description"), other.get("reason")]
    reason = " - ".join(dict.fromkeys(str(p) for p in parts if p and p != "NONE"))
    id_ = value.get("message_template_id", "")
    return [
        TemplateReport(
            waba_id,
            str(id_) if isinstance(id_, str | int) else "",
            text_in(value, "message_template_name"),
            text_in(value, "message_template_language"),
            text_in(value, "event").upper(),
            reason[:LONGEST_REASON],
        )
    ]


def _preferences(waba_id: str, value: Value) -> Sequence[Item]:
    del waba_id
    items: list[Item] = []
    for preference in list_in(value, "user_preferences"):
        try:
            items.append(_preference(value, preference))
        except Wrong as wrong:
            items.append(NotUnderstood(f"user_preferences: {wrong}"))
    return items or [NotUnderstood("user_preferences is empty")]


def _preference(value: Value, preference: Any) -> Item:
    if not isinstance(preference, dict):
        raise Wrong(f"an object was expected, this is {kind_of(preference)}")
    wish = text_in(preference, "value")
    if preference.get("category") != "marketing_messages" or wish not in {"stop", "resume"}:
        return NotUnderstood(f"not yet understood: user_preferences/{wish}"[:200])
    return Preference(phone_number_id(value), text_in(preference, "wa_id"), wish)


def _quality(waba_id: str, value: Value) -> Sequence[Item]:
    tier = value.get("current_limit")
    return [
        NumberReport(
            waba_id,
            text_in(value, "display_phone_number"),
            text_in(value, "event").upper(),
            tier[:LONGEST_TIER] if isinstance(tier, str) else "",
        )
    ]


def _account(waba_id: str, value: Value) -> Sequence[Item]:
    event = text_in(value, "event").upper()
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
        return [NotUnderstood(f"not yet understood: account_update/{event}"[:200])]
    return [
        AccountReport(
            waba_id, (f"{event}: {', '.join(kinds)}" if kinds else event)[:LONGEST_REASON]
        )
    ]


READERS: Final[dict[str, Callable[[str, Value], Sequence[Item]]]] = {
    "messages": _messages,
    "message_template_status_update": _template,
    "user_preferences": _preferences,
    "phone_number_quality_update": _quality,
    "account_update": _account,
}
