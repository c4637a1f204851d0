"""What each event of WAHA says, read into the same items as the Cloud API's."""

import json
from datetime import UTC, datetime

import pytest

from commands.policies.waha_items import OwnMessage, SessionReport
from commands.policies.waha_payloads import parse
from commands.policies.webhook_items import (
    CallItem,
    EditItem,
    MessageItem,
    NotAPayload,
    NotUnderstood,
    ReactionItem,
    RevokeItem,
    StatusReport,
)
from domain.inbound import Media, Received
from tests.waha_bodies import ANA, AT, AT_MS, ME, SHOP, ack, event, media, message, reaction

SECOND = datetime.fromtimestamp(AT, UTC)
INSTANT = datetime.fromtimestamp(AT_MS / 1000, UTC)
PERSON = (("phone", "+4915500000001"),)


def only(name, payload, **more):
    (item,) = parse(event(name, payload, **more))
    return item


def not_understood(name, payload, **more):
    item = only(name, payload, **more)
    assert isinstance(item, NotUnderstood), item
    return item.what


@pytest.mark.parametrize("name", ["message", "message.any"])
def test_a_customer_writes(name):
    item = only(name, message())
    assert item[:3] == (SHOP, f"false_{ANA}_AA", SECOND)
    assert (item.person.identifiers, item.person.name) == (PERSON, "Ana")
    assert item.content == Received(kind="text", text="hi", details={"source": "app"})
    assert (type(item), item.echo) == (MessageItem, False)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ({"notifyName": " Bo "}, "Bo"),
        ({"pushName": "Cy"}, "Cy"),
        ({}, ""),
        (None, ""),
        ({"pushName": 7, "Info": []}, ""),
    ],
)
def test_every_engine_has_its_place_for_the_name(data, name):
    assert only("message", message(_data=data)).person.name == name


def test_a_hidden_id_is_an_identifier_of_its_own():
    item = only("message", message(chat="12345@lid"))
    assert item.person.identifiers == (("waha", "12345@lid"),)
    assert only("message", message(chat="491550000002@s.whatsapp.net")).person.identifiers == (
        ("phone", "+491550000002"),
    )


@pytest.mark.parametrize(
    ("more", "kind", "text", "file"),
    [
        (media("image/jpeg"), "image", "hi", Media(url="https://waha.test/f", mime_type="image/jpeg")),
        (media("video/mp4", url=None, error="too large"), "video", "hi", Media(mime_type="video/mp4")),
        (
            media("audio/ogg; codecs=opus"),
            "audio",
            "hi",
            Media(url="https://waha.test/f", mime_type="audio/ogg; codecs=opus", voice=True),
        ),
        (
            media("application/pdf", filename="a.pdf"),
            "document",
            "hi",
            Media(url="https://waha.test/f", mime_type="application/pdf", filename="a.pdf"),
        ),
        (media("image/webp"), "sticker", "hi", Media(url="https://waha.test/f", mime_type="image/webp")),
        ({"hasMedia": True}, "unsupported", "hi", None),
        ({"location": {"latitude": "1", "longitude": "2"}, "body": ""}, "location", "", None),
        (
            {"vCards": ["BEGIN:VCARD\nFN:Bo Li\nEND:VCARD", "FN;CHARSET=UTF-8:Cy"]},
            "contacts",
            "Bo Li, Cy",
            None,
        ),
        ({"body": None}, "unsupported", "", None),
    ],
)  # fmt: skip
def test_what_a_message_holds(more, kind, text, file):
    content = only("message", message(**more)).content
    assert (content.kind, content.text, content.media) == (kind, text, file)


def test_nothing_that_was_said_of_a_message_is_lost():
    place = {"latitude": "1", "longitude": "2"}
    failed = media("image/png", error={"message": "gone"})
    assert only("message", message(location=place)).content.details["location"] == place
    assert only("message", message(**failed)).content.details["media_error"] == {"message": "gone"}
    assert only("message", message(hasMedia=True)).content.details["hasMedia"] is True
    assert only("message", message(poll={"name": "x"})).content.details["poll"] == {"name": "x"}


