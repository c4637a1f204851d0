"""The Cloud API adapter: what is asked of the provider, and what its answers mean."""

import asyncio
import socket
from uuid import UUID

import pytest

from commands.policies.ports import (
    Accepted,
    NumberInfo,
    Outbound,
    Refused,
    Registered,
    Submission,
    Unknown,
)
from domain.message import Content, Parameter
from infra.providers.cloud_api import CloudApi
from infra.providers.error_codes import CLASSES
from tests.peers import Peer, graph_error
from tests.simulators import TOKEN, WABA, simulator

MESSAGE = UUID(int=7)
TEXT = Content(kind="text", text="Hello")


@pytest.fixture
def peer():
    peer = Peer()
    yield peer
    peer.close()


def ask(url, act, **options):
    async def asking():
        async with CloudApi(url, "secret-token", **options) as api:
            return await act(api)

    return asyncio.run(asking())


def send(url, content=TEXT, **options):
    outbound = Outbound(MESSAGE, "P1", "+491550001", content)
    return ask(url, lambda api: api.send(outbound), **options)


def test_a_message_carries_our_id_and_the_bearer_token(peer):
    peer.answers = [(200, {"contacts": [{"wa_id": "491550001"}], "messages": [{"id": "wamid.A"}]})]
    assert send(peer.url) == Accepted("wamid.A", "491550001")
    (asked,) = peer.asked
    assert (asked.method, asked.path) == ("POST", "/v23.0/P1/messages")
    assert asked.headers["authorization"] == "Bearer secret-token"
    assert asked.headers["content-type"] == "application/json"
    assert asked.body == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+491550001",
        "type": "text",
        "text": {"body": "Hello", "preview_url": False},
        "biz_opaque_callback_data": f"msg_{MESSAGE.hex}",
    }


def test_the_address_may_name_its_version(peer):
    send(f"{peer.url}/v99.0/")
    assert peer.asked[0].path == "/v99.0/P1/messages"


@pytest.mark.parametrize(
    ("content", "sent"),
    [
        (
            Content(kind="image", link="https://f.test/a.png", text="look"),
            {"link": "https://f.test/a.png", "caption": "look"},
        ),
        (
            Content(kind="document", link="https://f.test/a.pdf", filename="a.pdf"),
            {"link": "https://f.test/a.pdf", "filename": "a.pdf"},
        ),
        (Content(kind="audio", link="https://f.test/a.ogg"), {"link": "https://f.test/a.ogg"}),
        (
            Content(
                kind="template",
                template="spring",
                language="en_US",
                header_kind="image",
                link="https://f.test/a.png",
                body=(Parameter("Ana"), Parameter("X7", "code")),
            ),
            {
                "name": "spring",
                "language": {"code": "en_US"},
                "components": [
                    {
                        "type": "header",
                        "parameters": [
                            {"type": "image", "image": {"link": "https://f.test/a.png"}}
                        ],
                    },
                    {
                        "type": "body",
                        "parameters": [
                            {"type": "text", "text": "Ana"},
                            {"type": "text", "text": "X7", "parameter_name": "code"},
                        ],
                    },
                ],
            },
        ),
        (
            Content(
                kind="template", template="hi", language="id", header=(Parameter("Ana"),), body=()
            ),
            {
                "name": "hi",
                "language": {"code": "id"},
                "components": [{"type": "header", "parameters": [{"type": "text", "text": "Ana"}]}],
            },
        ),
    ],
)
def test_each_kind_of_content_has_its_wire_form(peer, content, sent):
    send(peer.url, content)
    assert peer.asked[0].body[content.kind] == sent


@pytest.mark.parametrize(
    ("error_class", "code"),
    [(error_class, code) for error_class, codes in CLASSES.items() for code in sorted(codes)[:12]],
)
def test_every_known_code_has_its_class(peer, error_class, code):
    peer.answers = [graph_error(code)]
    assert send(peer.url) == Refused(error_class, code, f"(#{code}) words - why")


