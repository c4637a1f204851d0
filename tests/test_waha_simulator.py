"""The WAHA simulator: its sessions, what it refuses, what it reports, over real HTTP."""

import json
import subprocess
import sys

import pytest

from tests.simulators import ROOT, until
from tests.waha_simulators import PHONE, SESSION, WahaReceiver, signature, waha


@pytest.fixture(scope="module")
def running():
    with waha() as process:
        yield process


@pytest.fixture
def receiver():
    receiver = WahaReceiver()
    yield receiver
    receiver.down()


@pytest.fixture
def shop(running, receiver, request):
    """A session of its own that works."""
    name = f"s{abs(hash(request.node.name))}"
    running.started(receiver.url, name)
    return name


def test_a_session_shows_a_code_until_a_phone_scans_it(running, receiver):
    config = running.config(receiver.url)
    running.done("POST", "/api/sessions", name="scan", start=True, config=config)
    until(lambda: running.status("scan") == "SCAN_QR_CODE", "a code")
    code = running.http.get("/api/scan/auth/qr", params={"format": "raw"}).json()["value"]
    assert code.startswith("2@")
    running.scanned("scan")
    said = running.http.get("/api/sessions/scan").json()
    assert said["me"] == {"id": f"{PHONE}@c.us", "pushName": "Simulated Business"}
    refused = running.http.get("/api/scan/auth/qr", params={"format": "raw"})
    assert (refused.status_code, refused.json()["status"]) == (422, "WORKING")
    until(lambda: len(receiver.events("session.status")) == 4, "all reports")
    said = [p["status"] for p in receiver.payloads("session.status")]
    assert sorted(said) == ["SCAN_QR_CODE", "STARTING", "STARTING", "WORKING"]


def test_codes_change_and_at_last_the_session_fails(receiver):
    with waha(qr_lives_ms=10, qr_codes=3) as running:
        config = running.config(receiver.url)
        running.done("POST", "/api/sessions", name="slow", start=True, config=config)
        until(lambda: running.status("slow") == "FAILED", "the end")
        running.idle()
    said = [p["status"] for p in receiver.payloads("session.status")]
    assert sorted(said) == ["FAILED", *["SCAN_QR_CODE"] * 3, "STARTING"]


def test_a_linked_session_starts_again_without_a_code_and_a_logged_out_one_with(running, shop):
    running.done("POST", f"/api/sessions/{shop}/stop")
    assert running.status(shop) == "STOPPED"
    running.done("POST", f"/api/sessions/{shop}/start")
    until(lambda: running.status(shop) == "WORKING", "work")
    running.done("POST", f"/api/sessions/{shop}/restart")
    until(lambda: running.status(shop) == "WORKING", "work again")
    running.done("POST", f"/api/sessions/{shop}/logout")
    running.done("POST", f"/api/sessions/{shop}/start")
    until(lambda: running.status(shop) == "SCAN_QR_CODE", "a code")


def test_an_event_is_signed_over_its_raw_body(running, receiver, shop):
    running.person("write", "4915500000001", shop, text="hi / ü")
    hook = until(lambda: [h for h in receiver.hooks if h.body["event"] == "message"], "it")[0]
    assert hook.headers["x-webhook-hmac"] == signature(hook.raw)
    assert hook.headers["x-webhook-hmac-algorithm"] == "sha512"
    assert int(hook.headers["x-webhook-timestamp"]) > 10**12
    envelope = hook.body
    assert envelope["id"].startswith("evt_")
    assert envelope["timestamp"] > 10**12 > envelope["payload"]["timestamp"]
    assert envelope["session"] == shop


@pytest.mark.parametrize(
    ("digits", "acks"),
    [("0001", [1, 2]), ("0002", [1, 2, 3]), ("0003", []), ("0404", [-1])],
)
def test_what_becomes_of_a_message_is_scripted_by_its_last_digits(
    running, receiver, shop, digits, acks
):
    sent = running.text(f"491550000{digits}", session=shop).json()
    assert sent["id"].startswith(f"true_491550000{digits}@c.us_3EB0")
    assert (sent["ack"], sent["fromMe"], sent["source"]) == (0, True, "api")
    running.idle()
    assert sorted(receiver.acks(sent["id"])) == acks
    (echo,) = receiver.payloads("message.any")
    assert (echo["id"], echo["to"]) == (sent["id"], f"491550000{digits}@c.us")


def test_acks_are_lost_doubled_and_reversed_as_asked(receiver):
    with waha(disorder=1, duplicates=1, delay_ms=30) as running:
        running.started(receiver.url)
        sent = running.text("4915500000002").json()
        running.idle()
        assert receiver.acks(sent["id"])[:2] == [3, 3]
        running.options(loss=1)
        lost = running.text("4915500000002", "again").json()
        running.idle()
    assert len(receiver.acks(sent["id"])) == 6
    assert receiver.acks(lost["id"]) == []


def test_what_happens_while_a_session_is_away_is_told_when_it_is_back(running, receiver, shop):
    running.done("POST", f"/_simulator/sessions/{shop}/fail")
    refused = running.text("4915500000001", session=shop)
    assert (refused.status_code, refused.json()["status"]) == (422, "FAILED")
    running.person("write", "4915500000001", shop, text="anybody there?")
    assert receiver.payloads("message") == []
    running.done("POST", f"/api/sessions/{shop}/restart")
    (message,) = until(lambda: receiver.payloads("message"), "the message")
    assert message["body"] == "anybody there?"


