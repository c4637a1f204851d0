"""WAHA's webhooks over HTTP: signed, kept once, and turned into facts."""

import hmac
import json

import pytest
from sqlalchemy import select

from commands.handling import Desk
from commands.policies.inbox import InboxPolicy
from commands.waha_webhooks import name_of, routes, signed
from domain import ids
from domain.account import account
from domain.inbound import inbound
from domain.message import (
    AcceptMessage,
    AttemptMessage,
    Content,
    MarkUnknown,
    QueueMessage,
    message,
)
from infra.event_store.tables import webhook_inbox
from projections.accounts import accounts
from projections.messages import messages
from tests.command_site import WAHA_KEYS, command_site
from tests.stage import Stage, now
from tests.test_inbox import given_up
from tests.waha_bodies import ANA, ack, event
from tests.waha_bodies import message as said

PATH = "/webhooks/waha"
KNOWN = b'{"event":"message","session":"default","engine":"WEBJS"}'
ANSWER = (
    "208f8a55dde9e05519e898b10b89bf0d0b3b0fdf11fdbf09b6b90476301b98d8"
    "097c462b2b17a6ce93b6b47a136cf2e78a33a63f6752c2c1631777076153fa89"
)


@pytest.fixture
def site(tmp_path):
    with command_site(tmp_path) as running:
        yield running


@pytest.fixture
def http(site):
    client = site.workspace().http
    del client.headers["Authorization"]
    return client


def sign(body, key=WAHA_KEYS[0]):
    return hmac.new(key.encode(), body, "sha512").hexdigest()


def deliver(http, body, signature=None, **headers):
    given = {"X-Webhook-Hmac": signature or sign(body), "X-Webhook-Hmac-Algorithm": "sha512"}
    return http.post(PATH, content=body, headers=given | headers)


def test_the_published_example_has_the_published_signature(http):
    assert sign(KNOWN, "my-secret-key") == ANSWER
    assert signed(KNOWN, ANSWER, [b"other", b"my-secret-key"])
    assert deliver(http, KNOWN, ANSWER).status_code == 200


def test_an_event_is_kept_byte_for_byte_as_wahas(site, http):
    body = event("message", said(body="ü \\u00fc"))
    assert deliver(http, body).status_code == 200
    (kept,) = site.inbox.take(10, now())
    assert (bytes(kept.body), kept.source) == (body, "waha")


def test_a_repetition_is_the_same_event_however_it_is_worded(site, http):
    body = event("message", said())
    again = json.dumps(json.loads(body) | {"environment": {"tier": "PLUS"}}, indent=1).encode()
    other = json.dumps(json.loads(body) | {"id": "evt_other"}).encode()
    assert [deliver(http, one).status_code for one in (body, again, body, other)] == [200] * 4
    assert site.inbox.counts() == {"new": 2}
    assert name_of(body) == name_of(again) != name_of(other)
    strange = [b"x", b'{"id": ""}', b'{"id": 7, "session": "a"}']
    assert [name_of(one) for one in strange] == strange


@pytest.mark.parametrize(
    "signature",
    ["0" * 128, ANSWER[:-1], ANSWER.upper(), f"sha512={ANSWER}", "x", sign(KNOWN + b" ")],
)
def test_a_wrong_signature_is_refused_and_nothing_kept(site, http, signature):
    answer = deliver(http, KNOWN, signature)
    assert (answer.status_code, answer.json()["code"]) == (401, "signature_wrong")
    assert site.inbox.counts() == {}


def test_another_algorithm_and_a_missing_signature_are_refused(site, http):
    wrong = {"X-Webhook-Hmac-Algorithm": "sha256"}
    assert deliver(http, KNOWN, **wrong).status_code == 401
    assert http.post(PATH, content=KNOWN).status_code == 401
    assert site.inbox.counts() == {}


def test_both_keys_are_good_while_one_is_being_replaced(http):
    assert [deliver(http, KNOWN, sign(KNOWN, key)).status_code for key in WAHA_KEYS] == [200, 200]


def test_without_a_key_nobody_is_listened_to(site):
    desk = Desk(site.store)
    assert routes(desk, site.inbox, ()) == []
    with pytest.raises(ValueError, match="must not be empty"):
        routes(desk, site.inbox, ("",))


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    stage.shop = stage.session("shop")
    stage.project()
    yield stage
    stage.close()


def take(stage, *bodies, at=None):
    """State and reason of every body there is, once these have been worked on."""
    stage.inbox.accept_many(bodies, now(), "waha")
    stage.policy(InboxPolicy, stage.inbox).step(at or now())
    stage.project()
    with stage.engine.connect() as connection:
        columns = webhook_inbox.c.state, webhook_inbox.c.reason
        found = connection.execute(select(*columns).order_by(webhook_inbox.c.id))
        return [tuple(row) for row in found]


def sent(stage, text="Hello", to="+4915500000001", outcome="accepted"):
    """A message outside campaigns, attempted, with that outcome."""
    (contact_id,) = stage.contacts([{"phone": to}]) if not hasattr(stage, "ana") else [stage.ana]
    stage.ana, id_ = contact_id, ids.name_id(stage.ws, "message", f"{text}{outcome}")
    about = {"workspace_id": stage.ws, "message_id": id_}
    content = Content(kind="text", text=text)
    whose = {"campaign_id": None, "contact_id": contact_id, "account_id": stage.shop}
    stage.do(message, id_, QueueMessage(**about, **whose, to=to, content=content))
    stage.do(message, id_, AttemptMessage(**about, attempt=1))
    match outcome:
        case "accepted":
            stage.do(message, id_, AcceptMessage(**about, attempt=1, wamid="3EB0AA", wa_id=""))
        case "unknown":
            stage.do(message, id_, MarkUnknown(**about, attempt=1, reason="no answer"))
    stage.project()
    return id_


