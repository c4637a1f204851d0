"""Templates live from submission to verdict, and are sent only as registered; media make the
round trip through their id and address.
"""

import hashlib
import itertools
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulators import NUMBER, WABA, Receiver, SimulatorProcess, simulator, until

BODY = {
    "type": "BODY",
    "text": "Hello {{1}}, your code is {{2}}.",
    "example": {"body_text": [["Ana", "X7"]]},
}
HEADER = {"type": "HEADER", "format": "IMAGE"}
BUTTONS = {
    "type": "BUTTONS",
    "buttons": [
        {"type": "QUICK_REPLY", "text": "Stop"},
        {"type": "URL", "text": "Open", "url": "https://f.test/{{1}}"},
    ],
}
names = (f"spring_{n}" for n in itertools.count())
PNG = b"\x89PNG\r\n\x1a\n--boundary\r\n\r\n" + bytes(range(256))


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.down()


@pytest.fixture(scope="module")
def sim(receiver: Receiver) -> Iterator[SimulatorProcess]:
    options = {"review_delay_ms": 30, "pair_interval_ms": 0, "messages_per_second": 0}
    with simulator(webhook_url=receiver.url, **options) as running:
        yield running


def submit(sim: SimulatorProcess, waba: str = WABA, **fields: Any) -> httpx2.Response:
    request = {"name": next(names), "language": "en_US", "category": "MARKETING"} | fields
    return sim.post(f"{waba}/message_templates", **({"components": [BODY]} | request))


def approved(sim: SimulatorProcess, **fields: Any) -> dict[str, Any]:
    template_id = submit(sim, **fields).json()["id"]
    return until(
        lambda: (t := sim.get(template_id).json())["status"] != "PENDING" and t, "a verdict"
    )


def texts(*values: str) -> dict[str, Any]:
    return {"type": "body", "parameters": [{"type": "text", "text": value} for value in values]}


def use(sim: SimulatorProcess, template: dict[str, Any], *components: Any) -> httpx2.Response:
    content = {"name": template["name"], "language": {"code": template["language"]}}
    to = "4915500000002"
    return sim.send(to, type="template", template=content | {"components": list(components)})


def test_a_submitted_template_is_pending_and_then_approved(sim, receiver):
    answer = submit(sim).json()
    assert (answer["status"], answer["category"]) == ("PENDING", "MARKETING")

    def verdict():
        changes = receiver.changes("message_template_status_update")
        return next((v for v in changes if v["message_template_id"] == int(answer["id"])), None)

    value = until(verdict, "the verdict's webhook")
    assert value["event"] == "APPROVED"
    assert value["message_template_language"] == "en_US"
    assert sim.get(answer["id"]).json()["status"] == "APPROVED"


def test_a_template_named_rejected_is_rejected_with_a_reason(sim):
    template = approved(sim, name="offer_rejected")
    assert (template["status"], template["rejected_reason"]) == ("REJECTED", "INVALID_FORMAT")
    sim.refused(404, 132001, use(sim, template, texts("Ana", "X7")))


def test_a_name_and_language_are_taken_once_in_an_account(sim):
    submit(sim, name="once")
    answer = submit(sim, name="once")
    sim.refused(400, 100, answer)
    assert answer.json()["error"]["error_subcode"] == 2388024
    assert answer.json()["error"]["error_user_title"]
    assert submit(sim, name="once", language="de").status_code == 200
    assert submit(sim, name="once", waba="200").status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "Spring Sale"},
        {"language": "English"},
        {"category": "SPAM"},
        {"parameter_format": "LOOSE"},
        {"components": []},
        {"components": [HEADER]},
        {"components": [BODY, BODY]},
        {"components": [{"type": "BODY", "text": "Hi {{1}}!"}]},
        {"components": [{"type": "BODY"}]},
        {"components": [{"type": "BODY", "text": "x" * 1025}]},
        {"components": [BODY, {"type": "HEADER", "format": "TEXT", "text": "x" * 61}]},
        {"components": [BODY, {"type": "HEADER"}]},
        {"components": [BODY, {"type": "FOOTER", "text": "x" * 61}]},
        {"components": [{"type": "BODY", "text": "Hi {{2}}"}]},
        {"components": [BODY, {"type": "BUTTONS", "buttons": []}]},
        {"components": [BODY, {"type": "BUTTONS", "buttons": [{"text": "typeless"}]}]},
        {"components": [BODY, {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "x" * 26}]}]},
    ],
)
def test_a_template_beyond_the_limits_is_refused(sim, fields):
    assert sim.refused(400, 100, submit(sim, **fields))