@pytest.mark.parametrize(
    ("quoted", "answers"),
    [
        ({"id": "BB", "participant": ANA}, f"false_{ANA}_BB"),
        ({"id": "3EB0AA", "participant": ME}, "3EB0AA"),
        ({"id": f"true_{ANA}_3EB0AA"}, "3EB0AA"),
        ({"id": None}, ""),
        (None, ""),
    ],
)
def test_the_message_it_quotes(quoted, answers):
    assert only("message", message(replyTo=quoted)).content.answers == answers


def test_what_is_written_on_the_phone_is_an_echo_and_what_the_api_sent_is_our_own():
    echo = only("message.any", message("CC", mine=True))
    assert (type(echo), echo.echo, echo.provider_id) == (MessageItem, True, "CC")
    assert echo.person.identifiers == PERSON
    own = only("message.any", message("3EB0AA", mine=True, source="api", ack=1))
    assert own == OwnMessage(SHOP, "3EB0AA", ANA, SECOND, "hi", False, "sent")
    pending = only("message.any", message("3EB0AA", mine=True, source="api", ack=0))
    assert pending.status is None


@pytest.mark.parametrize(
    ("number", "status"),
    [(-1, "failed"), (1, "sent"), (2, "delivered"), (3, "read"), (4, "played")],
)
def test_acks_are_statuses_at_the_instant_of_the_envelope(number, status):
    item = only("message.ack", ack(number))
    assert isinstance(item, StatusReport)
    assert item[:5] == (SHOP, "", "3EB0AA", status, INSTANT)
    assert bool(item.reason) == (number == -1)


def test_an_ack_says_the_same_however_the_chat_is_called():
    assert only("message.ack", ack(2, chat="77@lid")) == only("message.ack", ack(2))


def test_acks_that_say_nothing_about_our_messages_are_passed_over():
    assert parse(event("message.ack", ack(0))) == []
    assert parse(event("message.ack", ack(3, mine=False))) == []


def test_a_reaction_and_its_removal():
    target = f"true_{ANA}_3EB0AA"
    item = only("message.reaction", reaction("🙏", target, timestamp=AT + 0.5))
    at = datetime.fromtimestamp(AT + 0.5, UTC)
    assert item == ReactionItem(
        SHOP, f"false_{ANA}_RR", at, item.person, target="3EB0AA", emoji="🙏"
    )
    assert item.person.identifiers == PERSON
    assert only("message.reaction", reaction("", target)).emoji == ""
    own = reaction("🙏", f"false_{ANA}_AA", mine=True)
    assert only("message.reaction", own).echo
    assert parse(event("message.reaction", own | {"source": "api"})) == []


def test_an_edit_names_the_message_by_its_key_alone():
    item = only("message.edited", message("EE", body="new", editedMessageId="AA"))
    assert isinstance(item, EditItem)
    assert (item.provider_id, item.edit_id) == (f"false_{ANA}_AA", f"false_{ANA}_EE")
    assert (item.content.text, item.echo) == ("new", False)
    own = only("message.edited", message("EE", mine=True, editedMessageId="3EB0AA"))
    assert (own.provider_id, own.edit_id, own.echo) == ("3EB0AA", "EE", True)


@pytest.mark.parametrize(
    "said",
    [
        {"after": message("XX"), "before": None, "revokedMessageId": "AA"},
        {"after": message("XX"), "before": message("AA"), "revokedMessageId": None},
        {"after": message("XX"), "before": message("AA")},
    ],
)
def test_a_message_is_taken_back(said):
    item = only("message.revoked", said)
    assert isinstance(item, RevokeItem)
    assert (item.provider_id, item.revoke_id) == (f"false_{ANA}_AA", f"false_{ANA}_XX")
    assert item.person.identifiers == PERSON


