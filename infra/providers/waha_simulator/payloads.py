"""What the simulator posts and answers: messages, acks, sessions, in WAHA's own form."""

import itertools
import os
import time
from typing import Any

import orjson

Json = dict[str, Any]
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
ENGINE, VERSION = "GOWS", "2026.7.1"
ACK_NAMES = {-1: "ERROR", 0: "PENDING", 1: "SERVER", 2: "DEVICE", 3: "READ", 4: "PLAYED"}

_turns = itertools.count()


def event_id(now_ms: int) -> str:
    """A ULID with WAHA's prefix: sorts by time, and no two are alike."""
    number = (now_ms << 80) | (next(_turns) << 48) | int.from_bytes(os.urandom(6), "big")
    letters = []
    for _ in range(26):
        number, rest = divmod(number, 32)
        letters.append(ALPHABET[rest])
    return "evt_" + "".join(reversed(letters))


def envelope(name: str, session: str, me: Json | None, payload: Json) -> bytes:
    now_ms = time.time_ns() // 1_000_000
    return orjson.dumps(
        {
            "id": event_id(now_ms),
            "timestamp": now_ms,
            "event": name,
            "session": session,
            "metadata": {},
            "me": me,
            "payload": payload,
            "engine": ENGINE,
            "environment": {"tier": "CORE", "version": VERSION},
        }
    )


def key() -> str:
    return "3EB0" + os.urandom(9).hex().upper()


def message(
    chat: str, me: str, *, mine: bool, at: float, body: str = "", name: str = "", **more: Any
) -> Json:
    """A message as WAHA shows it; `more` is what only some have."""
    shown: Json = {
        "id": f"{str(mine).lower()}_{chat}_{more.pop('key', None) or key()}",
        "timestamp": int(at),
        "from": me if mine else chat,
        "fromMe": mine,
        "source": "app",
        "to": chat if mine else me,
        "participant": None,
        "body": body,
        "hasMedia": False,
        "media": None,
        "ack": 0 if mine else 2,
        "ackName": "PENDING" if mine else "DEVICE",
        "location": None,
        "vCards": [],
        "replyTo": None,
        "_data": {"Info": {"PushName": name}},
    }
    return shown | more


def acknowledged(message: Json, ack: int) -> Json:
    return {
        "id": message["id"],
        "from": message["from"],
        "to": message["to"],
        "participant": None,
        "fromMe": message["fromMe"],
        "ack": ack,
        "ackName": ACK_NAMES[ack],
    }
