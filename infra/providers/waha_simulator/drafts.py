"""Requests that send, checked as WAHA checks them, and the message that comes of each."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple

import orjson

from infra.providers.waha_simulator.errors import refused
from infra.providers.waha_simulator.payloads import Json

PEOPLE = ("@c.us", "@lid")


class Draft(NamedTuple):
    """What is to be sent; `shown` is how the chat shows it. `sha256`: of the file it brings."""

    kind: str
    session: str
    chat: str
    shown: Json
    sha256: str = ""

    @property
    def voice(self) -> bool:
        return self.kind == "sendVoice"

    def essence(self) -> bytes:
        """The words, not who gets them."""
        shown = {key: self.shown.get(key) for key in ("body", "location", "vCards")}
        return orjson.dumps(shown, option=orjson.OPT_SORT_KEYS)


def object_in(raw: bytes) -> Json:
    try:
        body = orjson.loads(raw or b"{}")
    except orjson.JSONDecodeError as error:
        raise refused(400, f"Unexpected token in JSON: {error}") from None
    if not isinstance(body, dict):
        raise refused(400, "the body must be an object")
    return body


def draft(kind: str, body: Json) -> Draft:
    """One message of that endpoint. 400 with every thing that is wrong."""
    session, chat = _text(body, "session"), chat_of(body)
    shown = SHOWN[kind](body)
    if quoted := body.get("reply_to"):
        shown["replyTo"] = {"id": str(quoted).rsplit("_", 1)[-1], "participant": None}
    return Draft(kind, session, chat, shown, _sha256(body))


def chat_of(body: Json) -> str:
    chat = _text(body, "chatId")
    if not chat.endswith(PEOPLE):
        raise refused(400, [f"chatId must be the chat of a person, got {chat[:60]!r}"])
    return chat


def _text(body: Json, key: str) -> str:
    found = body.get(key)
    if not isinstance(found, str) or not found:
        raise refused(400, [f"{key} must be a string"])
    return found


def _file(body: Json) -> Json:
    file = body.get("file")
    if not isinstance(file, dict) or not (file.get("url") or file.get("data")):
        raise refused(400, ["file must have a url or data"])
    if not isinstance(file.get("mimetype"), str):
        raise refused(400, ["file.mimetype must be a string"])
    caption = body.get("caption") or ""
    media = {"url": file.get("url"), "mimetype": file["mimetype"], "error": None}
    return {"body": caption, "hasMedia": True, "media": media | {"filename": file.get("filename")}}


def _sha256(body: Json) -> str:
    """Of the bytes in the body; 400 if they are not base64."""
    file = body.get("file")
    data = file.get("data") if isinstance(file, dict) else None
    if not data:
        return ""
    try:
        return hashlib.sha256(base64.b64decode(data, validate=True)).hexdigest()
    except (TypeError, ValueError):
        raise refused(400, ["file.data must be base64"]) from None


def _location(body: Json) -> Json:
    found = {key: body.get(key) for key in ("latitude", "longitude")}
    if not all(isinstance(n, int | float) for n in found.values()):
        raise refused(400, ["latitude and longitude must be numbers"])
    return {"location": {**found, "description": body.get("title")}}


def _contacts(body: Json) -> Json:
    contacts = body.get("contacts")
    if not isinstance(contacts, list) or not contacts:
        raise refused(400, ["contacts must be a filled array"])
    return {"vCards": [_card(contact) for contact in contacts]}


def _card(contact: Any) -> str:
    if isinstance(contact, dict) and contact.get("vcard"):
        return str(contact["vcard"])
    if not isinstance(contact, dict) or not contact.get("fullName"):
        raise refused(400, ["contacts.fullName must be a string"])
    name, phone = contact["fullName"], contact.get("phoneNumber", "")
    return f"BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nTEL;type=CELL:{phone}\nEND:VCARD"


def _buttons(body: Json) -> Json:
    buttons = body.get("buttons")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 4:  # noqa: PLR2004
        raise refused(400, ["buttons must have 1 to 4 elements"])
    return {"body": _text(body, "body")}


SHOWN: dict[str, Callable[[Json], Json]] = {
    "sendText": lambda body: {"body": _text(body, "text")},
    "sendImage": _file,
    "sendVideo": _file,
    "sendVoice": _file,
    "sendFile": _file,
    "sendLocation": _location,
    "sendContactVcard": _contacts,
    "sendButtons": _buttons,
}