def test_a_webhook_is_repeated_until_it_is_taken_and_given_up_in_the_end(running, receiver):
    retries = {"policy": "linear", "delaySeconds": 1, "attempts": 3}
    running.started(receiver.url, "retry", retries=retries)
    running.idle()
    receiver.answer = 503
    before, taken = running.stats()["webhooks"], len(receiver.hooks)
    running.person("write", "4915500000001", "retry", text="hi")
    until(lambda: receiver.refused >= 2, "two refusals")
    receiver.answer = 200
    running.idle()
    assert len(receiver.hooks) == taken + 2  # message and message.any
    receiver.answer = 503
    running.person("write", "4915500000001", "retry", text="ho")
    running.idle()
    assert running.stats()["webhooks"]["lost"] == before["lost"] + 2


def test_a_chat_shows_the_newest_first_and_only_what_is_asked_for(running, shop):
    first = running.text("4915500000001", "one", shop).json()
    running.person("write", "4915500000001", shop, text="answer")
    last = running.text("4915500000001", "two", shop).json()
    path = f"/api/{shop}/chats/4915500000001%40c.us/messages"
    shown = running.http.get(path, params={"filter.fromMe": "true", "limit": "5"}).json()
    assert [one["id"] for one in shown] == [last["id"], first["id"]]
    later = {"filter.timestamp.gte": str(last["timestamp"] + 10)}
    assert running.http.get(path, params=later).json() == []


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("sendText", {"text": 1}, "text must be a string"),
        ("sendText", {"text": "x", "chatId": "1@g.us"}, "the chat of a person"),
        ("sendImage", {}, "file must have a url"),
        ("sendLocation", {"latitude": "x"}, "must be numbers"),
        ("sendContactVcard", {"contacts": []}, "filled array"),
        ("sendButtons", {"body": "x", "buttons": []}, "1 to 4"),
    ],
)
def test_a_request_that_is_not_right_is_refused_in_wahas_words(running, shop, path, body, words):
    asked = {"session": shop, "chatId": "4915500000001@c.us", **body}
    answer = running.ask("POST", f"/api/{path}", **asked)
    assert (answer.status_code, answer.json()["statusCode"]) == (400, 400)
    assert words in answer.json()["message"][0]


def test_whoever_has_no_key_and_whatever_is_not_there_is_refused(running):
    for key in ("", "wrong"):
        answer = running.http.get("/api/sessions", headers={"X-Api-Key": key})
        assert (answer.status_code, answer.json()["message"]) == (401, "Unauthorized")
    assert running.http.get("/api/sessions/nobody").status_code == 404
    assert running.http.get("/api/nothing").status_code == 404
    again = running.ask("POST", "/api/sessions", name=SESSION, start=False)
    assert again.status_code == 201
    again = running.ask("POST", "/api/sessions", name=SESSION, start=False)
    assert "already exists" in again.json()["message"]


def test_the_ledger_has_what_has_left_whatever_was_answered(running, shop):
    before = len(running.ledger())
    assert running.text("4915500000501", session=shop).status_code == 500
    assert running.text("4915500000502", session=shop).status_code == 500
    (line,) = running.ledger(before)
    assert (line["chat"], line["type"]) == ("4915500000501@c.us", "sendText")


def test_help_names_every_option():
    command = [sys.executable, "-m", "infra.providers.waha_simulator", "--help"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "--qr-codes" in told
    assert "codes shown before the session is FAILED" in " ".join(told.split())
    wrong = subprocess.run(
        [*command[:-1], "--loss", "2"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert wrong.returncode == 3
    assert "waha simulator: --loss '2'" in wrong.stderr


def test_options_are_shown_without_keys_and_changed_at_run_time(running):
    shown = running.options(read_share=0.5)
    assert (shown["read_share"], shown["api_keys"]) == (0.5, 1)
    assert running.ask("POST", "/_simulator/options", loss=2).status_code == 400
    assert json.loads(running.http.get("/_simulator/options").text)["read_share"] == 0.5


def test_what_was_read_is_told_of_messages_that_somebody_wrote(running, shop):
    id_ = running.person("write", "4915500001111", session=shop, text="Hi")
    read = {"session": shop, "chatId": "4915500001111@c.us"}
    before = len(running.stats()["seen"])
    running.done("POST", "/api/sendSeen", **read, messageIds=[id_])
    running.done("POST", "/api/startTyping", **read)
    for wrong, words in (
        (read | {"messageIds": ["false_4915500001111@c.us_NEVER"]}, "nobody wrote"),
        (read | {"messageIds": "all"}, "array of strings"),
        (read | {"chatId": "123"}, "chat of a person"),
        ({"session": shop}, "chatId must be a string"),
    ):
        refused = running.ask("POST", "/api/sendSeen", **wrong)
        assert (refused.status_code, words in str(refused.json())) == (400, True), refused.text
    assert running.stats()["seen"][before:] == [
        ["sendSeen", {**read, "messageIds": [id_]}],
        ["startTyping", read],
    ]
