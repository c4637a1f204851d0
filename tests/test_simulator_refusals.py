"""Each limit of the Cloud API is kept, and each refusal has Meta's shape, status and code."""

import asyncio
from collections.abc import Iterator

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulators import NUMBER, TOKEN, SimulatorProcess, simulator

TO = "4915500000002"
BUTTON = {"type": "reply", "reply": {"id": "y", "title": "Yes"}}
ROW = {"id": "r", "title": "Row"}


@pytest.fixture(scope="module")
def sim() -> Iterator[SimulatorProcess]:
    with simulator(messages_per_second=0, pair_interval_ms=0) as running:
        yield running


def buttons(*given_buttons):
    action = {"buttons": list(given_buttons)}
    return {"type": "button", "body": {"text": "Pick"}, "action": action}


def rows(*sections):
    action = {"button": "Open", "sections": list(sections)}
    return {"type": "list", "body": {"text": "Pick"}, "action": action}


def interactive(content, **more):
    return {"type": "interactive", "interactive": content | more}


def reply(**fields):
    return {"type": "reply", "reply": {"id": "y", "title": "Yes"} | fields}


VALID = {
    "text": {"type": "text", "text": {"body": "x" * 4096, "preview_url": True}},
    "default type": {"text": {"body": "x"}},
    "image": {"type": "image", "image": {"link": "https://f.test/a.png", "caption": "c" * 1024}},
    "document": {"type": "document", "document": {"link": "http://f.test/a", "filename": "a.pdf"}},
    "audio": {"type": "audio", "audio": {"link": "http://f.test/a.ogg", "voice": True}},
    "sticker": {"type": "sticker", "sticker": {"link": "http://f.test/a.webp"}},
    "video": {"type": "video", "video": {"link": "http://f.test/a.mp4"}},
    "location": {"type": "location", "location": {"latitude": 52.5, "longitude": "13.4"}},
    "contacts": {"type": "contacts", "contacts": [{"name": {"formatted_name": "Bo"}}]},
    "reaction": {"type": "reaction", "reaction": {"message_id": "wamid.A", "emoji": ""}},
    "reply": {"text": {"body": "x"}, "context": {"message_id": "wamid.A"}},
    "buttons": interactive(buttons(reply(title="t" * 20, id="i" * 256))),
    "list": interactive(rows({"title": "S", "rows": [ROW]}), header={"type": "text", "text": "H"}),
    "image header": interactive(
        buttons(BUTTON), header={"type": "image", "image": {"link": "https://f.test/a.png"}}
    ),
    "call to action": interactive({"type": "cta_url", "body": {"text": "b"}, "action": {}}),
}

