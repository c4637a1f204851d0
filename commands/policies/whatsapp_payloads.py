"""What a webhook body of the Cloud API says: every entry, every change, every item in it.

An item that is not understood, or not of its documented shape, becomes a value that says so; it
never hides its neighbours.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import msgspec

from commands.policies import whatsapp_reports as reports
from commands.policies.webhook_items import Item, NotAPayload, NotUnderstood
from commands.policies.whatsapp_calls import calls
from commands.policies.whatsapp_messages import echoed, written
from commands.policies.whatsapp_reports import EVENT_OF, NUMBER_FIELDS, Entry
from commands.policies.whatsapp_shape import Value, Wrong, kind_of
from commands.policies.whatsapp_statuses import statuses

Reader = Callable[[Entry, str, Value], Iterator[Item]]


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
    whose = Entry(str(entry.get("id", "")), entry.get("time"))
    return [item for change in changes for item in _change(whose, change)]


def _change(entry: Entry, change: Any) -> Iterator[Item]:
    field = change.get("field") if isinstance(change, dict) else None
    value = change.get("value") if isinstance(change, dict) else None
    if not isinstance(field, str) or not isinstance(value, dict):
        yield NotUnderstood("a change without field and value")
        return
    reader = READERS.get(field)
    if reader is None:
        yield NotUnderstood(f"not yet understood: {field}/{value.get('event', '*')}"[:200])
        return
    try:
        yield from reader(entry, field, value)
    except Wrong as wrong:
        yield NotUnderstood(f"{field}: {wrong}")


def _messages(entry: Entry, field: str, value: Value) -> Iterator[Item]:
    nothing = True
    for item in (*statuses(value), *written(value)):
        nothing = False
        yield item
    if nothing and value.get("errors"):
        yield reports.trouble(entry, field, value)
    elif nothing:
        yield NotUnderstood(f"not yet understood: {field}/neither statuses nor messages")


def _echoes(entry: Entry, field: str, value: Value) -> Iterator[Item]:
    del entry
    items = [*echoed(value)]
    yield from items or [NotUnderstood(f"{field} is empty")]


def _calls(entry: Entry, field: str, value: Value) -> Iterator[Item]:
    items = [*calls(value)]
    if not items and value.get("errors"):
        items = [reports.trouble(entry, field, value)]
    yield from items or [NotUnderstood(f"{field} is empty")]


READERS: Final[dict[str, Reader]] = {
    "messages": _messages,
    "smb_message_echoes": _echoes,
    "calls": _calls,
    "user_preferences": reports.preferences,
    **dict.fromkeys(EVENT_OF, reports.template),
    **dict.fromkeys(NUMBER_FIELDS, reports.number),
}