@pytest.mark.parametrize(
    ("answer", "error_class"),
    [
        (graph_error(99999), "M"),
        (graph_error(99999, is_transient=True), "B"),
        (graph_error(99999, 429), "T"),
        (graph_error(99999, 403), "A"),
        (graph_error(99999, 503), "B"),
        ((429, b"slow down"), "T"),
        ((401, b""), "A"),
        ((404, b"<html>"), "M"),
        ((307, b""), "A"),
    ],
)
def test_an_unknown_code_is_classed_by_what_surrounds_it(peer, answer, error_class):
    peer.answers = [answer]
    refused = send(peer.url)
    assert isinstance(refused, Refused)
    assert refused.error_class == error_class


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"{}"),
        (200, b"not json"),
        (200, {"messages": []}),
        (200, {"messages": [{"id": ""}]}),
        (200, {"messages": [{"id": "x" * 256}]}),
        (200, {"messages": [{"id": 5}]}),
        (200, b'{"messages":[{"id":"wamid.A"}]}' + b" " * 70_000),
        (202, b""),
        (500, b"<html>oops</html>"),
        (502, b""),
        (503, {"error": "words only"}),
    ],
)
def test_what_may_have_left_is_unknown(peer, answer):
    peer.answers = [answer]
    assert isinstance(send(peer.url), Unknown)


def test_redirects_are_not_followed(peer):
    peer.answers = [(307, b"")]
    send(peer.url)
    assert len(peer.asked) == 1


def test_no_connection_means_that_nothing_left():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        refused = send(f"http://127.0.0.1:{free.getsockname()[1]}")
    assert isinstance(refused, Refused)
    assert (refused.error_class, refused.code) == ("B", 0)
    assert refused.reason.startswith("could not connect")


def test_a_connection_that_breaks_after_the_request_is_unknown(peer):
    peer.broken = True
    assert isinstance(send(peer.url), Unknown)
    assert len(peer.asked) == 1


def test_no_answer_in_time_is_unknown(peer):
    peer.held.clear()
    assert send(peer.url, timeout_s=0.2) == Unknown("no answer within 0.2 s")


SPRING = Submission(
    WABA, "spring", "en_US", "MARKETING", "Hello {{1}}", "text", "For {{1}}", "Bye", ("Stop",)
)


def test_a_template_is_looked_up_before_it_is_created(peer):
    found = {"id": "9", "name": "spring", "language": "en_US", "status": "approved"}
    other = {"id": "8", "name": "spring", "language": "id", "status": "PENDING"}
    peer.answers = [(200, {"data": [other, found]})]
    answer = ask(peer.url, lambda api: api.submit_template(SPRING))
    assert answer == Registered("9", "APPROVED")
    assert len(peer.asked) == 1


def test_a_rejected_template_is_handed_in_again_by_editing_it(peer):
    found = {"id": "9", "name": "spring", "language": "en_US", "status": "REJECTED"}
    peer.answers = [(200, {"data": [found]}), (200, {"success": True})]
    answer = ask(peer.url, lambda api: api.submit_template(SPRING))
    assert answer == Registered("9", "PENDING")
    assert peer.asked[1].path == "/v23.0/9"
    assert peer.asked[1].body.keys() == {"category", "components"}


def test_a_template_lost_in_a_race_is_found_after_all(peer):
    found = {"id": "9", "name": "spring", "language": "en_US", "status": "PENDING"}
    exists = graph_error(100, error_subcode=2388024)
    peer.answers = [(200, {"data": []}), exists, (200, {"data": [found]})]
    assert ask(peer.url, lambda api: api.submit_template(SPRING)) == Registered("9", "PENDING")


def test_the_simulator_takes_templates_numbers_and_messages():
    async def act(api):
        first = await api.submit_template(SPRING)
        again = await api.submit_template(SPRING)
        number = await api.number("P1")
        missing = await api.number("not-a-number")
        sent = await api.send(Outbound(MESSAGE, "P1", "+4915500010002", TEXT))
        return first, again, number, missing, sent

    with simulator(tokens=TOKEN, review_delay_ms=60_000) as provider:

        async def asking():
            async with CloudApi(f"{provider.url}/v23.0", TOKEN) as api:
                return await act(api)

        first, again, number, missing, sent = asyncio.run(asking())
    assert isinstance(first, Registered)
    assert again == first
    assert isinstance(number, NumberInfo)
    assert isinstance(missing, Refused | NumberInfo)
    assert isinstance(sent, Accepted)