INVALID = {
    "unknown type": (100, {"type": "fax"}),
    "text missing": (131008, {"type": "text", "text": None}),
    "empty text": (131008, {"text": {"body": ""}}),
    "long text": (100, {"text": {"body": "x" * 4097}}),
    "unexpected key": (100, {"text": {"body": "x", "bold": True}}),
    "preview not boolean": (100, {"text": {"body": "x", "preview_url": "yes"}}),
    "text not an object": (100, {"text": "x"}),
    "long caption": (100, {"type": "image", "image": {"link": "http://f.test", "caption": "c" * 1025}}),
    "id and link": (100, {"type": "image", "image": {"link": "http://f.test", "id": "1"}}),
    "neither id nor link": (100, {"type": "image", "image": {"caption": "c"}}),
    "no address": (131009, {"type": "image", "image": {"link": "ftp://f.test/a"}}),
    "unknown media": (131009, {"type": "image", "image": {"id": "700000000999999"}}),
    "caption on audio": (100, {"type": "audio", "audio": {"link": "http://f.test", "caption": "c"}}),
    "latitude missing": (131008, {"type": "location", "location": {"longitude": 1}}),
    "latitude out of range": (131009, {"type": "location", "location": {"latitude": 91, "longitude": 1}}),
    "no contacts": (131008, {"type": "contacts", "contacts": []}),
    "nameless contact": (131008, {"type": "contacts", "contacts": [{"name": {}}]}),
    "reaction to nothing": (131008, {"type": "reaction", "reaction": {"emoji": "x"}}),
    "no buttons": (131009, interactive(buttons())),
    "four buttons": (131009, interactive(buttons(*[reply(id=str(n), title=str(n)) for n in range(4)]))),
    "long button title": (131009, interactive(buttons(reply(title="t" * 21)))),
    "long button id": (131009, interactive(buttons(reply(id="i" * 257)))),
    "equal button ids": (131009, interactive(buttons(BUTTON, reply(title="No")))),
    "long body": (131009, interactive(buttons(BUTTON), body={"text": "b" * 1025})),
    "body missing": (131008, interactive(buttons(BUTTON), body=None)),
    "long footer": (131009, interactive(buttons(BUTTON), footer={"text": "f" * 61})),
    "long header": (131009, interactive(buttons(BUTTON), header={"type": "text", "text": "h" * 61})),
    "image over a list": (131009, interactive(rows({"rows": [ROW]}), header={"type": "image", "image": {}})),
    "no sections": (131009, interactive(rows())),
    "eleven sections": (131009, interactive(rows(*[{"title": "S", "rows": [ROW | {"id": str(n)}]} for n in range(11)]))),
    "eleven rows": (131009, interactive(rows({"rows": [ROW | {"id": str(n)} for n in range(11)]}))),
    "long row title": (131009, interactive(rows({"rows": [ROW | {"title": "t" * 25}]}))),
    "long row description": (131009, interactive(rows({"rows": [ROW | {"description": "d" * 73}]}))),
    "long row id": (131009, interactive(rows({"rows": [ROW | {"id": "i" * 201}]}))),
    "unnamed section of two": (131008, interactive(rows({"rows": [ROW]}, {"rows": [ROW | {"id": "2"}]}))),
    "unknown interactive": (131009, interactive({"type": "carillon"})),
    "action missing": (131008, interactive({"type": "flow", "body": {"text": "b"}})),
    "template unnamed": (131008, {"type": "template", "template": {"language": {"code": "en"}}}),
    "template without language": (131008, {"type": "template", "template": {"name": "a"}}),
    "callback data not text": (131009, {"biz_opaque_callback_data": 1}),
    "long callback data": (100, {"biz_opaque_callback_data": "c" * 513}),
    "context without id": (131008, {"context": {}}),
    "context of nothing": (131009, {"context": {"message_id": "1"}}),
    "group": (131041, {"recipient_type": "group"}),
    "unknown recipient type": (100, {"recipient_type": "crowd"}),
}  # fmt: skip


@pytest.mark.parametrize("name", VALID)
def test_what_the_limits_allow_is_accepted(sim, name):
    content = {"type": "text", **VALID[name]}
    assert sim.send(TO, **content).status_code == 200


@pytest.mark.parametrize("name", INVALID)
def test_what_the_limits_forbid_is_refused_with_its_code(sim, name):
    code, content = INVALID[name]
    before = len(sim.ledger())
    assert sim.refused(400, code, sim.send(TO, **content))
    assert len(sim.ledger()) == before


@pytest.mark.parametrize(
    ("code", "body"),
    [
        (100, {}),
        (100, {"messaging_product": "sms", "to": TO}),
        (100, {"messaging_product": "whatsapp", "text": {"body": "x"}}),
        (131009, {"messaging_product": "whatsapp", "to": "123", "text": {"body": "x"}}),
        (131009, {"messaging_product": "whatsapp", "to": "1" * 16, "text": {"body": "x"}}),
        (131009, {"messaging_product": "whatsapp", "recipient": "x", "text": {"body": "x"}}),
        (131008, {"messaging_product": "whatsapp", "status": "read"}),
        (131009, {"messaging_product": "whatsapp", "status": "read", "message_id": "1"}),
        (100, {"messaging_product": "whatsapp", "status": "seen", "message_id": "wamid.A"}),
        (
            131009,
            {
                "messaging_product": "whatsapp",
                "status": "read",
                "message_id": "wamid.A",
                "typing_indicator": {"type": "dance"},
            },
        ),
    ],
)
def test_a_body_without_its_essentials_is_refused(sim, code, body):
    assert sim.refused(400, code, sim.post(f"{NUMBER}/messages", **body))


