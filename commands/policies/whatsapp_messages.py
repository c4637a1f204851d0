"""What people wrote, edited, took back and reacted with, and what the company wrote on its phone."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args

import msgspec

from commands.policies.webhook_items import (
    EditItem,
    Item,
    MessageItem,
    NotUnderstood,
    Person,
    ReactionItem,
    RevokeItem,
)
from commands.policies.whatsapp_people import PARTIES, person, phone_of
from commands.policies.whatsapp_shape import (
    Value,
    Wrong,
    as_object,
    instant_in,
    list_in,
    object_in,
    optional_text,
    phone_number_id,
    text_in,
)
from domain.inbound import InboundKind, Media, Received

LARGEST: Final = 256 * 1024
"""Bytes of one message; the longest text there can be is a sixtieth of it."""
LONGEST_EMOJI: Final = 64
KINDS: Final = frozenset(get_args(InboundKind)) - {"unsupported"}
FILES: Final = frozenset({"image", "video", "audio", "document", "sticker"})
MOVED: Final = frozenset({"user_changed_number", "customer_changed_number"})
ENVELOPE: Final = PARTIES | {"id", "timestamp", "type"}
SHOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "text": ("body",),
    "image": ("caption",),
    "video": ("caption",),
    "document": ("caption",),
    "location": ("name", "address"),
    "button": ("text",),
    "order": ("text",),
    "system": ("body",),
}
"""Where a kind has what its reader sees; the first that is not empty."""
CHOSEN: Final = ("title", "body", "response")
"""The same of what an interactive message was answered with."""


def written(value: Value) -> Iterator[Item]:
    """The messages of the customers in a change."""
    for item in list_in(value, "messages"):
        yield _item(value, item, "messages", echo=False)


def echoed(value: Value) -> Iterator[Item]:
    """What the company wrote on its phone."""
    for item in list_in(value, "message_echoes"):
        yield _item(value, item, "smb_message_echoes", echo=True)


def _item(value: Value, item: Any, field: str, *, echo: bool) -> Item:
    try:
        _check_size(as_object(item))
        who = person(value, item, *(("to", "from") if echo else ("from", "to")))
        return _read(value, item, who, echo=echo)
    except Wrong as wrong:
        kind = item.get("type", "?") if isinstance(item, dict) else "?"
        return NotUnderstood(f"{field}/{kind}: {wrong}"[:400])


def _check_size(item: Value) -> None:
    size = len(msgspec.json.encode(item))
    if size > LARGEST:
        raise Wrong(f"a message has {size} bytes, at most {LARGEST} were expected")


def _read(value: Value, item: Value, who: Person, *, echo: bool) -> Item:
    number, id_, at = phone_number_id(value), text_in(item, "id"), instant_in(item)
    match text_in(item, "type"):
        case "reaction":
            reaction = object_in(item, "reaction")
            emoji = optional_text(reaction, "emoji")[:LONGEST_EMOJI]
            return ReactionItem(number, id_, at, who, text_in(reaction, "message_id"), emoji, echo)
        case "edit":
            edit = object_in(item, "edit")
            content = received(object_in(edit, "message"), _rest(item, "edit"))
            original = text_in(edit, "original_message_id")
            return EditItem(number, original, at, who, content, id_, echo)
        case "revoke":
            original = text_in(object_in(item, "revoke"), "original_message_id")
            return RevokeItem(number, original, at, who, id_, echo)
    more = {"errors": value["errors"]} if value.get("errors") else {}
    return MessageItem(number, id_, at, who, received(item, more), echo, _moved_to(item))


def _rest(item: Value, kind: str) -> dict[str, Any]:
    return {key: said for key, said in item.items() if key not in ENVELOPE and key != kind}


def received(item: Value, more: Mapping[str, Any]) -> Received:
    """The contents of a message; `more` is said beside it."""
    name = text_in(item, "type")
    details = {**more, **{key: said for key, said in item.items() if key not in ENVELOPE}}
    if name not in KINDS:
        details |= {"type": name}
        return Received(kind="unsupported", details=details, answers=_answers(item))
    kind: InboundKind = name  # type: ignore[assignment]
    body = _body(item, name)
    shown, payload = _shown(name, body)
    if name == "text" and body.keys() == {"body"}:
        del details["text"]  # it is all shown
    media = _media(body) if name in FILES else None
    return Received(
        kind=kind,
        text=shown,
        media=media,
        details=details,
        answers=_answers(item),
        payload=payload,
    )


def _body(item: Value, name: str) -> Value:
    """The object of its kind; a list of people's cards stands under its own name."""
    if name == "contacts":
        return {"contacts": list_in(item, "contacts")}
    return object_in(item, name) if name in item else {}


def _shown(name: str, body: Value) -> tuple[str, str]:
    """What its reader sees, and what it carries for machines."""
    if name == "contacts":
        return ", ".join(filter(None, map(_card, body["contacts"]))), ""
    if name == "interactive":
        chosen = body.get(optional_text(body, "type"))
        answer = chosen if isinstance(chosen, dict) else {}
        return _first(answer, CHOSEN), optional_text(answer, "id")
    payload = optional_text(body, "payload") if name == "button" else ""
    return _first(body, SHOWN.get(name, ())), payload


def _first(body: Value, keys: tuple[str, ...]) -> str:
    return next((text for key in keys if (text := optional_text(body, key))), "")


def _card(card: Any) -> str:
    name = card.get("name") if isinstance(card, dict) else None
    return optional_text(name, "formatted_name") if isinstance(name, dict) else ""


def _media(body: Value) -> Media:
    return Media(
        media_id=optional_text(body, "id"),
        url=optional_text(body, "url"),
        mime_type=optional_text(body, "mime_type"),
        sha256=optional_text(body, "sha256"),
        filename=optional_text(body, "filename"),
        voice=body.get("voice") is True,
        animated=body.get("animated") is True,
    )


def _answers(item: Value) -> str:
    context = item.get("context")
    return optional_text(context, "id") if isinstance(context, dict) else ""


def _moved_to(item: Value) -> str:
    """The number a person has from now on, where that is what is told."""
    told = item.get("system")
    if not isinstance(told, dict) or told.get("type") not in MOVED:
        return ""
    return phone_of(told.get("wa_id")) or phone_of(told.get("new_wa_id"))
