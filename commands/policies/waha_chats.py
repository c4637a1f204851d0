"""What WAHA calls people, messages and the states of a session, and what that is to us.

A message's id is `true_CHAT_KEY` or `false_CHAT_KEY`, `true` if the number itself has sent it. Its
chat may be written in two ways, by phone number or by a hidden id, so that of our own messages the
key alone is kept: it is the same in the answer to a send and in all that is reported later.
"""

from typing import Any, Final

from domain.account import SessionStatus
from domain.message import Observed

PERSON: Final = "@c.us"
HIDDEN: Final = "@lid"
_OTHER_NAME: Final = "@s.whatsapp.net"
OURS: Final = "true_"
PARTS: Final = 3

ACKS: Final[dict[int, Observed]] = {-1: "failed", 1: "sent", 2: "delivered", 3: "read", 4: "played"}
"""0 says that it is still on its way to WhatsApp."""

STATUSES: Final[dict[str, SessionStatus]] = {
    "STARTING": "connecting",
    "SCAN_QR_CODE": "scan_qr",
    "PASSKEY_REQUIRED": "scan_qr",
    "PASSKEY_CONFIRMATION_REQUIRED": "scan_qr",
    "WORKING": "working",
    "FAILED": "failed",
    "STOPPED": "stopped",
}


def chat_of(to: str) -> str:
    """The chat with a phone number; an id of a chat stays as it is."""
    return to if "@" in to else f"{to.lstrip('+')}{PERSON}"


def usual(chat: str) -> str:
    """The chat as WAHA itself writes it, whichever engine told."""
    return chat.replace(_OTHER_NAME, PERSON)


def kept(id_: str) -> str:
    """What we keep of an id: the key of our own messages, all of the customers'."""
    parts = id_.split("_")
    return parts[2] if id_.startswith(OURS) and len(parts) >= PARTS else id_


def chat_in(id_: str) -> str:
    """The chat of a customer's message."""
    return id_.split("_")[1] if id_.count("_") >= PARTS - 1 else ""


def whole(kept_id: str, to: str) -> str:
    """The id as WAHA wants to be given it, of a message in the chat with `to`."""
    return kept_id if "_" in kept_id else f"{OURS}{chat_of(to)}_{kept_id}"


def message_id(body: Any) -> str:
    """The kept id in an answer, whichever of WAHA's engines wrote it; empty if there is none."""
    if not isinstance(body, dict):
        return ""
    found = body.get("id")
    if isinstance(found, dict):
        found = found.get("_serialized")
    if isinstance(found, str) and found:
        return kept(found)
    key = body.get("key")
    inner = key.get("id") if isinstance(key, dict) else None
    return inner if isinstance(inner, str) else ""