def test_a_body_that_is_no_json_object_is_refused(sim):
    for raw in (b"", b"{", b"[]", b"\xff"):
        sim.refused(400, 100, sim.http.post(f"/{NUMBER}/messages", content=raw))


def test_a_number_cannot_write_to_itself(sim):
    shown = sim.get(NUMBER).json()["display_phone_number"]
    sim.refused(400, 131021, sim.send(shown))


def test_a_request_without_a_token_is_refused(sim):
    del sim.http.headers["Authorization"]
    sim.refused(401, 190, sim.send(TO))
    sim.refused(401, 190, sim.get(NUMBER))
    sim.http.headers["Authorization"] = f"Bearer {TOKEN}"


def test_unknown_paths_and_methods_are_refused_in_the_same_shape(sim):
    sim.refused(400, 2500, sim.get("a/b/c"))
    sim.refused(400, 100, sim.http.put("/v23.0/123"))


def test_free_form_content_is_no_marketing_message(sim):
    body = {"messaging_product": "whatsapp", "to": TO, "text": {"body": "x"}}
    sim.refused(400, 131055, sim.post(f"{NUMBER}/marketing_messages", **body))


def test_refusals_are_counted_by_code(sim):
    before = sim.stats()["refused"].get("131009", 0)
    sim.send("123")
    assert sim.stats()["refused"]["131009"] == before + 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                [
                    "body",
                    "text",
                    "link",
                    "id",
                    "type",
                    "action",
                    "buttons",
                    "sections",
                    "rows",
                    "reply",
                    "title",
                    "header",
                    "name",
                    "language",
                    "code",
                    "components",
                    "parameters",
                    "format",
                    "index",
                    "sub_type",
                    "url",
                    "message_id",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(kind=st.sampled_from(["text", "image", "interactive", "template", "contacts"]), content=JSON)
def test_no_content_breaks_the_simulator(sim, kind, content):
    answer = sim.send(TO, **{"type": kind, kind: content})
    assert answer.status_code in {200, 400, 404}, answer.text
    created = sim.post(
        "1/message_templates", name="t", language="en", category="UTILITY", components=content
    )
    assert created.status_code in {200, 400}, created.text


async def _at_once(url: str, recipients: list[str]) -> list[int]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with aiohttp.ClientSession(url, headers=headers) as session:

        async def one(to: str) -> int:
            body = {"messaging_product": "whatsapp", "to": to, "text": {"body": "x"}}
            async with session.post(f"/{NUMBER}/messages", json=body) as answer:
                content = await answer.json()
                return content.get("error", {}).get("code", 0)

        return list(await asyncio.gather(*map(one, recipients)))


def test_a_number_has_its_throughput_and_no_more():
    with simulator(messages_per_second=5) as running:
        codes = asyncio.run(_at_once(running.url, [f"49155{n:04d}7777" for n in range(60)]))
        accepted = codes.count(0)
        assert 5 <= accepted <= 40
        assert codes.count(130429) == 60 - accepted
        assert len(running.ledger()) == accepted
        running.sent("4915500000002", number="555")  # another number has its own


def test_a_pair_has_a_burst_and_then_an_interval():
    with simulator(messages_per_second=0, pair_burst=3, pair_interval_ms=60_000) as running:
        assert [running.send(TO).status_code for _ in range(4)] == [200, 200, 200, 400]
        running.refused(400, 131056, running.send(TO))
        running.sent("4915500010002")
        running.control("options", pair_interval_ms=0)
        running.sent(TO)


def test_unknown_numbers_can_be_refused():
    with simulator(create_numbers=False) as running:
        running.refused(400, 100, running.send(TO))
        assert running.get(NUMBER).json()["error"]["error_subcode"] == 33
        running.control("numbers", id=NUMBER, waba_id="W1")
        running.sent(TO)
