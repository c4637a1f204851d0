"""Webhook bodies in the newest shape of the Cloud API."""

import hashlib
import json
import random
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from infra.providers.simulator.errors import webhook_error
from infra.providers.simulator.numbers import PhoneNumber
from infra.providers.simulator.templates import Template

# Calling codes of the countries seen most, for the country in a business-scoped user id.
COUNTRIES = {"1": "US", "33": "FR", "44": "GB", "49": "DE", "55": "BR", "62": "ID", "91": "IN"}

OWN_ENTRY = 0.5  # share of split bodies whose parts get an entry each


class Sent(NamedTuple):
    """An accepted message, as far as its statuses need it."""

    wamid: str
    to: str
    number: PhoneNumber
    callback_data: str | None
    category: str
    billable: bool
    error_code: int


class Status(NamedTuple):
    sent: Sent
    status: str
    at: int
    priced: bool


@lru_cache(maxsize=20_000)
def user_id(wa_id: str) -> str:
    """The business-scoped user id of a phone number; always the same one."""
    country = next((COUNTRIES[wa_id[:n]] for n in (2, 1) if wa_id[:n] in COUNTRIES), "ZZ")
    return f"{country}.{int.from_bytes(hashlib.blake2b(wa_id.encode(), digest_size=6).digest())}"


def contact(to: str, name: str = "Test User", known: bool = True) -> dict[str, Any]:
    if "." in to:
        return {"profile": {"name": name}, "user_id": to}
    shown: dict[str, Any] = {"profile": {"name": name}, "wa_id": to}
    return shown | {"user_id": user_id(to)} if known else shown


def status_of(sent: Sent, status: str, at: int) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": sent.wamid,
        "status": status,
        "timestamp": str(at),
        "recipient_id": sent.to,
    }
    if sent.callback_data is not None:
        item["biz_opaque_callback_data"] = sent.callback_data
    return item


def _status(status: Status) -> dict[str, Any]:
    sent = status.sent
    item = status_of(sent, status.status, status.at)
    if status.status == "failed":
        item["errors"] = [webhook_error(sent.error_code, "Message Undeliverable.")]
    elif status.priced:
        item["pricing"] = {
            "billable": sent.billable,
            "pricing_model": "PMP",
            "category": sent.category,
            "type": "regular" if sent.billable else "free_customer_service",
        }
    return item


def _value(number: PhoneNumber, **parts: Any) -> dict[str, Any]:
    return {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": number.display_phone_number,
            "phone_number_id": number.id,
        },
        **parts,
    }


def _change(statuses: Sequence[Status]) -> dict[str, Any]:
    contacts = {s.sent.to: contact(s.sent.to, known=s.status != "failed") for s in statuses}
    value = _value(
        statuses[0].sent.number,
        contacts=list(contacts.values()),
        statuses=[_status(status) for status in statuses],
    )
    return {"field": "messages", "value": value}


def status_body(statuses: Sequence[Status], spread: float, chance: random.Random) -> bytes:
    """One body: a change per number, split now and then over changes and entries."""
    by_number: dict[str, list[Status]] = {}
    for status in statuses:
        by_number.setdefault(status.sent.number.id, []).append(status)
    entries: list[dict[str, Any]] = []
    for group in by_number.values():
        waba_id = group[0].sent.number.waba_id
        cut = chance.randrange(1, len(group)) if len(group) > 1 and chance.random() < spread else 0
        changes = [_change(part) for part in (group[:cut], group[cut:]) if part]
        if cut and chance.random() < OWN_ENTRY:
            entries += [{"id": waba_id, "changes": [change]} for change in changes]
        else:
            entries.append({"id": waba_id, "changes": changes})
    return orjson.dumps({"object": "whatsapp_business_account", "entry": entries})


def _single(entry: dict[str, Any], field: str, value: dict[str, Any]) -> bytes:
    """Escaped the way Meta escapes, so only a signature check over the raw bytes succeeds."""
    entry = entry | {"changes": [{"field": field, "value": value}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]})
    return body.replace("/", "\\/").encode()


def inbound_body(number: PhoneNumber, name: str, message: dict[str, Any]) -> bytes:
    value = _value(number, contacts=[contact(message["from"], name)], messages=[message])
    return _single({"id": number.waba_id}, "messages", value)


def webhook_body(
    number: PhoneNumber, field: str, around: dict[str, Any], parts: dict[str, Any]
) -> bytes:
    """Items of one number under a field, with what is told beside them."""
    return _single({"id": number.waba_id}, field, _value(number, **around, **parts))


def template_body(template: Template, now: float) -> bytes:
    value = {
        "event": template.status,
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language,
        "message_template_category": template.category,
        "reason": template.reason,
    }
    return _single(
        {"id": template.waba_id, "time": int(now)}, "message_template_status_update", value
    )
