"""The simulator accepts messages like the Cloud API and lets each end as its number says."""

import hashlib
import hmac
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from tests.simulators import (
    NUMBER,
    ROOT,
    SECRET,
    TOKEN,
    WABA,
    Receiver,
    SimulatorProcess,
    simulator,
    until,
)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.down()


@pytest.fixture(scope="module")
def sim(receiver: Receiver) -> Iterator[SimulatorProcess]:
    with simulator(webhook_url=receiver.url, app_secret=SECRET) as running:
        yield running


def test_a_send_is_accepted_with_the_digits_as_wa_id(sim):
    answer = sim.send("+49 1550 7770002")

    assert answer.status_code == 200
    body = answer.json()
    assert body["contacts"] == [{"input": "+49 1550 7770002", "wa_id": "4915507770002"}]
    assert body["messages"][0]["message_status"] == "accepted"
    assert body["messages"][0]["id"].startswith("wamid.HBg")


def test_any_version_or_none_is_served(sim):
    body = {"messaging_product": "whatsapp", "to": "4915500000002", "text": {"body": "x"}}
    for prefix in ("", "/v17.0", "/v23.0", "/v26"):
        assert sim.http.post(f"{prefix}/{NUMBER}/messages", json=body).status_code == 200


@pytest.mark.parametrize(
    ("digits", "statuses"),
    [
        ("0001", ["sent", "delivered"]),
        ("0002", ["sent", "delivered", "read"]),
        ("0404", ["failed"]),
    ],
)
def test_the_last_digits_of_the_recipient_decide_the_outcome(sim, receiver, digits, statuses):
    wamid = sim.sent(f"491551111{digits}", biz_opaque_callback_data="msg_1")
    sim.idle()

    seen = receiver.statuses(wamid)
    assert sorted(s["status"] for s in seen) == sorted(statuses)
    assert {s["biz_opaque_callback_data"] for s in seen} == {"msg_1"}
    assert all(isinstance(s["timestamp"], str) and s["timestamp"].isdigit() for s in seen)


def test_a_failed_status_names_its_error(sim, receiver):
    wamid = sim.sent("491552220404")
    sim.idle()

    (failed,) = receiver.statuses(wamid)
    assert failed["errors"][0]["code"] == 131026
    assert failed["errors"][0]["error_data"]["details"]
    assert "pricing" not in failed


def test_a_throttled_recipient_is_refused_once_and_fine_afterwards(sim, receiver):
    sim.refused(429, 130429, sim.send("491553330429"))
    wamid = sim.sent("491553330429")
    sim.idle()

    assert "read" in receiver.kinds(wamid)


def test_an_opted_out_recipient_is_refused_at_once(sim):
    before = len(sim.ledger())
    sim.refused(400, 131050, sim.send("491553330131"))
    assert len(sim.ledger()) == before


def test_an_accepted_send_may_never_be_answered(sim, receiver):
    assert sim.control("options", hold_ms=100).status_code == 200
    before = len(sim.ledger())

    with pytest.raises(httpx2.RemoteProtocolError):
        sim.send("491554440500", biz_opaque_callback_data="msg_lost")

    (line,) = sim.ledger(before)
    assert line["callback_data"] == "msg_lost"
    until(lambda: "read" in receiver.kinds(line["wamid"]), "the statuses of an unanswered send")


def test_a_client_may_give_up_on_an_answer_that_never_comes(sim):
    sim.control("options", hold_ms=30_000)
    with pytest.raises(httpx2.ReadTimeout):
        sim.http.post(
            f"/v23.0/{NUMBER}/messages",
            json={"messaging_product": "whatsapp", "to": "491554450500", "text": {"body": "x"}},
            timeout=0.1,
        )
    assert sim.ledger()[-1]["to"] == "491554450500"


def test_pricing_comes_with_sent_and_with_the_first_sign_of_arrival_only(sim, receiver):
    wamid = sim.sent("491555550002")
    sim.idle()

    priced = {s["status"]: s.get("pricing") for s in receiver.statuses(wamid)}
    assert priced["sent"] == priced["delivered"]
    assert priced["sent"]["pricing_model"] == "PMP"
    assert priced["sent"]["category"] == "service"
    assert priced["read"] is None


def test_webhooks_have_the_newest_envelope(sim, receiver):
    wamid = sim.sent("491556660001")
    sim.idle()

    hook = next(h for h in receiver.hooks if wamid.encode() in h.raw)
    assert hook.body["object"] == "whatsapp_business_account"
    entry = hook.body["entry"][0]
    assert entry["id"] == WABA
    value = entry["changes"][0]["value"]
    assert value["messaging_product"] == "whatsapp"
    assert value["metadata"]["phone_number_id"] == NUMBER
    assert value["contacts"][0]["wa_id"] == "491556660001"
    assert value["contacts"][0]["user_id"].startswith("DE.")
    assert "conversation" not in value["statuses"][0]


