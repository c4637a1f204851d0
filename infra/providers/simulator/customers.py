"""What customers do: write, edit, take back, react, call, read; and what the company does on its
phone. Each deed is a webhook; a script is a list of them, each at its time.
"""

import re
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from infra.providers.simulator.errors import GraphError, invalid
from infra.providers.simulator.messages import BSUID, PHONE
from infra.providers.simulator.numbers import PhoneNumber
from infra.providers.simulator.options import Milliseconds
from infra.providers.simulator.payloads import Sent, contact, status_of, user_id, webhook_body
from infra.providers.simulator.simulator import Simulator

EARLIER: Final = re.compile(r"#([0-9]{1,4})")
LONGEST_SCRIPT: Final = 1000
MEDIA: Final = frozenset({"image", "video", "audio", "document", "sticker"})
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "rings": {"event": "connect"},
    "ends": {"event": "terminate", "status": "COMPLETED"},
    "fails": {"event": "terminate", "status": "FAILED"},
}


class Attached(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that a customer sends; `data` is base64."""

    kind: Literal["image", "video", "audio", "document", "sticker"]
    mime_type: str
    data: bytes
    filename: str = ""


class Deed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`customer` is a phone number, or a business-scoped id where the number stays unknown.

    `message_id` is what a deed is about, `#0` what the script's first deed made. `after_ms` counts
    from when the script was handed in.
    """

    does: Literal["write", "edit", "revoke", "react", "call", "echo", "read", "move", "wish"]
    phone_number_id: str
    customer: str
    name: str = "Test User"
    text: str | None = None
    message: dict[str, Any] | None = None
    file: Attached | None = None
    message_id: str = ""
    emoji: str = ""
    event: Literal["rings", "ends", "fails"] = "rings"
    seconds: int = 0
    new_number: str = ""
    wish: Literal["stop", "resume"] = "stop"
    after_ms: Milliseconds = 0


class Customers:
    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def play(self, deeds: Sequence[Deed]) -> list[str]:
        """Does each at its time; the ids of what each will make, known at once."""
        if not 0 < len(deeds) <= LONGEST_SCRIPT:
            raise GraphError(100, f"A script has 1 to {LONGEST_SCRIPT} deeds, got {len(deeds)}.")
        made: list[str] = []
        bodies = []
        for deed in deeds:
            id_ = self._id(deed, made)
            bodies.append(self._prepared(deed, id_, _about(deed, made)))
            made.append(id_)
        for deed, (number, field, parts) in zip(deeds, bodies, strict=True):
            self._simulator.later(
                deed.after_ms / 1000,
                lambda n=number, f=field, p=parts, d=deed: self._do(d, n, f, p),
            )
        return made

    def _id(self, deed: Deed, made: Sequence[str]) -> str:
        if deed.does == "call":
            return _about(deed, made) or f"wacid.{self._simulator.wamid(deed.customer)[6:]}"
        return self._simulator.wamid(deed.customer)

    def _prepared(
        self, deed: Deed, id_: str, about: str
    ) -> tuple[PhoneNumber, str, dict[str, list[dict[str, Any]]]]:
        """The number, the field, and what is told under it."""
        if not PHONE.fullmatch(deed.customer) and not BSUID.fullmatch(deed.customer):
            raise invalid(f"customer must be a phone number or a user id, got {deed.customer!r}.")
        number = self._simulator.numbers.use(deed.phone_number_id, self._simulator.options)
        who = _who(deed.customer)
        if deed.does == "read":
            return number, "messages", {"statuses": [self._read(number, about)]}
        if deed.does == "wish":
            wish = {"wa_id": who, "category": "marketing_messages", "value": deed.wish}
            return number, "user_preferences", {"user_preferences": [wish]}
        if deed.does == "call":
            return number, "calls", {"calls": [_call(deed, number, who, id_)]}
        echo = deed.does == "echo"
        sides = _sides(who, number, echo=echo)
        item = {**sides, "id": id_, **self._contents(deed, about)}
        if echo:
            return number, "smb_message_echoes", {"message_echoes": [item]}
        return number, "messages", {"messages": [item]}

    def _contents(self, deed: Deed, about: str) -> dict[str, Any]:
        match deed.does:
            case "edit":
                return _of("edit", original_message_id=about, message=self._said(deed))
            case "revoke":
                return _of("revoke", original_message_id=about)
            case "react":
                told = {"message_id": about} | ({"emoji": deed.emoji} if deed.emoji else {})
                return _of("reaction", **told)
            case "move":
                if not PHONE.fullmatch(deed.new_number):
                    raise invalid(f"new_number must be a phone number, got {deed.new_number!r}.")
                new = _who(deed.new_number)
                body = f"User changed from {_who(deed.customer)} to {new}"
                return _of("system", type="user_changed_number", wa_id=new, body=body)
        return self._said(deed)

    def _said(self, deed: Deed) -> dict[str, Any]:
        """A text, a file (the text is its caption), or a message of any kind; a file of ours is
        described from the media store.
        """
        if deed.file is not None and deed.message is None:
            return self._attached(deed.phone_number_id, deed.file, deed.text)
        if (deed.text is None) == (deed.message is None):
            raise GraphError(100, "Give exactly one of text and message, or a file.")
        said = deed.message or {"type": "text", "text": {"body": deed.text}}
        kind = said.get("type")
        file = said.get(kind) if kind in MEDIA else None
        media = self._simulator.media.get(str(file.get("id"))) if isinstance(file, dict) else None
        if media is None or not isinstance(file, dict):
            return said
        return {**said, str(kind): {"mime_type": media.mime_type, "sha256": media.sha256, **file}}

    def _attached(self, number_id: str, file: Attached, caption: str | None) -> dict[str, Any]:
        id_ = self._simulator.new_id()
        media = self._simulator.media.add(id_, number_id, file.mime_type, file.data)
        told = {"id": id_, "mime_type": media.mime_type, "sha256": media.sha256}
        told |= {"caption": caption} if caption else {}
        return _of(file.kind, **told, **({"filename": file.filename} if file.filename else {}))

    def _read(self, number: PhoneNumber, wamid: str) -> dict[str, Any]:
        line = self._simulator.sent(wamid)
        if line is None:
            raise invalid(f"message_id must be the id of a message sent here, got {wamid!r}.")
        sent = Sent(wamid, line.to, number, line.callback_data, "service", False, 0)
        return status_of(sent, "read", int(time.time()))

    def _do(
        self, deed: Deed, number: PhoneNumber, field: str, parts: dict[str, list[dict[str, Any]]]
    ) -> None:
        """The instants are those of now."""
        now, who = time.time(), _who(deed.customer)
        if deed.does in {"edit", "react", "call"}:
            number.inbound_at[who] = now
        stamp: Any = int(now) if field == "user_preferences" else str(int(now))
        if deed.does == "write":
            number.hear(who, parts["messages"][0]["id"], now)
        told = {part: [{"timestamp": stamp, **i} for i in items] for part, items in parts.items()}
        contacts = [] if deed.does == "move" else [contact(who, deed.name)]
        body = webhook_body(number, field, {"contacts": contacts} if contacts else {}, told)
        self._simulator.outbox.put(body)


def _who(customer: str) -> str:
    return customer if "." in customer else "".join(filter(str.isdigit, customer))


def _sides(who: str, number: PhoneNumber, *, echo: bool) -> dict[str, str]:
    theirs = user_id(who) if "." not in who else who
    if echo:
        return {"from": number.display_phone_number, "to": who, "to_user_id": theirs}
    return {"from": who, "from_user_id": theirs}


def _about(deed: Deed, made: Sequence[str]) -> str:
    """The id it names; `#n` is what an earlier deed of the script made."""
    earlier = EARLIER.fullmatch(deed.message_id)
    if earlier is None:
        return deed.message_id
    if int(earlier[1]) >= len(made):
        raise invalid(f"message_id {deed.message_id} names no earlier deed of the script.")
    return made[int(earlier[1])]


def _of(kind: str, **parts: Any) -> dict[str, Any]:
    return {"type": kind, kind: parts}


def _call(deed: Deed, number: PhoneNumber, who: str, id_: str) -> dict[str, Any]:
    sides = {"from": who, "to": number.display_phone_number, "direction": "USER_INITIATED"}
    lasted = {"duration": deed.seconds} if deed.event == "ends" else {}
    return {"id": id_, **sides, **WORDS[deed.event], **lasted}