@pytest.mark.parametrize(
    ("name", "step", "by"),
    [
        ("call.received", "ringing", "customer"),
        ("call.accepted", "accepted", "business"),
        ("call.rejected", "rejected", "business"),
    ],
)
def test_calls(name, step, by):
    said = {"id": "DD", "from": ANA, "timestamp": AT, "isVideo": True, "isGroup": False}
    item = only(name, said)
    assert isinstance(item, CallItem)
    assert (item.provider_id, item.at, item.step, item.by, item.video) == (
        "DD", SECOND, step, by, True,
    )  # fmt: skip
    assert item.details["from"] == ANA


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("STARTING", "connecting"),
        ("SCAN_QR_CODE", "scan_qr"),
        ("PASSKEY_REQUIRED", "scan_qr"),
        ("WORKING", "working"),
        ("FAILED", "failed"),
        ("STOPPED", "stopped"),
    ],
)
def test_how_a_session_stands(said, status):
    steps = [{"status": said, "timestamp": AT_MS}]
    payload = {"status": said, "statuses": steps, "data": None}
    expected = SessionReport(SHOP, status, INSTANT, "")
    assert only("session.status", payload) == expected
    assert only("session.status", payload, timestamp=None) == expected
    why = only("session.status", payload | {"data": {"error": "banned"}})
    assert why.reason == "banned"


@pytest.mark.parametrize("timestamp", [AT, float(AT), AT * 1000, AT * 1000.0])
def test_seconds_and_milliseconds_whole_or_not(timestamp):
    assert only("message", message(timestamp=timestamp)).at == SECOND


@pytest.mark.parametrize("timestamp", [None, "1800000000", True, -1, 0, 1e300])
def test_a_time_that_is_none_is_named(timestamp):
    assert "timestamp" in not_understood("message", message(timestamp=timestamp))


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("message", message(chat="120363@g.us")),
        ("message.any", message(chat="12@newsletter", mine=True)),
        ("message", message(chat="status@broadcast")),
        ("message.ack", ack(2, participant=ANA)),
        ("message.reaction", reaction("x", "y", **{"from": "1@g.us"})),
        ("call.received", {"id": "D", "from": ANA, "timestamp": AT, "isGroup": True}),
    ],
)
def test_chats_of_many_are_ignored_and_say_so(name, payload):
    assert not_understood(name, payload).startswith(f"ignored: waha/{name} of a chat of many")


@pytest.mark.parametrize(
    ("name", "payload", "words"),
    [
        ("message", message() | {"id": 7}, "id is a number"),
        ("message", message(chat="someone"), "the chat of a person was expected"),
        ("message", message(fromMe="yes"), "fromMe is a text"),
        ("message", message(hasMedia=True, media=[]), "media is a list"),
        ("message", message(body=["x"]), "body is a list"),
        ("message.ack", ack(9), "ack is '9'"),
        ("message.ack", ack("2"), "-1 to 4"),
        ("message.reaction", message(), "reaction is missing"),
        ("message.edited", message(), "editedMessageId is missing"),
        ("message.revoked", {"after": None, "before": None}, "whose message"),
        ("call.received", {"id": "D", "from": None, "timestamp": AT}, "from is missing"),
        ("session.status", {"status": "DREAMING"}, "not yet understood"),
        ("presence.update", {}, "not yet understood: waha/presence.update"),
        ("message.waiting", {}, "not yet understood"),
    ],
)
def test_what_is_not_right_or_not_known_is_kept_with_the_reason(name, payload, words):
    assert words in not_understood(name, payload)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"event": "message"}',
        b'{"session": "shop", "event": 7}',
        json.dumps({"session": "106540352242922", "event": "message"}).encode(),
        b"[" * 10_000,
    ],
)
def test_what_is_no_event_at_all_says_so(body):
    with pytest.raises(NotAPayload):
        parse(body)
