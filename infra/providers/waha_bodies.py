"""Requests that send: which of WAHA's endpoints takes a kind of content, and how it is worded.

WAHA knows no templates: the body of one, filled in, is sent as plain text or as a caption.
"""

import mimetypes
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from commands.policies.ports import Outbound
from commands.policies.waha_chats import chat_of, whole
from domain.file_heads import plain
from domain.message import Attached, Content

Json = dict[str, Any]


class Wanted(NamedTuple):
    """One request to the API."""

    method: str
    path: str
    body: Json


class CannotSend(Exception):
    """WAHA has nothing for that; the message says what, and what would be right."""


def wanted(outbound: Outbound) -> Wanted:
    """How the message is sent. CannotSend before anything has left."""
    content = outbound.content
    if content.kind == "reaction":
        return Wanted("PUT", "reaction", _reaction(outbound))
    maker = MAKERS.get(content.kind)
    if maker is None:
        raise CannotSend(
            f"WAHA has no way to send a {content.kind}; it can send "
            f"{', '.join(sorted({*MAKERS, 'reaction'}))}"
        )
    path, body = maker(content)
    about = {"session": outbound.phone_number_id, "chatId": chat_of(outbound.to)}
    if content.answers:
        about["reply_to"] = whole(content.answers, outbound.to)
    return Wanted("POST", path, about | body)


def _text(content: Content) -> tuple[str, Json]:
    return "sendText", {"text": content.text, "linkPreview": False}


def _template(content: Content) -> tuple[str, Json]:
    if content.header_kind in FILES:
        return _file(content.header_kind, content)
    return _text(content)


FILES: Final[Mapping[str, str]] = {
    "image": "sendImage",
    "video": "sendVideo",
    "audio": "sendVoice",
    "document": "sendFile",
}


def _file(kind: str, content: Content) -> tuple[str, Json]:
    if content.file is None:
        raise CannotSend(
            "WAHA would fetch a linked file from within this installation's network, so no link is "
            "handed to it; upload the file (POST /v1/files), and send it by its file_id"
        )
    path, body = FILES[kind], {"file": _own(content, content.file)}
    if kind == "audio":
        return path, body | {"convert": True}  # a voice message is opus, whatever comes
    return path, body | ({"caption": content.text} if content.text else {})


def _own(content: Content, file: Attached) -> Json:
    """The file goes along; its bytes are put in where they leave."""
    kind_of_file = file.mime_type
    ending = mimetypes.guess_extension(plain(kind_of_file)) or ""
    return {"mimetype": kind_of_file, "filename": content.filename or f"{content.kind}{ending}"}


def _location(content: Content) -> tuple[str, Json]:
    details = content.details
    title = ", ".join(filter(None, (details.get("name"), details.get("address"))))
    where = {name: details[name] for name in ("latitude", "longitude")}
    return "sendLocation", {**where, "title": title}


def _contacts(content: Content) -> tuple[str, Json]:
    contacts = [_contact(contact) for contact in content.details.get("contacts", ())]
    return "sendContactVcard", {"contacts": contacts}


def _contact(contact: Mapping[str, Any]) -> Json:
    phones = contact.get("phones") or [{}]
    shown: Json = {
        "fullName": contact["name"]["formatted_name"],
        "phoneNumber": phones[0].get("phone", ""),
        "vcard": None,
    }
    if company := (contact.get("org") or {}).get("company"):
        shown["organization"] = company
    if wa_id := phones[0].get("wa_id"):
        shown["whatsappId"] = wa_id
    return shown


def _buttons(content: Content) -> tuple[str, Json]:
    details = content.details
    buttons = [{"type": "reply", "text": b["title"], "id": b["id"]} for b in details["buttons"]]
    frame = {name: details[name] for name in ("header", "footer") if details.get(name)}
    return "sendButtons", {**frame, "body": content.text, "buttons": buttons}


def _reaction(outbound: Outbound) -> Json:
    details = outbound.content.details
    return {
        "session": outbound.phone_number_id,
        "messageId": whole(details["message_id"], outbound.to),
        "reaction": details.get("emoji", ""),
    }


MAKERS: Final[Mapping[str, Callable[[Content], tuple[str, Json]]]] = {
    "text": _text,
    "template": _template,
    "location": _location,
    "contacts": _contacts,
    "buttons": _buttons,
    **{kind: lambda content, kind=kind: _file(kind, content) for kind in FILES},
}
