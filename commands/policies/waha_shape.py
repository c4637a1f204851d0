"""Reading single values out of WAHA's events, strictly: a wrong one is named."""

import re
from datetime import UTC, datetime
from typing import Any, Final

from commands.policies.waha_chats import HIDDEN, PERSON, usual
from commands.policies.webhook_items import Person
from commands.policies.whatsapp_shape import LATEST, Value, Wrong, kind_of, text_in
from domain.refusals import NAME_LENGTH

MILLISECONDS: Final = 100_000_000_000
"""From here on a number is milliseconds: as seconds it would be in the year 5138."""
_PERSON: Final = re.compile(rf"([1-9][0-9]{{6,14}}){PERSON}")
_HIDDEN: Final = re.compile(rf"[0-9]{{1,40}}{HIDDEN}")
_NAMES: Final = ("notifyName", "pushName")


class Ignored(Exception):
    """It is about something we have nothing to do with; the message says about what."""


def instant(found: Any, key: str) -> datetime:
    """Seconds or milliseconds since 1970, whole or not."""
    if (
        isinstance(found, bool)
        or not isinstance(found, int | float)
        or not 0 < found < LATEST * 1e3
    ):
        raise Wrong(f"{key} is {str(found)[:40]!r}, seconds or milliseconds were expected")
    seconds = found / 1000 if found >= MILLISECONDS else found
    if not 0 < seconds < LATEST:
        raise Wrong(f"{key} is {str(found)[:40]!r}, which is beyond the year 3000")
    return datetime.fromtimestamp(seconds, UTC)


def chat_in(payload: Value, key: str) -> str:
    """The chat with one person. Ignored for groups, channels and status updates."""
    chat = usual(text_in(payload, key))
    if _PERSON.fullmatch(chat) or _HIDDEN.fullmatch(chat):
        return chat
    kind = chat.rpartition("@")[2]
    if kind in {"g.us", "newsletter", "broadcast"}:
        raise Ignored(f"a chat of many ({kind})")
    raise Wrong(f"{key} is {chat[:60]!r}, the chat of a person was expected")


def person_in(payload: Value, key: str) -> Person:
    """Whose chat it is: by phone number, or by the hidden id that WhatsApp shows instead."""
    chat = chat_in(payload, key)
    found = _PERSON.fullmatch(chat)
    identifier = ("phone", f"+{found[1]}") if found else ("waha", chat)
    return Person((identifier,), _name(payload), {key: chat})  # type: ignore[arg-type]


def mine(payload: Value) -> bool:
    """Whether the number itself has done it."""
    said = payload.get("fromMe", False)
    if not isinstance(said, bool):
        raise Wrong(f"fromMe is {kind_of(said)}, a truth value was expected")
    return said


def _name(payload: Value) -> str:
    """As the person calls itself; each of WAHA's engines has another place for it."""
    raw = payload.get("_data")
    raw = raw if isinstance(raw, dict) else {}
    info = raw.get("Info")
    found = [raw.get(name) for name in _NAMES]
    found.append(info.get("PushName") if isinstance(info, dict) else None)
    name = next((one for one in found if isinstance(one, str)), "")
    return name.strip()[:NAME_LENGTH].strip()
