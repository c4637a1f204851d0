"""The WAHA adapter: what is asked of WAHA, and what its answers mean."""

import asyncio
from uuid import UUID

import pytest

from commands.policies.ports import Accepted, Attachment, Outbound, Refused, Unknown
from commands.policies.waha_chats import kept, message_id, whole
from domain.message import Attached, Content
from infra.providers.waha import Hook, Waha
from tests.peers import Peer
from tests.waha_simulators import API_KEY, HMAC_KEY, SESSION, waha

LINK = "https://10.0.0.1.nip.io/a"
MESSAGE, CHAT = UUID(int=7), "491550001@c.us"
TEXT = Content(kind="text", text="Hello")
HOOK = Hook("http://127.0.0.1:1/webhooks/waha", HMAC_KEY)
SENT = {"id": f"true_{CHAT}_3EB0AA", "timestamp": 1760000000, "fromMe": True, "ack": 1}


@pytest.fixture
def peer():
    peer = Peer()
    yield peer
    peer.close()


@pytest.fixture(scope="module")
def running():
    with waha() as process:
        process.started()
        yield process


def ask(url, act, **options):
    async def asking():
        async with Waha(url, API_KEY, HOOK, **options) as api:
            return await act(api)

    return asyncio.run(asking())


async def opened():
    async def pieces():
        yield b"ab"
        yield b"c"

    return pieces()


def send(url, content=TEXT, to="+491550001", **options):
    file = content.file and Attachment(content.file.mime_type, content.filename, 3, opened)
    outbound = Outbound(MESSAGE, SESSION, to, content, "waha", file)
    return ask(url, lambda api: api.send(outbound), **options)


def test_a_text_goes_to_the_chat_of_its_number_with_the_key_and_comes_back_as_an_id(peer):
    peer.answers = [(201, SENT)]
    assert send(peer.url) == Accepted("3EB0AA", "491550001")
    (asked,) = peer.asked
    assert (asked.method, asked.path) == ("POST", "/api/sendText")
    assert asked.headers["x-api-key"] == API_KEY
    assert asked.body == {
        "session": SESSION, "chatId": CHAT, "text": "Hello", "linkPreview": False,
    }  # fmt: skip


def kept_here(kind, mime_type, **more):
    file = Attached(file_id=MESSAGE, sha256="0" * 64, size=3, mime_type=mime_type)
    return Content(kind=kind, file=file, **more)


def shown(mime_type, filename):
    return {"file": {"mimetype": mime_type, "filename": filename, "data": "YWJj"}}


PLACE = {"latitude": 52.5, "longitude": 13.4, "name": "Cafe", "address": "A St 1"}
PERSON = {
    "name": {"formatted_name": "Bo"}, "phones": [{"phone": "+49 155", "wa_id": "49155"}],
    "org": {"company": "Kopi"},
}  # fmt: skip
BUTTONS = {"buttons": [{"id": "y", "title": "Yes"}], "footer": "f"}


@pytest.mark.parametrize(
    ("content", "path", "body"),
    [
        (Content(kind="template", text="Hi Ana", template="t"), "sendText", {"text": "Hi Ana"}),
        (
            kept_here("image", "image/png", text="look"),
            "sendImage",
            shown("image/png", "image.png") | {"caption": "look"},
        ),
        (kept_here("video", "video/mp4"), "sendVideo", shown("video/mp4", "video.mp4")),
        (
            kept_here("audio", "audio/ogg; codecs=opus"),
            "sendVoice",
            shown("audio/ogg; codecs=opus", "audio.oga") | {"convert": True},
        ),
        (
            kept_here("document", "application/pdf", filename="bill.pdf"),
            "sendFile",
            shown("application/pdf", "bill.pdf"),
        ),
        (
            Content(kind="location", details=PLACE),
            "sendLocation",
            {"latitude": 52.5, "longitude": 13.4, "title": "Cafe, A St 1"},
        ),
        (
            Content(kind="contacts", details={"contacts": [PERSON]}),
            "sendContactVcard",
            {
                "contacts": [
                    {
                        "fullName": "Bo", "phoneNumber": "+49 155", "vcard": None,
                        "organization": "Kopi", "whatsappId": "49155",
                    }
                ]
            },
        ),
        (
            Content(kind="buttons", text="Pick", details=BUTTONS),
            "sendButtons",
            {
                "body": "Pick", "footer": "f",
                "buttons": [{"type": "reply", "text": "Yes", "id": "y"}],
            },
        ),
    ],
)  # fmt: skip
def test_each_kind_has_its_endpoint_and_the_simulator_takes_it(peer, running, content, path, body):
    peer.answers = [(201, SENT)]
    assert send(peer.url, content) == Accepted("3EB0AA", "491550001")
    (asked,) = peer.asked
    about = {"session": SESSION, "chatId": CHAT}
    plain = {"linkPreview": False} if path == "sendText" else {}
    assert (asked.path, asked.body) == (f"/api/{path}", about | body | plain)
    assert isinstance(send(running.url, content), Accepted)


