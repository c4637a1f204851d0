"""What customers and the phone itself do: write, react, edit, take back, call."""

import mimetypes
import time
from collections.abc import Callable
from typing import Any, Final

import msgspec

from infra.providers.waha_simulator import payloads
from infra.providers.waha_simulator.payloads import Json
from infra.providers.waha_simulator.simulator import WahaSimulator

ITSELF: Final = "http://localhost:3000"
"""Unless it is told otherwise, WAHA takes this for its own address, wherever it runs."""


class Attached(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that a customer sends; `data` is base64."""

    mime_type: str
    data: bytes
    filename: str | None = None


class Deed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`do` it in the chat with `sender`; with `phone` the company itself does it, on its phone.

    `message` is the id of the one reacted to, edited or taken back; `more` are fields of a message.
    """

    session: str
    sender: str = msgspec.field(name="from")
    do: str = "write"
    name: str = "Test User"
    text: str = ""
    message: str = ""
    phone: bool = False
    file: Attached | None = None
    more: dict[str, Any] = {}


def act(simulator: WahaSimulator, deed: Deed) -> str:
    """The id of what came of it. While the session does not work it is told later."""
    session = simulator.session(deed.session)
    chat = deed.sender if "@" in deed.sender else f"{deed.sender.lstrip('+')}@c.us"
    me = f"{session.linked}@c.us"
    more = {**deed.more, **(_media(simulator, deed.session, deed.file) if deed.file else {})}
    shown = payloads.message(
        chat, me, mine=deed.phone, at=time.time(), body=deed.text, name=deed.name, **more
    )
    events = EVENTS[deed.do](shown, deed)
    if deed.do == "write":
        session.chats.setdefault(chat, []).append(shown)

    def happened() -> None:
        for event, payload in events:
            simulator.report(session, event, payload)

    session.when_working(happened)
    return str(shown["id"])


def _media(simulator: WahaSimulator, session: str, file: Attached) -> Json:
    """It is kept here, and told of under the address that WAHA takes for its own."""
    path = f"{session}/{payloads.key()}{mimetypes.guess_extension(file.mime_type) or ''}"
    simulator.files[path] = (file.mime_type, file.data)
    media = {"url": f"{ITSELF}/api/files/{path}", "mimetype": file.mime_type}
    return {"hasMedia": True, "media": {**media, "filename": file.filename, "error": None}}


Events = list[tuple[str, Json]]


def _write(shown: Json, deed: Deed) -> Events:
    own = [] if deed.phone else [("message", shown)]
    return [*own, ("message.any", shown)]


def _react(shown: Json, deed: Deed) -> Events:
    reaction = {"text": deed.text, "messageId": deed.message}
    return [("message.reaction", shown | {"body": "", "reaction": reaction})]


def _edit(shown: Json, deed: Deed) -> Events:
    return [("message.edited", shown | {"editedMessageId": _key(deed.message)})]


def _revoke(shown: Json, deed: Deed) -> Events:
    said = {"after": shown, "before": None, "revokedMessageId": _key(deed.message)}
    return [("message.revoked", said)]


def _call(step: str) -> Callable[[Json, Deed], Events]:
    def call(shown: Json, deed: Deed) -> Events:
        said = {
            "id": deed.message or _key(shown["id"]),
            "from": shown["from"],
            "timestamp": shown["timestamp"],
            "isVideo": bool(deed.more.get("isVideo")),
            "isGroup": False,
            "_data": {},
        }
        return [(f"call.{step}", said)]

    return call


def _key(id_: str) -> str:
    return id_.rsplit("_", 1)[-1]


EVENTS: dict[str, Callable[[Json, Deed], Events]] = {
    "write": _write,
    "react": _react,
    "edit": _edit,
    "revoke": _revoke,
    "call": _call("received"),
    "accept": _call("accepted"),
    "reject": _call("rejected"),
}
