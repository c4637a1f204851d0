"""Every kind of webhook becomes facts with a type of their own, and what they say is all of it."""

import json

import pytest

from commands.policies.inbox import InboxPolicy
from domain import ids
from domain.call import CallReported
from domain.contact import contact
from domain.inbound import InboundEdited, InboundReacted, InboundReceived, InboundRevoked
from domain.message import AcceptMessage, AttemptMessage, Content, QueueMessage, message
from domain.wire import decode
from infra.upkeep import forget_bodies
from tests.stage import Stage, now
from tests.test_inbox import deliver
from tests.webhook_chat import ANA, CALLS, ECHOES, FIRST, ITEMS, UNSUPPORTED
from tests.webhook_corpus import PAYLOADS, inbound

CALL_STEPS = {
    "call_rings": "ringing",
    "call_ends": "ended",
    "call_fails": "failed",
    "call_placed": "connected",
    "call_status": "ringing",
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """All payloads, each by itself, in one workspace that has what they name."""
    stage = Stage(tmp_path_factory.mktemp("kinds"))
    for n in range(8):
        id_ = ids.name_id(stage.ws, "message", str(n))
        about = {"workspace_id": stage.ws, "message_id": id_}
        content = Content(kind="text", text="hello")
        to = {"contact_id": ids.name_id(stage.ws, "contact", "x"), "account_id": stage.account}
        queue = QueueMessage(**about, **to, campaign_id=None, to="+4915500000001", content=content)
        stage.do(message, id_, queue)
        stage.do(message, id_, AttemptMessage(**about, attempt=1))
        accept = AcceptMessage(**about, attempt=1, wamid=f"wamid.OUT{n}", wa_id="4915500000001")
        stage.do(message, id_, accept)
    stage.project()
    stage.before = stage.store.head()
    policy = stage.policy(InboxPolicy, stage.inbox)
    stage.found = {}
    for name, payload in PAYLOADS.items():
        stage.inbox.accept(json.dumps(payload).encode(), now())
        policy.step(now())
        stage.project()
        facts = [decode(r).event for r in stage.store.read(stage.before, 100)]
        stage.before += len(facts)
        stage.found[name] = facts
    yield stage
    stage.close()


def fact(told, name, kind):
    (found,) = [event for event in told.found[name] if isinstance(event, kind)]
    return found


def test_nothing_is_kept_and_every_payload_leaves_a_fact(told):
    assert told.inbox.counts() == {}
    assert len(told.found) == len(PAYLOADS) > 0
    assert [name for name, facts in told.found.items() if not facts] == []


def test_a_body_that_comes_again_after_it_was_forgotten_leads_to_nothing(told):
    bodies = [json.dumps(payload).encode() for payload in PAYLOADS.values()]
    with told.engine.begin() as connection:
        assert forget_bodies(connection, now(seconds=60)) == len(bodies)
    before = told.store.head()
    assert all(told.inbox.accept_many(bodies, now())), "none of them is known any more"
    told.policy(InboxPolicy, told.inbox).step(now())
    assert told.inbox.counts() == {}
    again = [type(decode(r).event).__name__ for r in told.store.read(before, 100)]
    assert again == []


@pytest.mark.parametrize(
    "name",
    [n for n, item in ITEMS.items() if item["type"] not in {"reaction", "edit", "revoke"}],
)
def test_a_message_is_received_with_all_it_says(told, name):
    item, received = ITEMS[name], fact(told, name, InboundReceived)
    kind = item["type"]
    content = received.content
    said = {key: value for key, value in item.items() if key != "type"}
    if kind == "text":
        said = {key: value for key, value in said.items() if key != "text"}
        assert content.text == item["text"]["body"]
    assert {k: v for k, v in content.details.items() if k != "type"} == said
    assert content.kind == (kind if content.kind != "unsupported" else "unsupported")
    assert content.answers == item.get("context", {}).get("id", "")
    profile = {key: value for key, value in ANA.items() if key != "profile"} | ANA["profile"]
    sides = {"from": "4915500000001", "from_user_id": "DE.77"}
    assert (received.sender, received.echo) == (profile | sides, False)


@pytest.mark.parametrize(
    ("name", "text", "payload"),
    [
        ("image", "the crack", ""),
        ("document", "my order", ""),
        ("location", "Monas", ""),
        ("contacts", "Bo Lee, Cy", ""),
        ("button", "More", "more-please"),
        ("button_reply", "Yes!", "yes"),
        ("list_reply", "Tuesday", "row-2"),
        ("flow_reply", "Sent", ""),
        ("call_permission", "accept", ""),
        ("order", "for Friday", ""),
        ("identity_changed", "The security code has changed", ""),
        ("unsupported", "", ""),
    ],
)
def test_its_reader_sees_what_the_sender_saw(told, name, text, payload):
    content = fact(told, name, InboundReceived).content
    assert (content.text, content.payload) == (text, payload)


def test_files_are_named_so_that_they_can_be_fetched(told):
    image = fact(told, "image", InboundReceived).content.media
    assert (image.media_id, image.url) == ("m-1", "https://media.test/m-1")
    assert (image.mime_type, image.sha256) == ("image/jpeg", "Zm9vYmFy")
    assert fact(told, "voice", InboundReceived).content.media.voice
    assert not fact(told, "audio", InboundReceived).content.media.voice
    assert fact(told, "sticker", InboundReceived).content.media.animated
    assert fact(told, "document", InboundReceived).content.media.filename == "order 7.pdf"


def test_a_kind_nobody_knows_is_there_whole(told):
    content = fact(told, "invented_later", InboundReceived).content
    assert (content.kind, content.details["type"]) == ("unsupported", "hologram")
    assert content.details["hologram"] == {"id": "x", "depth": 3}


def test_errors_beside_a_message_stay_with_it(told):
    content = fact(told, "interactive_with_error", InboundReceived).content
    assert content.details == {"errors": [UNSUPPORTED]}
    assert fact(told, "unknown", InboundReceived).content.details["errors"] == [UNSUPPORTED]


def test_edits_revocations_and_reactions_name_their_message(told):
    edit = fact(told, "edit", InboundEdited)
    assert (edit.provider_id, edit.content.text) == ("wamid.EDITED", "the green one")
    assert edit.content.answers == "wamid.QUOTED"
    image = fact(told, "edit_of_image", InboundEdited).content
    assert (image.text, image.media.media_id) == ("mine", "m-1")
    assert fact(told, "revoke", InboundRevoked).provider_id == "wamid.REVOKED"
    liked = fact(told, "reaction", InboundReacted)
    assert (liked.target_provider_id, liked.emoji) == ("wamid.LIKED", "🙏")
    assert fact(told, "reaction_taken_back", InboundReacted).emoji == ""
    assert {e.sender["name"] for e in (edit, liked)} == {"Ana Roy"}


def test_what_the_phone_sent_is_the_companys_own(told):
    for name in ECHOES:
        kinds = InboundReceived | InboundEdited | InboundRevoked | InboundReacted
        echo = fact(told, name, kinds)
        assert echo.echo
        assert echo.sender["to"] == "4915500000001"
    assert "BusinessWrote" in {type(e).__name__ for e in told.found["echo"]}


@pytest.mark.parametrize(("name", "step"), CALL_STEPS.items())
def test_calls_are_reported_step_by_step(told, name, step):
    call = fact(told, name, CallReported)
    assert (call.step, call.seconds) == (step, 61 if name == "call_ends" else None)
    assert call.by == ("business" if name in {"call_placed", "call_status"} else "customer")
    if name in CALLS:
        assert CALLS[name].items() <= call.details.items()


def test_a_new_number_is_the_same_persons(told):
    names = [type(event).__name__ for event in told.found["number_changed"]]
    assert names == ["InboundReceived", "IdentifierClaimed", "ContactChanged"]
    changed = told.found["number_changed"][-1]
    assert (changed.before.phone, changed.profile.phone) == ("+4915500000001", "+4915500000009")
    later = inbound(ITEMS["text"] | {"from": "4915500000009", "id": "wamid.LATER"}, None)
    del later["entry"][0]["changes"][0]["value"]["messages"][0]["from_user_id"]
    deliver(told, json.dumps(later).encode())
    received = told.events(ids.inbound_id(told.account, "wamid.LATER"))[0]
    assert received.contact_id == changed.contact_id


def test_first_contact_is_one_append(told):
    names = [type(event).__name__ for event in told.found["text"]]
    assert names == [
        "IdentifierClaimed",
        "IdentifierClaimed",
        "ContactAdded",
        "InboundReceived",
        "ConversationStarted",
        "CustomerWrote",
    ]
    added = told.found["text"][2]
    assert (added.profile.phone, added.profile.first_name) == ("+4915500000001", "Ana Roy")
    assert added.source == "webhook"
    assert told.state(contact, added.contact_id).status == "live"


def test_notices_open_no_window_and_start_at_their_own_instant(told):
    names = {type(event).__name__ for event in told.found["identity_changed"]}
    assert "CustomerWrote" not in names
    assert fact(told, "text", InboundReceived).at.timestamp() == FIRST