def test_webhooks_are_signed_over_their_raw_bytes(sim, receiver):
    sim.control("inbound", **{"phone_number_id": NUMBER, "from": "4915577", "text": "grüße/ß"})
    sim.idle()

    assert receiver.hooks
    for hook in receiver.hooks:
        digest = hmac.new(SECRET.encode(), hook.raw, hashlib.sha256).hexdigest()
        assert hook.headers["x-hub-signature-256"] == f"sha256={digest}"


def test_a_reaction_is_only_ever_sent(sim, receiver):
    reaction = {"message_id": "wamid.X", "emoji": "👍"}
    wamid = sim.sent("491557770002", type="reaction", reaction=reaction)
    sim.idle()
    assert receiver.kinds(wamid) == ["sent"]


def test_a_scoped_user_id_may_stand_for_the_phone_number(sim, receiver):
    answer = sim.post(
        f"{NUMBER}/messages",
        messaging_product="whatsapp",
        recipient="DE.770002",
        text={"body": "x"},
    )
    assert answer.json()["contacts"] == [{"input": "DE.770002", "user_id": "DE.770002"}]


def test_marking_as_read_and_typing_are_acknowledged_and_counted(sim):
    said = {"phone_number_id": NUMBER, "from": "+4915566000001", "text": "Hi"}
    wamid, before = sim.control("inbound", **said).json()["id"], sim.stats()["read"]
    mark = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
    for extra in ({}, {}, {"typing_indicator": {"type": "text"}}):
        answer = sim.post(f"{NUMBER}/messages", **mark, **extra)
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    after = sim.stats()["read"]
    more = {name: after[name] - before[name] for name in after}
    assert more == {"marks": 3, "messages": 1, "typing": 1}


def test_a_message_that_did_not_come_to_the_number_cannot_be_marked_as_read(sim):
    said = {"phone_number_id": NUMBER, "from": "+4915566000001", "text": "Hi"}
    mark = {"messaging_product": "whatsapp", "status": "read"}
    elsewhere = sim.control("inbound", **said | {"phone_number_id": "777"}).json()["id"]
    for wamid in ("wamid.A", elsewhere, sim.sent("4915566000001")):
        answer = sim.post(f"{NUMBER}/messages", **mark, message_id=wamid)
        assert NUMBER in sim.refused(400, 131009, answer)


def test_the_ledger_has_one_line_per_accepted_send(sim):
    before, accepted = len(sim.ledger()), sim.stats()["accepted"]
    wamids = [sim.sent(f"4915588{n:03d}0001", biz_opaque_callback_data=str(n)) for n in range(5)]
    sim.refused(400, 131009, sim.send("not a number"))

    lines = sim.ledger(before)
    assert [line["wamid"] for line in lines] == wamids
    assert [line["callback_data"] for line in lines] == list("01234")
    named = {"to", "wamid", "callback_data", "phone_number_id", "type", "at", "media_id"}
    assert set(lines[0]) == named
    assert sim.stats()["accepted"] == accepted + 5 == before + 5


def test_an_inbound_message_reaches_the_receiver(sim, receiver):
    answer = sim.control(
        "inbound", **{"phone_number_id": NUMBER, "from": "+4915599", "text": "hi", "name": "Ana"}
    )
    sim.idle()

    inbound = [value for value in receiver.changes() if "messages" in value]
    value = next(v for v in inbound if v["messages"][0]["id"] == answer.json()["id"])
    assert value["messages"][0]["from"] == "4915599"
    assert value["messages"][0]["text"] == {"body": "hi"}
    assert value["contacts"][0]["profile"] == {"name": "Ana"}


def test_health_and_control_need_no_token(sim):
    assert httpx2.get(f"{sim.url}/-/healthy").status_code == 200
    assert httpx2.get(f"{sim.url}/_simulator/stats").status_code == 200


def test_it_stops_cleanly_when_asked_to():
    for number in (signal.SIGTERM, signal.SIGINT):
        with simulator() as running:
            running.sent("4915500000002")
            running.process.send_signal(number)
            assert running.process.wait(10) == 0


@pytest.mark.parametrize(
    ("flags", "named"),
    [(["--batch-max", "0"], "--batch-max"), (["--webhook-url", "nowhere"], "--webhook-url")],
)
def test_a_wrong_flag_is_named_and_nothing_starts(flags, named):
    done = subprocess.run(
        [sys.executable, "-m", "infra.providers.simulator", *flags],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert named in done.stderr
    assert done.stdout == ""


def test_a_held_connection_does_not_delay_the_stop():
    with simulator() as running, ThreadPoolExecutor(1) as pool:
        held = pool.submit(running.send, "491554440500")
        until(running.ledger, "the send")
        running.process.terminate()
        assert running.process.wait(4) == 0
        assert isinstance(held.exception(), httpx2.RemoteProtocolError)


def test_only_named_tokens_are_taken_when_some_are_named():
    with simulator(tokens=f"{TOKEN},other") as running:
        running.sent("4915500000002")
        running.http.headers["Authorization"] = "Bearer stranger"
        running.refused(401, 190, running.send("4915500000002"))
        running.refused(401, 190, running.get(NUMBER))