@pytest.mark.parametrize("kind", ["sticker", "list"])
def test_a_kind_that_waha_lacks_is_refused_before_anything_leaves(peer, kind):
    answer = send(peer.url, Content(kind=kind, link="https://f.test/a.webp"))
    assert (answer.error_class, peer.asked) == ("M", [])
    assert f"no way to send a {kind}" in answer.reason


@pytest.mark.parametrize(
    "content",
    [
        *(Content(kind=kind, link=LINK) for kind in ("image", "video", "audio", "document")),
        Content(kind="template", text="Hi", template="t", header_kind="image", link=LINK),
    ],
    ids=lambda content: content.kind,
)
def test_no_link_is_handed_to_waha_which_would_fetch_it_from_within_our_network(peer, content):
    answer = send(peer.url, content)
    assert (answer.error_class, peer.asked) == ("M", [])
    assert "upload the file" in answer.reason


def test_a_reply_and_a_reaction_name_the_message_as_waha_does(peer, running):
    peer.answers = [(201, SENT), (201, SENT), (200, {})]
    theirs = f"false_{CHAT}_BB"
    send(peer.url, Content(kind="text", text="x", answers=theirs))
    send(peer.url, Content(kind="text", text="x", answers="3EB0AA"))
    assert [a.body["reply_to"] for a in peer.asked] == [theirs, f"true_{CHAT}_3EB0AA"]
    heart = Content(kind="reaction", details={"message_id": theirs, "emoji": "❤"})
    assert send(peer.url, heart) == Accepted(f"msg_{MESSAGE.hex}", "491550001")
    last = peer.asked[-1]
    assert (last.method, last.path) == ("PUT", "/api/reaction")
    assert last.body == {"session": SESSION, "messageId": theirs, "reaction": "❤"}
    own = Content(kind="reaction", details={"message_id": "3EB0AA", "emoji": ""})
    assert isinstance(send(running.url, own), Accepted)
    assert running.stats()["reactions"][-1] == [SESSION, f"true_{CHAT}_3EB0AA", ""]


def test_a_chat_id_is_taken_as_it_is(peer):
    peer.answers = [(201, SENT)]
    send(peer.url, to="12345@lid")
    assert peer.asked[0].body["chatId"] == "12345@lid"


@pytest.mark.parametrize(
    ("body", "id_"),
    [
        ({"id": "true_1@lid_3EB0AA"}, "3EB0AA"),
        ({"id": {"_serialized": "true_1@c.us_3EB0AA"}}, "3EB0AA"),
        ({"key": {"remoteJid": "1@s.whatsapp.net", "fromMe": True, "id": "3EB0AA"}}, "3EB0AA"),
        ({"id": "false_1@c.us_BB"}, "false_1@c.us_BB"),
        ({"id": 7}, ""),
        ({}, ""),
        ([], ""),
        (None, ""),
    ],
)
def test_the_id_is_found_wherever_an_engine_puts_it(body, id_):
    assert message_id(body) == id_


def test_an_id_that_is_kept_short_becomes_whole_again():
    assert kept(whole("3EB0AA", "+491")) == "3EB0AA"
    assert whole("false_1@c.us_BB", "+491") == "false_1@c.us_BB"


DOWN = {"error": "Session status is not as expected.", "status": "FAILED", "session": SESSION}


@pytest.mark.parametrize(
    ("status", "body", "error_class", "words"),
    [
        (400, {"message": ["chatId must be a string"]}, "M", "chatId must be a string"),
        (401, {"message": "Unauthorized"}, "A", "Unauthorized"),
        (403, {"message": "Forbidden"}, "A", "Forbidden"),
        (404, {"message": "Session not found"}, "P", "session_not_working: Session not found"),
        (422, DOWN, "P", "session_not_working: FAILED"),
        (422, {"message": "available only in another version"}, "M", "another version"),
        (429, {"message": "slow down"}, "T", "slow down"),
        (501, {"message": "the engine cannot"}, "M", "the engine cannot"),
        (302, b"", "A", "does not say why"),
    ],
)
def test_refusals_have_classes(peer, status, body, error_class, words):
    peer.answers = [(status, body)]
    answer = send(peer.url)
    assert isinstance(answer, Refused)
    assert (answer.error_class, answer.code) == (error_class, status)
    assert words in answer.reason


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {"exception": {"message": "context deadline exceeded"}}),
        (502, b"<html>"),
        (503, b""),
        (201, {}),
        (201, b"not json"),
        (201, {"id": "x" * 300}),
    ],
)
def test_what_may_have_left_is_unknown(peer, status, body):
    peer.answers = [(status, body)]
    assert isinstance(send(peer.url), Unknown)


def test_a_broken_or_missing_answer_is_unknown_and_no_connection_is_not(peer):
    peer.broken = True
    assert isinstance(send(peer.url), Unknown)
    peer.broken = False
    peer.held.clear()
    assert isinstance(send(peer.url, timeout_s=0.3), Unknown)
    peer.held.set()
    assert send("http://127.0.0.1:1").error_class == "B"


def test_an_answer_without_end_is_cut(peer):
    peer.answers = [(201, b'{"id":"' + b"a" * (3 * 1024 * 1024) + b'"}')]
    assert isinstance(send(peer.url), Unknown)
