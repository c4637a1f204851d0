"""What webhook payloads name: numbers, templates, messages of ours. Each payload gets its own.

Recorded payloads use the same ids for different things, so ids of accounts and numbers are made
different before they are fed.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from infra.webhook_feed import Payload, encoded

Json = Mapping[str, Any]
TEMPLATE: Final = "message_template_name"


class Told(NamedTuple):
    """A change of a payload: the account it came for, when, and what it says."""

    waba_id: str
    time: Any
    field: str
    value: Json


class NumberNamed(NamedTuple):
    phone_number_id: str
    waba_id: str
    shown: str


class TemplateNamed(NamedTuple):
    """It is of the account's number of that id."""

    phone_number_id: str
    name: str
    language: str
    provider_id: str


class MessageNamed(NamedTuple):
    """One that has left from that number, to somebody who is named by a phone number or not."""

    phone_number_id: str
    wamid: str
    to: str = ""


class Distinct(NamedTuple):
    """A payload with accounts and numbers that no other payload names."""

    name: str
    content: Any

    @property
    def payload(self) -> Payload:
        return Payload(self.name, encoded(self.content))


def distinct(payload: Payload, n: int) -> Distinct:
    decoded = json.loads(payload.body)
    ids = {told.waba_id for told in changes(decoded)}
    for told in changes(decoded):
        ids |= {_metadata(told).get("phone_number_id"), _account(told)}
    ours = {i for i in ids if isinstance(i, str) and i}
    return Distinct(payload.name, _renamed(decoded, ours, f"-{n}"))


def as_one(payloads: Sequence[Distinct]) -> Payload:
    """One body that holds every entry of all of them."""
    entries = [entry for one in payloads for entry in one.content.get("entry", ())]
    return Payload("all", encoded({**payloads[0].content, "entry": entries}))


def changes(decoded: Any) -> Iterator[Told]:
    """Every change of every entry that has the documented shape."""
    entries = decoded.get("entry") if isinstance(decoded, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        for change in entry.get("changes", ()) if isinstance(entry, dict) else ():
            if isinstance(change, dict) and isinstance(change.get("value"), dict):
                field = str(change.get("field"))
                yield Told(str(entry.get("id", "")), entry.get("time"), field, change["value"])


def number_of(told: Told) -> NumberNamed:
    """The number it is about; where none is named, one that stands for the account."""
    metadata = _metadata(told)
    waba_id = _account(told) or told.waba_id
    shown = metadata.get("display_phone_number") or told.value.get("display_phone_number")
    id_ = metadata.get("phone_number_id")
    if told.value.get("entity_type") == "PHONE_NUMBER":
        id_ = told.value.get("entity_id")
    return NumberNamed(str(id_ or f"of-{waba_id}"), waba_id, str(shown or "+15550000000"))


def templates_of(told: Told) -> Iterator[TemplateNamed]:
    if TEMPLATE in told.value:
        language = str(told.value.get("message_template_language"))
        provider_id = str(told.value.get("message_template_id", ""))
        id_ = number_of(told).phone_number_id
        yield TemplateNamed(id_, str(told.value[TEMPLATE]), language, provider_id)


def messages_of(told: Told) -> Iterator[MessageNamed]:
    """Those whose statuses are told, or that somebody reacts to."""
    id_ = number_of(told).phone_number_id
    if told.field == "messages":
        for status in told.value.get("statuses", ()):
            yield MessageNamed(id_, str(status["id"]), str(status.get("recipient_id")))
    for part, side in (("messages", "from"), ("message_echoes", "to")):
        for item in told.value.get(part, ()):
            if item.get("type") == "reaction":
                yield MessageNamed(id_, str(item["reaction"]["message_id"]), str(item.get(side)))


def _metadata(told: Told) -> Json:
    metadata = told.value.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _account(told: Told) -> str:
    """A partner is told of other accounts than its own."""
    info = told.value.get("waba_info")
    return str(info.get("waba_id", "")) if isinstance(info, dict) else ""


def _renamed(said: Any, ids: set[str], end: str) -> Any:
    if isinstance(said, dict):
        return {key: _renamed(value, ids, end) for key, value in said.items()}
    if isinstance(said, list):
        return [_renamed(value, ids, end) for value in said]
    return f"{said}{end}" if isinstance(said, str) and said in ids else said
