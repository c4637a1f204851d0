"""Every kind of reply as it goes over the wire, taken by the simulator of the Cloud API."""

import asyncio
from uuid import UUID

import pytest

from commands.policies.ports import Accepted, Outbound, Refused
from domain.message import Content
from domain.replies import check_content
from infra.providers.cloud_api import CloudApi
from infra.providers.cloud_api_bodies import message
from tests.simulators import NUMBER, TOKEN, simulator

LINK = "https://files.example/a.webp"
BUTTONS = [{"id": "y", "title": "Yes"}, {"id": "n", "title": "No"}]
SECTIONS = [{"title": "S", "rows": [{"id": "r1", "title": "Row", "description": "D"}]}]
CARD = {"name": {"formatted_name": "Bo"}, "phones": [{"phone": "+491552", "type": "CELL"}]}
PLACE = {"latitude": 52.5, "longitude": 13.4, "name": "Cafe", "address": "A St 1"}


def content(kind, text="", **details):
    return Content(kind=kind, text=text, details=details)


WIRE = {
    "text": (content("text", "Hello"), {"text": {"body": "Hello", "preview_url": False}}),
    "image": (
        Content(kind="image", link=LINK, text="c", details={"mime_type": "image/png", "size": 9}),
        {"image": {"link": LINK, "caption": "c"}},
    ),
    "document": (
        Content(kind="document", link=LINK, filename="a.pdf"),
        {"document": {"link": LINK, "filename": "a.pdf"}},
    ),
    "video": (Content(kind="video", link=LINK), {"video": {"link": LINK}}),
    "audio": (Content(kind="audio", link=LINK), {"audio": {"link": LINK}}),
    "sticker": (Content(kind="sticker", link=LINK), {"sticker": {"link": LINK}}),
    "location": (content("location", **PLACE), {"location": PLACE}),
    "contacts": (content("contacts", contacts=[CARD]), {"contacts": [CARD]}),
    "reaction": (
        content("reaction", message_id="wamid.A", emoji="👍"),
        {"reaction": {"message_id": "wamid.A", "emoji": "👍"}},
    ),
    "reaction taken back": (
        content("reaction", message_id="wamid.A", emoji=""),
        {"reaction": {"message_id": "wamid.A", "emoji": ""}},
    ),
    "buttons": (
        content("buttons", "Pick", buttons=BUTTONS, header="H", footer="F"),
        {
            "interactive": {
                "type": "button",
                "header": {"type": "text", "text": "H"},
                "body": {"text": "Pick"},
                "footer": {"text": "F"},
                "action": {"buttons": [{"type": "reply", "reply": button} for button in BUTTONS]},
            }
        },
    ),
    "list": (
        content("list", "B", button="Open", sections=SECTIONS),
        {
            "interactive": {
                "type": "list",
                "body": {"text": "B"},
                "action": {"button": "Open", "sections": SECTIONS},
            }
        },
    ),
    "quoting": (
        Content(kind="text", text="Yes", answers="wamid.A"),
        {"text": {"body": "Yes", "preview_url": False}, "context": {"message_id": "wamid.A"}},
    ),
}


@pytest.fixture(scope="module")
def provider():
    with simulator(tokens=TOKEN) as running:
        yield running


@pytest.mark.parametrize(("said", "sent"), WIRE.values(), ids=WIRE)
def test_each_kind_of_reply_has_its_wire_form_and_is_taken(provider, said, sent):
    check_content(said)
    [kind] = sent.keys() - {"context"}
    body = message(Outbound(UUID(int=7), NUMBER, "+4915500000001", said))
    assert {name: body.get(name) for name in sent} == sent
    assert body["type"] == kind
    assert isinstance(take(provider, "+4915500000001", said), Accepted)


def test_a_person_without_a_number_is_addressed_by_the_providers_id(provider):
    said = content("text", "Hello")
    body = message(Outbound(UUID(int=7), NUMBER, "DE.1A2B3C4D", said))
    assert (body["recipient"], "to" in body) == ("DE.1A2B3C4D", False)
    assert isinstance(take(provider, "DE.1A2B3C4D", said), Accepted)


def test_the_simulator_tells_a_wrong_reply_from_a_right_one(provider):
    wrong = content("buttons", "Pick", buttons=BUTTONS * 2)
    assert isinstance(take(provider, "+4915500000001", wrong), Refused)


def take(provider, to, said):
    async def taking():
        async with CloudApi(provider.url, TOKEN) as api:
            return await api.send(Outbound(UUID(int=7), NUMBER, to, said))

    return asyncio.run(taking())
