"""Replies that take an uploaded file along, over HTTP: who may send what, and who sees it."""

import pytest

from domain.conversation import BusinessWrote
from domain.file import GiveUpFile, file
from domain.file_heads import STATIC_STICKER
from domain.ids import inbound_file_id, parse, show
from domain.message import MessageQueued
from tests.chat_site import LINK, begin
from tests.command_site import command_site
from tests.file_examples import JPEG, MOVING, OGG, PDF, PNG, uploaded


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with command_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def chat(site):
    """A customer has just written."""
    begun = begin(site.workspace())
    begun.customer_writes()
    return begun


def refused(answer, code, status=422):
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    return answer.json()["detail"]


def unknown(answer):
    refused(answer, "invalid")
    [error] = answer.json()["errors"]
    assert error["pointer"] == "/file_id"
    return error["code"]


@pytest.mark.parametrize(
    ("kind", "content", "mime_type"),
    [
        ("image", PNG, "image/png"),
        ("audio", OGG, "audio/ogg; codecs=opus"),
        ("document", PDF, "application/pdf"),
        ("sticker", MOVING + bytes(STATIC_STICKER), "image/webp"),
    ],
)
def test_a_reply_takes_a_file_of_its_kind_along(chat, kind, content, mime_type):
    id_ = uploaded(chat.company.http, content, mime_type, filename="April.pdf")
    queued = chat.queued(chat.reply(kind=kind, file_id=id_))
    assert isinstance(queued, MessageQueued)
    sent = queued.content
    assert (show("file", sent.file.file_id), sent.link) == (id_, "")
    assert (sent.file.mime_type, sent.file.size) == (mime_type, len(content))
    assert sent.filename == ("April.pdf" if kind == "document" else "")


def test_a_document_may_be_given_another_name(chat):
    id_ = uploaded(chat.company.http, PDF, "application/pdf", filename="scan0001.pdf")
    queued = chat.queued(chat.reply(kind="document", file_id=id_, filename="Offer.pdf"))
    assert queued.content.filename == "Offer.pdf"
    assert chat.facts()[-1].snippet == "Offer.pdf"


def test_the_same_reply_again_is_one_message(chat):
    id_ = uploaded(chat.company.http)
    send = {"kind": "image", "file_id": id_, "text": "look"}
    first, again = (
        chat.company.post(f"{chat.path}/messages", send, Idempotency_Key="once") for _ in range(2)
    )
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert sum(isinstance(fact, BusinessWrote) for fact in chat.facts()) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"kind": "image"}, "exactly one of file_id, link; this has none"),
        ({"kind": "image", "file_id": "", "link": LINK}, "this has file_id, link"),
        ({"kind": "image", "file_id": "", "mime_type": "image/png"}, "mime_type"),
        ({"kind": "document", "file_id": "", "size": 4}, "size"),
        ({"kind": "text", "text": "x", "file_id": ""}, "has no file_id"),
        ({"kind": "audio", "file_id": "", "text": "listen"}, "has no text"),
    ],
)
def test_a_file_stands_alone_and_says_itself_what_it_is(chat, body, words):
    if "file_id" in body:
        body = body | {"file_id": uploaded(chat.company.http)}
    before = chat.company.facts()
    answer = chat.reply(**body)
    refused(answer, "invalid")
    [error] = answer.json()["errors"]
    assert (error["code"], words in error["detail"]) == ("kind_unclear", True), error
    assert chat.company.facts() == before


def test_a_file_that_does_not_fit_the_kind_is_refused_and_nothing_stored(chat):
    picture = uploaded(chat.company.http, JPEG, "image/jpeg")
    before = chat.company.facts()
    words = refused(chat.reply(kind="document", file_id=picture), "invalid_media_type")
    assert "image/jpeg" in words
    refused(chat.reply(kind="sticker", file_id=picture), "invalid_media_type")
    assert chat.company.facts() == before


def test_what_is_no_file_of_the_company_cannot_be_sent(chat, site):
    foreign = uploaded(site.workspace().http)
    before = chat.company.facts()
    for file_id in (foreign, show("file", chat.contact_id), f"fil_{'0' * 32}"):
        assert unknown(chat.reply(kind="image", file_id=file_id)) == "unknown"
    assert chat.company.facts() == before


def test_a_file_that_never_arrived_cannot_be_sent(chat):
    message_id = parse("message", chat.customer_writes(wamid="wamid.C"))
    id_ = inbound_file_id(message_id)
    ids = {"message_id": message_id, "conversation_id": chat.id, "account_id": chat.account_id}
    chat.ask(file, id_, GiveUpFile, file_id=id_, **ids, why="expired")
    answer = chat.reply(kind="image", file_id=show("file", id_))
    assert unknown(answer) == "not_stored"