def test_component_types_are_taken_in_any_letter_case(sim):
    template = approved(sim, components=[BODY | {"type": "body"}])
    assert use(sim, template, texts("a", "b") | {"type": "BODY"}).status_code == 200


def test_a_template_message_is_priced_by_its_category(sim, receiver):
    template = approved(sim)
    wamid = use(sim, template, texts("Ana", "X7")).json()["messages"][0]["id"]
    sim.idle()
    sent = next(s for s in receiver.statuses(wamid) if s["status"] == "sent")
    assert (sent["pricing"]["category"], sent["pricing"]["billable"]) == ("marketing", True)


def test_parameters_must_fit_the_registered_template(sim):
    template = approved(sim)
    sim.refused(400, 132000, use(sim, template, texts("Ana")))
    sim.refused(400, 132000, use(sim, template))
    sim.refused(400, 132005, use(sim, template, texts("Ana", "x" * 1024)))
    sim.refused(400, 132018, use(sim, template, texts("Ana", "two\nlines")))
    sim.refused(400, 131008, use(sim, template, texts("Ana", "")))
    image = {"type": "body", "parameters": [{"type": "image"}, {"type": "text", "text": "x"}]}
    sim.refused(400, 132012, use(sim, template, image))
    sim.refused(404, 132001, use(sim, template | {"language": "fr"}, texts("Ana", "X7")))
    assert use(sim, template, texts("Ana", "X7")).status_code == 200


def test_named_parameters_must_be_named_as_registered(sim):
    example = {"body_text_named_params": [{"param_name": "name", "example": "Ana"}]}
    body = {"type": "BODY", "text": "Hi {{name}}!", "example": example}
    template = approved(sim, parameter_format="named", components=[body])
    parameter = {"type": "text", "text": "Ana", "parameter_name": "name"}
    good = {"type": "body", "parameters": [parameter]}
    bad = {"type": "body", "parameters": [parameter | {"parameter_name": "code"}]}
    assert use(sim, template, good).status_code == 200
    sim.refused(400, 132012, use(sim, template, bad))


def test_headers_and_buttons_take_the_parameters_they_were_registered_with(sim):
    template = approved(sim, components=[HEADER, {"type": "BODY", "text": "Hi"}, BUTTONS])
    picture = {"type": "image", "image": {"link": "https://f.test/a.png"}}
    header = {"type": "header", "parameters": [picture]}
    link = {"type": "text", "text": "42"}
    button = {"type": "button", "sub_type": "url", "index": "1", "parameters": [link]}
    payload = {"type": "payload", "payload": "STOP"}
    quick = {"type": "button", "sub_type": "quick_reply", "index": 0, "parameters": [payload]}

    assert use(sim, template, header, button, quick).status_code == 200
    sim.refused(400, 132012, use(sim, template, button))
    sim.refused(400, 131008, use(sim, template, header))
    sim.refused(400, 132012, use(sim, template, header, button | {"index": "2"}))
    sim.refused(400, 132012, use(sim, template, header, button | {"index": "0"}))
    sim.refused(400, 132000, use(sim, template, header, button | {"parameters": []}))
    sim.refused(400, 131009, use(sim, template, header, button | {"parameters": [{}]}))


JSON = st.recursive(
    st.none() | st.integers(0, 2) | st.sampled_from(["body", "button", "text", "url", "0", "Ana"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["type", "parameters", "text", "index", "image"]), inner)
    ),
    max_leaves=8,
)


def test_no_parameters_break_the_simulator(sim):
    plain, rich = approved(sim), approved(sim, components=[HEADER, BODY, BUTTONS])

    @settings(max_examples=200, deadline=None)
    @given(components=st.lists(JSON, max_size=3))
    def fuzz(components):
        for template in (plain, rich):
            assert use(sim, template, *components).status_code in {200, 400}

    fuzz()


def test_a_paused_template_is_refused_until_it_is_approved_again(sim, receiver):
    template = approved(sim)
    for status, code in (("PAUSED", 132015), ("DISABLED", 132016)):
        sim.control("template_status", id=template["id"], status=status, reason="QUALITY")
        sim.refused(400, code, use(sim, template, texts("a", "b")))
    sim.control("template_status", waba_id=WABA, name=template["name"], status="APPROVED")
    assert use(sim, template, texts("a", "b")).status_code == 200
    sim.idle()
    events = [
        value["event"]
        for value in receiver.changes("message_template_status_update")
        if value["message_template_name"] == template["name"]
    ]
    assert sorted(events) == ["APPROVED", "APPROVED", "DISABLED", "PAUSED"]


