"""Events as WAHA posts them, with contents of our own."""

import itertools
import json

ANA, ME, SHOP = "4915500000001@c.us", "15550000002@c.us", "shop"
AT, AT_MS = 1_800_000_000, 1_800_000_000_250
_numbers = itertools.count(1)


def event(name, payload, session=SHOP, **more):
    envelope = {
        "id": f"evt_01h{next(_numbers):06}",
        "timestamp": AT_MS,
        "event": name,
        "session": session,
        "metadata": {},
        "me": {"id": ME, "pushName": "Biz"},
        "payload": payload,
        "engine": "GOWS",
        "environment": {"tier": "CORE", "version": "2026.7.1"},
    }
    return json.dumps(envelope | more).encode()


def message(key="AA", *, mine=False, chat=ANA, **more):
    return {
        "id": f"{str(mine).lower()}_{chat}_{key}",
        "timestamp": AT,
        "from": ME if mine else chat,
        "fromMe": mine,
        "source": "app",
        "to": chat if mine else ME,
        "participant": None,
        "body": "hi",
        "hasMedia": False,
        "media": None,
        "ack": 2,
        "ackName": "DEVICE",
        "location": None,
        "vCards": [],
        "replyTo": None,
        "_data": {"Info": {"PushName": "Ana"}},
    } | more


def ack(number, key="3EB0AA", *, mine=True, chat=ANA, **more):
    return {
        "id": f"{str(mine).lower()}_{chat}_{key}",
        "from": ME if mine else chat,
        "to": chat if mine else ME,
        "participant": None,
        "fromMe": mine,
        "ack": number,
        "ackName": "X",
    } | more


def reaction(emoji, target, *, mine=False, **more):
    said = {"text": emoji, "messageId": target}
    return message("RR", mine=mine, body="", reaction=said) | more


def media(mimetype, **more):
    found = {"url": "https://waha.test/f", "mimetype": mimetype, "filename": None, "error": None}
    return {"hasMedia": True, "media": found | more}
