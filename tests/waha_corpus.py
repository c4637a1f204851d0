"""Events of WAHA, at least one of every kind that is about people, each list told to a session of its
own; the message of ours that some are about is `OURS`, to Ana.
"""

from tests.waha_bodies import ANA, AT, AT_MS, ME, ack, media, message, reaction

OURS = "3EB0AA"
TARGET = f"true_{ANA}_{OURS}"
HIDDEN = "12345@lid"
CARD = "BEGIN:VCARD\nFN:Bo Li\nTEL:+491\nEND:VCARD"


def _call(seconds, **more):
    said = {"id": "DD", "from": ANA, "timestamp": AT + seconds, "isVideo": True, "isGroup": False}
    return said | {"_data": {}} | more


def _session(status, error=None):
    steps = [{"status": status, "timestamp": AT_MS}]
    return {"status": status, "statuses": steps, "data": error and {"error": error}}


def _revoked(**more):
    return {"after": message("XX"), "before": None, "revokedMessageId": "AA"} | more


_ENDED = {"mediaUrl": "https://waha.test/f"}

EVENTS = {
    "text": [("message", message())],
    "text of any": [("message.any", message(body="any"))],
    "text from a hidden id": [("message", message(chat=HIDDEN))],
    "image": [("message", message(**media("image/jpeg", filename="a.jpg")))],
    "image by its older name": [("message", message(**media("image/jpeg"), **_ENDED))],
    "video that was not fetched": [
        ("message", message(**media("video/mp4", url=None, error={"message": "too large"})))
    ],
    "voice": [("message", message(**media("audio/ogg; codecs=opus"), body=""))],
    "document": [("message", message(**media("application/pdf", filename="a.pdf")))],
    "sticker": [("message", message(**media("image/webp"), body=""))],
    "file that nobody fetches": [("message", message(hasMedia=True, body=""))],
    "place": [
        (
            "message",
            message(location={"latitude": "1", "longitude": "2", "description": "Cafe"}, body=""),
        )
    ],
    "contacts": [("message", message(vCards=[CARD], body=""))],
    "poll": [("message", message(poll={"name": "x", "options": ["a", "b"]}, body=""))],
    "answer": [("message", message(replyTo={"id": OURS, "participant": ME, "body": "Hello"}))],
    "forwarded": [("message", message(isForwarded=True))],
    "from the phone": [("message.any", message("CC", mine=True, body="from the phone"))],
    "by the API": [("message.any", message(OURS, mine=True, source="api", ack=1, body="Hello"))],
    "acks": [
        ("message.ack", ack(number), {"timestamp": AT_MS + 1000 * number})
        for number in (1, 2, 3, 4)
    ],
    "ack that it failed": [("message.ack", ack(-1))],
    "reaction": [("message.reaction", reaction("🙏", TARGET, timestamp=AT + 0.5))],
    "reaction to a customer's": [
        ("message", message()),
        ("message.reaction", reaction("👍", f"false_{ANA}_AA", mine=True)),
    ],
    "reaction taken back": [
        ("message.reaction", reaction("🙏", TARGET)),
        ("message.reaction", reaction("", TARGET, timestamp=AT + 5, id=f"false_{ANA}_R2")),
    ],
    "edit": [
        ("message", message()),
        ("message.edited", message("EE", body="new", timestamp=AT + 5, editedMessageId="AA")),
    ],
    "revocation": [("message", message()), ("message.revoked", _revoked())],
    "revocation with what it was": [
        ("message", message()),
        ("message.revoked", _revoked(before=message(), revokedMessageId=None)),
    ],
    "call": [
        ("call.received", _call(0)),
        ("call.accepted", _call(2)),
        ("call.rejected", _call(9, isVideo=False)),
    ],
    "session at work": [("session.status", _session("WORKING"))],
    "session that waits": [("session.status", _session("SCAN_QR_CODE"))],
    "session that failed": [("session.status", _session("FAILED", "banned"))],
}
