"""Simulated customers write, edit, take back, react, call and read; Blazz understands all of it."""

import base64
import hashlib

import pytest

from domain.contact import contact
from projections.calls import calls
from projections.contacts import contacts
from projections.conversations import conversations
from projections.reactions import reactions
from projections.transcript_tables import transcript
from tests.simulators import NUMBER, SECRET, WABA, Receiver, simulator
from tests.stage import Stage
from tests.test_inbox import deliver

ANA, HER_ID = "4915500000007", "DE.12ab"


@pytest.fixture(scope="module")
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.down()


@pytest.fixture(scope="module")
def sim(receiver):
    with simulator(webhook_url=receiver.url, app_secret=SECRET, delay_ms=5) as running:
        running.control("numbers", id=NUMBER, waba_id=WABA, display_phone_number="15550000001")
        yield running


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def play(sim, receiver, *deeds):
    """The ids of what the deeds made, and the webhook bodies they caused, in their order."""
    receiver.hooks.clear()
    given = [{"phone_number_id": NUMBER, "customer": ANA, "name": "Ana"} | deed for deed in deeds]
    answer = sim.control("customers", deeds=given)
    assert answer.status_code == 200, answer.text
    sim.idle()
    return answer.json()["ids"], [hook.raw for hook in receiver.hooks]


def in_order(**deed):
    """Far enough apart to be posted one after the other."""
    order.append(order[-1] + 25)
    return deed | {"after_ms": order[-1]}


order = [0]


def test_a_script_is_a_conversation(sim, receiver, stage):
    order[:] = [0]
    made, hooks = play(
        sim,
        receiver,
        in_order(does="write", text="hello"),
        in_order(does="edit", message_id="#0", text="hello there"),
        in_order(does="write", text="wrong chat"),
        in_order(does="revoke", message_id="#2"),
        in_order(does="react", message_id="#0", emoji="👍"),
        in_order(does="echo", text="we are closed"),
        in_order(does="call"),
        in_order(does="call", message_id="#6", event="ends", seconds=42),
        in_order(does="wish", wish="stop"),
        in_order(does="move", new_number="+49 155 0000 0008"),
    )
    assert deliver(stage, *hooks) == [("done", "")] * 10
    rows = {row.provider_id: row for row in stage.rows(transcript)}
    assert rows[made[0]].edited_body == "hello there"
    assert rows[made[2]].revoked_at
    assert (rows[made[5]].direction, rows[made[5]].from_phone) == ("out", 1)
    assert stage.row(reactions).target == made[0]
    call = stage.row(calls)
    assert (call.provider_id, call.seconds) == (made[6], 42)
    person = stage.row(contacts)
    assert (person.phone, person.first_name, person.opted_out) == ("+4915500000008", "Ana", 1)
    assert stage.row(conversations).inbound_count == 2


def test_customers_send_files_that_can_be_fetched(sim, receiver, stage):
    content = base64.b64decode("iVBORw0KGgo=") + b"picture"
    form = {"messaging_product": "whatsapp"}
    files = {"file": ("a.png", content, "image/png")}
    upload = sim.http.post(f"/v23.0/{NUMBER}/media", data=form, files=files)
    media_id = upload.json()["id"]
    picture = {"type": "image", "image": {"id": media_id, "caption": "look"}}
    _, hooks = play(sim, receiver, {"does": "write", "message": picture})
    deliver(stage, *hooks)
    image = stage.row(transcript)
    assert '"media_id":"' + media_id in image.media
    assert hashlib.sha256(content).hexdigest() in image.media
    where = sim.get(media_id).json()
    assert where["mime_type"] == "image/png"
    assert sim.http.get(where["url"]).content == content
    assert sim.http.get(where["url"], headers={"Authorization": ""}).status_code == 401


def test_customers_may_be_known_by_an_id_only(sim, receiver, stage):
    _, hooks = play(sim, receiver, {"does": "write", "text": "hi", "customer": HER_ID})
    deliver(stage, *hooks)
    person = stage.row(contacts)
    assert (person.phone, person.first_name) == ("", "Ana")
    assert stage.state(contact, person.contact_id).source == "webhook"


def test_a_customer_reads_what_was_sent(sim, receiver):
    wamid = sim.sent("4915500000001")
    sim.idle()
    assert "read" not in receiver.kinds(wamid)
    play(sim, receiver, {"does": "read", "message_id": wamid, "customer": "4915500000001"})
    assert receiver.kinds(wamid) == ["read"]


@pytest.mark.parametrize(
    ("deed", "code", "why"),
    [
        ({"does": "write"}, 100, "exactly one of text and message"),
        ({"does": "write", "text": "a", "message": {"type": "text"}}, 100, "exactly one"),
        ({"does": "edit", "message_id": "#9", "text": "x"}, 131009, "names no earlier deed"),
        ({"does": "read", "message_id": "wamid.none"}, 131009, "id of a message sent here"),
        ({"does": "write", "text": "x", "customer": "Ana"}, 131009, "phone number or a user id"),
        ({"does": "move", "new_number": "soon"}, 131009, "new_number must be a phone number"),
        ({"does": "sing"}, 100, "Invalid enum value"),
    ],
)
def test_a_script_that_cannot_be_played_is_refused_whole(sim, receiver, deed, code, why):
    given = {"phone_number_id": NUMBER, "customer": ANA}
    before = len(receiver.hooks)
    script = [given | {"does": "write", "text": "x"}, given | deed]
    assert why in sim.refused(400, code, sim.control("customers", deeds=script))
    sim.idle()
    assert len(receiver.hooks) == before
