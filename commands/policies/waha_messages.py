"""What a message that WAHA reports holds: text, file, place, contacts."""

import re
from collections.abc import Mapping
from typing import Any, Final

from commands.policies.waha_chats import kept, usual
from commands.policies.whatsapp_shape import Value, Wrong, kind_of, optional_text
from domain.inbound import InboundKind, Media, Received

KNOWN: Final = frozenset(
    {"id", "timestamp", "from", "to", "fromMe", "body", "_data", "ack", "ackName", "hasMedia"}
    | {"media", "mediaUrl", "editedMessageId"}
)
"""Fields that are read, or are the engine's own view of all the others."""
_FULL_NAME: Final = re.compile(r"^FN(?:;[^:]*)?:(.+?)\r?$", re.MULTILINE)
VOICE: Final = "audio/ogg"
_FAMILIES: Final[Mapping[str, InboundKind]] = {"image": "image", "video": "video", "audio": "audio"}


def received(payload: Value, own_id: str) -> Received:
    """`own_id` is the number itself, as WAHA names it, if the event says so."""
    details = {
        key: said for key, said in payload.items() if key not in KNOWN and said not in (None, [])
    }
    text, answers = optional_text(payload, "body"), _answers(payload, own_id)
    location, cards = payload.get("location"), payload.get("vCards")
    if isinstance(location, dict):
        text = text or str(location.get("description") or location.get("name") or "")
        return Received(kind="location", text=text, details=details, answers=answers)
    if isinstance(cards, list) and cards:
        names = [name for card in cards for name in _FULL_NAME.findall(str(card))]
        shown = ", ".join(names)
        return Received(kind="contacts", text=shown, details=details, answers=answers)
    if payload.get("hasMedia") is True:
        return _file(payload, text, details, answers)
    kind: InboundKind = "text" if text else "unsupported"
    return Received(kind=kind, text=text, details=details, answers=answers)


def _file(payload: Value, text: str, details: dict[str, Any], answers: str) -> Received:
    """Nothing is known of a file that WAHA has not fetched, and of some only that it failed."""
    said = payload.get("media")
    if said is None:
        unfetched = {**details, "hasMedia": True}
        return Received(kind="unsupported", text=text, details=unfetched, answers=answers)
    if not isinstance(said, dict):
        raise Wrong(f"media is {kind_of(said)}, an object was expected")
    mime_type = optional_text(said, "mimetype")
    if error := said.get("error"):
        details = {**details, "media_error": error}
    media = Media(
        url=optional_text(said, "url"),
        mime_type=mime_type,
        filename=optional_text(said, "filename"),
        voice=mime_type.startswith(VOICE),
    )
    kind = _kind(mime_type)
    return Received(kind=kind, text=text, media=media, details=details, answers=answers)


def _kind(mime_type: str) -> InboundKind:
    if mime_type == "image/webp":
        return "sticker"
    return _FAMILIES.get(mime_type.partition("/")[0], "document")


def _answers(payload: Value, own_id: str) -> str:
    """The kept id of the message it quotes, which WAHA names by its key and by who wrote it."""
    quoted = payload.get("replyTo")
    id_ = quoted.get("id") if isinstance(quoted, dict) else quoted
    if not isinstance(id_, str) or not id_:
        return ""
    if "_" in id_:
        return kept(id_)
    author = quoted.get("participant") if isinstance(quoted, dict) else None
    if isinstance(author, str) and own_id and usual(author) == usual(own_id):
        return id_
    return f"false_{usual(str(payload.get('from', '')))}_{id_}"
