"""What became of our messages, as the Cloud API tells it, for people and for members of groups."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from commands.policies.webhook_items import Item, NotUnderstood, StatusReport
from commands.policies.whatsapp_people import Contacts, said_of
from commands.policies.whatsapp_shape import (
    Value,
    Wrong,
    as_object,
    error_in,
    instant_in,
    list_in,
    phone_number_id,
    text_in,
)

LONGEST_STATUS: Final = 32
CALLBACK: Final = "biz_opaque_callback_data"
OWN: Final = "msg_"
"""What we send along begins so; what others do is part of what is told."""
TYPED: Final = frozenset({"id", "status", "timestamp"})


def statuses(value: Value) -> Iterator[Item]:
    """Each status of a change."""
    contacts = Contacts(value)
    for status in list_in(value, "statuses"):
        try:
            yield _status(value, as_object(status), contacts)
        except Wrong as wrong:
            yield NotUnderstood(f"messages/statuses: {wrong}")


def _status(value: Value, status: Value, contacts: Contacts) -> Item:
    name = text_in(status, "status")
    if len(name) > LONGEST_STATUS:
        raise Wrong(f"a status of {len(name)} characters, at most {LONGEST_STATUS} were expected")
    code, reason = error_in(status)
    callback = status.get(CALLBACK)
    return StatusReport(
        phone_number_id(value),
        callback if isinstance(callback, str) else "",
        text_in(status, "id"),
        name,
        instant_in(status),
        code,
        reason,
        _details(status, contacts),
        _participant(status),
    )


def _details(status: Value, contacts: Contacts) -> dict[str, Any]:
    """All that has no place of its own."""
    details = {key: said for key, said in status.items() if key not in TYPED}
    if str(details.get(CALLBACK, "")).startswith(OWN):
        del details[CALLBACK]
    told = said_of(contacts.entry(status.get("recipient_id"), status.get("recipient_user_id")))
    return {**details, "recipient": told} if told else details


def _participant(status: Mapping[str, Any]) -> str:
    """Which member of a group it is about."""
    for key in ("recipient_participant_id", "recipient_participant_user_id"):
        member = status.get(key)
        if isinstance(member, str) and member:
            return member[:255]
    return ""