def test_an_ack_finds_its_message_by_the_id_in_the_answer(stage):
    id_ = sent(stage)
    for number in (3, 1, 2, 2, -1):
        (*_, last) = take(stage, event("message.ack", ack(number)))
        assert last == ("done", "")
    assert stage.state(message, id_).status == "read"


def test_an_ack_that_comes_before_the_answer_is_stored_waits_for_it(stage):
    id_ = sent(stage, outcome="sending")
    (settled,) = take(stage, event("message.ack", ack(2)))
    assert settled == ("waiting", "unknown message 3EB0AA")
    about = {"workspace_id": stage.ws, "message_id": id_, "attempt": 1}
    stage.do(message, id_, AcceptMessage(**about, wamid="3EB0AA", wa_id=""))
    stage.project()
    assert take(stage, at=now(seconds=60)) == [("done", "")]
    assert stage.state(message, id_).status == "delivered"


def own(stage, text, key="3EB0ZZ", **more):
    at = stage.clock().timestamp()
    shown = said(key, mine=True, source="api", body=text, timestamp=at, ack=1)
    return event("message.any", shown | more)


def test_an_unknown_outcome_is_resolved_by_what_the_session_says_it_has_sent(stage):
    id_ = sent(stage, outcome="unknown")
    assert take(stage, own(stage, "Hello")) == [("done", "")]
    assert stage.names(id_)[-2:] == ["MessageAccepted", "MessageSent"]
    assert stage.row(messages, messages.c.message_id == id_).wamid == "3EB0ZZ"
    (*_, last) = take(stage, event("message.ack", ack(3, "3EB0ZZ")))
    assert (last, stage.state(message, id_).status) == (("done", ""), "read")


@pytest.mark.parametrize(
    "other",
    [
        {"body": "Hi"},
        {"timestamp": 1_500_000_000},
        {"to": "4915500000009@c.us"},
        {"hasMedia": True},
    ],
)
def test_another_message_resolves_nothing(stage, other):
    id_ = sent(stage, outcome="unknown")
    ((state, reason),) = take(stage, own(stage, "Hello", **other))
    assert state == "waiting"
    assert "sent over the API of WAHA" in reason
    assert stage.state(message, id_).status == "unknown"


def test_while_another_one_is_on_its_way_to_the_same_chat_nothing_is_concluded(stage):
    unknown, under_way = sent(stage, outcome="unknown"), sent(stage, outcome="sending")
    ((state, _),) = take(stage, own(stage, "Hello"))
    assert state == "waiting"
    assert stage.state(message, unknown).status == "unknown"
    assert stage.state(message, under_way).status == "sending"


def test_two_of_the_same_words_resolve_one_each(stage):
    first = sent(stage, outcome="unknown")
    body = own(stage, "Hello")
    assert take(stage, body, own(stage, "Hello", "3EB0YY"))[0] == ("done", "")
    assert stage.state(message, first).status == "sent"
    assert stage.row(messages, messages.c.message_id == first).wamid == "3EB0ZZ"


def test_a_customer_of_a_session_begins_a_conversation_once(stage):
    first = said(timestamp=stage.clock().timestamp())
    bodies = [event("message", first), event("message.any", first), event("message.any", first)]
    assert take(stage, *bodies) == [("done", "")] * 3
    id_ = ids.inbound_id(stage.shop, f"false_{ANA}_AA")
    assert stage.names(id_) == ["InboundReceived"]
    assert take(stage, event("message.edited", said("EE", body="new", editedMessageId="AA")))
    revoked = {"after": said("XX"), "before": None, "revokedMessageId": "AA"}
    take(stage, event("message.revoked", revoked))
    assert stage.names(id_) == ["InboundReceived", "InboundEdited", "InboundRevoked"]
    assert stage.state(inbound, id_) != inbound.initial


def test_reports_of_sessions_become_facts_in_the_providers_order(stage):
    def report(status, at_ms):
        return event("session.status", {"status": status, "statuses": []}, timestamp=at_ms)

    later, earlier = 1_800_000_002_000, 1_800_000_001_000
    take(stage, report("FAILED", later), report("SCAN_QR_CODE", earlier))
    assert stage.state(account, stage.shop).session.status == "failed"
    assert stage.row(accounts, accounts.c.account_id == stage.shop).session_status == "failed"
    assert stage.names(stage.shop)[-2:] == ["SessionChanged", "NotificationRaised"]


def test_a_session_that_nobody_has_connected_is_kept(stage):
    take(stage, event("message", said(), session="stranger"))
    assert given_up(stage) == [("kept", "unknown number stranger")]


def test_a_body_is_read_as_that_of_the_provider_whose_signature_it_had(stage):
    body = event("message.ack", ack(2))
    stage.inbox.accept_many([body], now())
    ((state, reason),) = take(stage)
    assert state == "kept"
    assert "object is missing" in reason
