"""What a webhook body of WAHA says: one event, of one session.

It becomes the same items as the Cloud API's; what is not understood becomes a value that says so.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from commands.policies.waha_changes import STEPS, call, edited, reaction, revoked
from commands.policies.waha_chats import ACKS, STATUSES, kept
from commands.policies.waha_events import Event, event_of
from commands.policies.waha_items import OwnMessage, SessionReport
from commands.policies.waha_messages import received
from commands.policies.waha_shape import Ignored, chat_in, instant, mine, person_in
from commands.policies.webhook_items import (
    Item,
    MessageItem,
    NotAPayload,
    NotUnderstood,
    StatusReport,
)
from commands.policies.whatsapp_shape import (
    LONGEST_REASON,
    Value,
    Wrong,
    kind_of,
    optional_text,
    text_in,
)
from domain.account import SESSION_NAME

NOBODY_SAYS: Final = "WhatsApp has refused it without a reason"


def parse(body: bytes) -> list[Item]:
    """The item, if there is one. NotAPayload when there is nothing to take apart."""
    try:
        envelope = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotAPayload(f"not JSON: {error}") from None
    if not isinstance(envelope, dict):
        raise NotAPayload(f"a JSON object was expected, this is {kind_of(envelope)}")
    name = envelope.get("event")
    if not isinstance(name, str) or not isinstance(envelope.get("session"), str):
        raise NotAPayload("event or session is missing or no text")
    if not SESSION_NAME.fullmatch(envelope["session"]):
        raise NotAPayload(f"session is {envelope['session'][:80]!r}, which no number of ours has")
    reader = READERS.get(name)
    if reader is None:
        return [NotUnderstood(f"not yet understood: waha/{name}"[:200])]
    try:
        return reader(event_of(name, envelope))
    except Wrong as wrong:
        return [NotUnderstood(f"waha/{name}: {wrong}")]
    except Ignored as ignored:
        return [NotUnderstood(f"ignored: waha/{name} of {ignored}")]


def _message(event: Event) -> list[Item]:
    payload = event.payload
    if mine(payload):
        return _sent(event)
    return [
        MessageItem(
            event.session,
            kept(text_in(payload, "id")),
            instant(payload.get("timestamp"), "timestamp"),
            person_in(payload, "from"),
            received(payload, event.own_id),
        )
    ]


def _sent(event: Event) -> list[Item]:
    """By the API, so by us; or written on the phone."""
    payload = event.payload
    id_, at = kept(text_in(payload, "id")), instant(payload.get("timestamp"), "timestamp")
    if payload.get("source") != "app":
        text, media = optional_text(payload, "body"), payload.get("hasMedia") is True
        status = ACKS.get(_ack(payload)) if "ack" in payload else None
        to = chat_in(payload, "to")
        return [OwnMessage(event.session, id_, to, at, text, media, status)]
    person, content = person_in(payload, "to"), received(payload, event.own_id)
    return [MessageItem(event.session, id_, at, person, content, echo=True)]


def _ack(payload: Value) -> int:
    ack = payload.get("ack")
    if isinstance(ack, bool) or not isinstance(ack, int | float) or ack not in (*ACKS, 0):
        raise Wrong(f"ack is {str(ack)[:40]!r}, -1 to 4 was expected")
    return int(ack)


def _acknowledged(event: Event) -> list[Item]:
    """Of the customers' messages they say what we ourselves have done."""
    payload = event.payload
    if payload.get("participant"):
        raise Ignored("a chat of many")
    status = ACKS.get(_ack(payload))
    if status is None or not mine(payload):
        return []
    reason = NOBODY_SAYS if status == "failed" else ""
    id_ = kept(text_in(payload, "id"))
    return [StatusReport(event.session, "", id_, status, event.at, 0, reason)]


def _session(event: Event) -> list[Item]:
    said = text_in(event.payload, "status")
    status = STATUSES.get(said)
    if status is None:
        return [NotUnderstood(f"not yet understood: waha/session.status/{said}"[:200])]
    data = event.payload.get("data")
    reason = data.get("error") if isinstance(data, dict) else ""
    reason = reason[:LONGEST_REASON] if isinstance(reason, str) else ""
    return [SessionReport(event.session, status, event.at, reason)]


READERS: Final[dict[str, Callable[[Event], list[Item]]]] = {
    "message": _message,
    "message.any": _message,
    "message.ack": _acknowledged,
    "message.reaction": reaction,
    "message.edited": edited,
    "message.revoked": revoked,
    "session.status": _session,
    **dict.fromkeys(STEPS, call),
}