def test_templates_are_listed_by_page_and_by_name(sim):
    for n in range(5):
        submit(sim, waba="300", name=f"listed_{n}")
    seen, url = [], "300/message_templates?limit=2&fields=name"
    while url:
        answer = sim.http.get(url if url.startswith("http") else f"/v23.0/{url}").json()
        seen += [template["name"] for template in answer["data"]]
        assert set(answer["data"][0]) == {"id", "name"}
        url = answer["paging"].get("next")
    assert seen == [f"listed_{n}" for n in range(5)]

    (found,) = sim.get("300/message_templates", name="listed_3").json()["data"]
    assert found["name"] == "listed_3"
    assert sim.get("300/message_templates", name="none").json() == {"data": []}
    for wrong in ({"limit": "x"}, {"limit": 0}, {"after": "!"}):
        sim.refused(400, 100, sim.get("300/message_templates", **wrong))


def test_a_deleted_template_is_gone(sim):
    template = approved(sim)
    path = f"/{WABA}/message_templates"
    assert sim.http.delete(path, params={"name": template["name"]}).json() == {"success": True}
    sim.refused(400, 100, sim.http.delete(path, params={"name": template["name"]}))
    sim.refused(400, 100, sim.http.delete(path))
    sim.refused(400, 100, sim.get(template["id"]))


def test_unregistered_templates_are_sent_when_the_option_says_so():
    with simulator(accept_unknown_templates=True) as running:
        assert use(running, {"name": "any", "language": "en"}, texts("a")).status_code == 200


def test_a_number_shows_its_quality_and_throughput(sim):
    sim.control("numbers", id="777", waba_id="W7", quality_rating="YELLOW")
    shown = sim.get("777").json()
    assert (shown["id"], shown["quality_rating"]) == ("777", "YELLOW")
    assert shown["throughput"] == {"level": "HIGH"}
    assert {"display_phone_number", "verified_name", "messaging_limit_tier"} <= shown.keys()
    assert sim.get("777", fields="quality_rating").json() == {
        "id": "777",
        "quality_rating": "YELLOW",
    }
    assert [n["id"] for n in sim.get("W7/phone_numbers").json()["data"]] == ["777"]


def upload(sim: SimulatorProcess, data: bytes, mime_type: str, **fields: str) -> httpx2.Response:
    return sim.http.post(
        f"/v23.0/{NUMBER}/media",
        files={"file": ("a.png", data, mime_type)},
        data={"messaging_product": "whatsapp", "type": mime_type} | fields,
    )


def test_media_make_the_round_trip_byte_for_byte(sim):
    media_id = upload(sim, PNG, "image/png").json()["id"]
    shown = sim.get(media_id).json()
    assert shown["sha256"] == hashlib.sha256(PNG).hexdigest()
    assert (shown["mime_type"], shown["file_size"]) == ("image/png", len(PNG))

    answer = sim.http.get(shown["url"])
    assert (answer.content, answer.headers["content-type"]) == (PNG, "image/png")
    sim.refused(400, 100, sim.http.get(shown["url"] + "0"))
    assert httpx2.get(shown["url"]).status_code == 401

    assert sim.send("4915500000002", type="image", image={"id": media_id}).status_code == 200
    sim.refused(400, 131009, sim.send("4915500000002", type="video", video={"id": media_id}))

    assert sim.http.delete(f"/v23.0/{media_id}").json() == {"success": True}
    sim.refused(400, 100, sim.get(media_id))
    sim.refused(400, 100, sim.http.delete(f"/v23.0/{media_id}"))
    sim.refused(400, 100, sim.http.get(shown["url"]))


def test_media_of_wrong_kind_or_size_are_refused(sim):
    sim.refused(400, 100, upload(sim, PNG, "application/zip"))
    sim.refused(400, 100, upload(sim, b"", "image/png"))
    sim.refused(400, 100, upload(sim, bytes(5 * 1024 * 1024 + 1), "image/png"))
    sim.refused(400, 100, upload(sim, bytes(100 * 1024 + 1), "image/webp"))
    moving = b"RIFF....WEBPVP8X....ANIM" + bytes(200 * 1024)
    assert upload(sim, moving, "image/webp").status_code == 200
    sim.refused(400, 100, upload(sim, PNG, "image/png", messaging_product="sms"))
    sim.refused(400, 100, sim.post(f"{NUMBER}/media", messaging_product="whatsapp"))
