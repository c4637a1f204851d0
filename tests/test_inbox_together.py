"""What comes twice, at once, late or broken: each thing said is there once, in its order."""

import json
import random

import pytest
from sqlalchemy import event as sql_events

from commands.policies.inbox import InboxPolicy
from domain import ids
from domain.conversation import BusinessWrote, conversation
from domain.inbound import InboundReceived
from domain.message import AttemptMessage, Content, QueueMessage, message
from domain.wire import decode
from domain.workspace import SetWorkingHours, workspace
from projections.conversations import conversations
from projections.transcript_tables import transcript
from tests import webhook_bodies as wire
from tests.stage import Stage, now
from tests.test_inbox import deliver
from tests.webhook_chat import FIRST
from tests.webhook_corpus import inbound, payload


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def text(n, words="hello", sender="4915500000001", at=0):
    body = {"type": "text", "id": f"wamid.{n}", "text": {"body": words}}
    told = {"from": sender, "from_user_id": f"DE.{sender}", "timestamp": str(at or FIRST + int(n))}
    return inbound(body | told, None)


def body(*payloads):
    entries = [entry for one in payloads for entry in one["entry"]]
    return json.dumps(payloads[0] | {"entry": entries}).encode()


def facts(stage, kind):
    log = [decode(r).event for r in stage.store.read(0, 10_000)]
    return [fact for fact in log if isinstance(fact, kind)]


def said(stage):
    """The transcript of the only conversation, as it is read."""
    stage.project()
    rows = sorted(stage.rows(transcript), key=lambda row: row.place)
    assert len({row.conversation_id for row in rows}) == 1
    return [row.provider_id for row in rows]


def test_the_same_message_twice_in_one_body_is_there_once(stage):
    assert deliver(stage, body(text(1), text(1), text(2), text(1))) == [("done", "")]
    assert said(stage) == ["wamid.1", "wamid.2"]
    assert stage.row(conversations).inbound_count == 2


def test_a_hook_that_comes_ten_times_changes_nothing(stage):
    """The bodies differ, as they do when a provider packs what it repeats anew."""
    hooks = [body(text(1)) + b" " * n for n in range(10)]
    assert deliver(stage, *hooks) == [("done", "")] * 10
    assert said(stage) == ["wamid.1"]
    before = stage.store.head()
    deliver(stage, *(hook + b"\n" for hook in hooks))
    assert stage.store.head() == before


def test_messages_that_come_in_any_order_are_read_in_theirs(stage):
    hooks = [body(text(n)) for n in range(12)]
    random.Random(7).shuffle(hooks)
    for hook in hooks:
        deliver(stage, hook)
    assert said(stage) == [f"wamid.{n}" for n in range(12)]
    state = stage.state(conversation, stage.row(conversations).conversation_id)
    assert state.inbound == 12
    assert stage.row(conversations).last_message_id == ids.inbound_id(stage.account, "wamid.11")


def test_one_bad_item_holds_up_nobody(stage):
    bad = [
        text(1),
        inbound({"type": "text", "id": "wamid.2", "text": {"body": 5}}, None),
        inbound({"type": "text", "id": 3, "text": {"body": "x"}}, None),
        inbound({"type": "image", "id": "wamid.4", "image": "none"}, None),
        inbound({"type": "text", "id": "wamid.5", "from": "f" * 999, "text": {"body": "x"}}, None),
        inbound({"type": "text", "id": "wamid.6", "text": {"body": "x" * 300_000}}, None),
        inbound({"type": "text", "id": "wamid.7", "timestamp": "-4", "text": {"body": "x"}}, None),
        inbound(
            {"type": "text", "id": "wamid.8", "from": None, "from_user_id": None}
            | {"text": {"body": "x"}},
            None,
        ),
        text(9),
    ]
    ((state, reason),) = deliver(stage, body(*bad))
    assert state == "kept"
    assert said(stage) == ["wamid.1", "wamid.9"]
    for why in ("body is a number", "id is a number", "image is a text", "999 characters"):
        assert why in reason


@pytest.mark.parametrize("seed", range(5))
def test_signed_nonsense_is_kept_and_counted(stage, seed):
    """Real payloads with a part of them replaced by something else, wherever it may be."""
    chance = random.Random(seed)
    bodies = []
    for n in range(40):
        told = text(n)
        _spoil(chance, told)
        bodies.append(json.dumps(told | {"n": n}).encode())
    settled = deliver(stage, *bodies, body(text(99)))
    assert {state for state, _ in settled} <= {"done", "kept"}
    assert all(reason for state, reason in settled if state == "kept")
    stage.project()
    assert "wamid.99" in {row.provider_id for row in stage.rows(transcript)}
    assert len(settled) == 41
    assert stage.inbox.counts().get("kept", 0) == sum(state == "kept" for state, _ in settled) > 0
    assert not any(r"could not be worked on" in reason for _, reason in settled)


def _spoil(chance, value):
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = chance.choice(keys)
        if isinstance(value[key], dict | list) and value[key] and chance.random() < 0.7:
            value = value[key]
            continue
        value[key] = chance.choice([None, [], {}, [[]], "", "x", 10**30, -1, True, 1.5, "\x00"])
        return


def test_what_was_lost_in_an_outage_comes_again_and_is_there_once(stage):
    """Of ten hooks the first three were stored; after the outage the provider sends all again."""
    hooks = [body(text(n)) for n in range(10)]
    deliver(stage, *hooks[:3])
    stage.inbox.accept_many(hooks[3:5], now())
    again = [body(text(n), text(n + 1)) for n in range(0, 10, 2)]
    deliver(stage, *again)
    assert said(stage) == [f"wamid.{n}" for n in range(10)]
    assert len(facts(stage, InboundReceived)) == 10


def test_many_bodies_of_many_people_are_some_statements_and_one_commit(stage):
    """No query per item: five times the items take no statement more."""
    counts = []
    for people in (20, 100):
        bodies = [
            body(
                *(text(f"{people}-{p}-{n}", sender=f"49155{people}{p:05}", at=FIRST) for n in "ab")
            )
            for p in range(people)
        ]
        stage.inbox.accept_many(bodies, now())
        policy, seen, commits, loads = stage.policy(InboxPolicy, stage.inbox), [], [], []
        listen = lambda *args, seen=seen: seen.append(args[2])  # noqa: E731
        for engine in (stage.engine, stage.read):
            sql_events.listen(engine, "before_cursor_execute", listen)
        append, load = stage.store.append, stage.store.load
        stage.store.append = lambda *args, a=append, c=commits: c.append(1) or a(*args)
        stage.store.load = lambda *args, a=load, c=loads: c.append(1) or a(*args)
        policy.step(now())
        stage.store.append, stage.store.load = append, load
        for engine in (stage.engine, stage.read):
            sql_events.remove(engine, "before_cursor_execute", listen)
        counts.append((len(seen), len(loads), len(commits)))
        stage.project()
    (few, loads, one), (many, more_loads, again) = counts
    assert many <= few <= 6
    assert (loads, one) == (more_loads, again) == (2, 1)
    assert len(stage.rows(conversations)) == 120
    assert {row.inbound_count for row in stage.rows(conversations)} == {2}


def test_a_reply_that_was_delivered_is_never_shown_as_sent_again(stage):
    deliver(stage, body(text(1)))
    (got,) = facts(stage, InboundReceived)
    about = {"workspace_id": stage.ws, "message_id": (id_ := ids.name_id(stage.ws, "m", "1"))}
    to = {"contact_id": got.contact_id, "account_id": stage.account, "campaign_id": None}
    content = Content(kind="text", text="yes")
    queue = QueueMessage(**about, **to, to="+4915500000001", content=content, priority=1)
    stage.do(message, id_, queue)
    stage.do(message, id_, AttemptMessage(**about, attempt=1))
    before = stage.row(conversations)
    for name in ("delivered", "sent", "read", "delivered", "sent"):
        told = wire.status(id_, name, "wamid.OUT", pricing={"billable": True})
        assert deliver(stage, wire.body(wire.statuses(told)))[-1] == ("done", "")
    stage.project()
    row = stage.row(transcript, transcript.c.message_id == id_)
    assert (row.status, row.provider_id) == ("read", "wamid.OUT")
    assert None not in (row.sent_at, row.delivered_at, row.read_at)
    after = stage.row(conversations)
    assert (after.inbound_count, after.status) == (before.inbound_count, before.status)


def test_errors_of_a_number_that_come_alone_are_told_of_it(stage):
    metadata = {"display_phone_number": "1", "phone_number_id": "106540352242922"}
    trouble = {"metadata": metadata, "errors": [{"code": 130429, "title": "Rate limit hit"}]}
    deliver(stage, json.dumps(payload("messages", trouble)).encode())
    told = stage.events(stage.account)[-1]
    assert (told.field, told.event) == ("messages", "errors")
    assert told.details["errors"] == trouble["errors"]


def test_an_answer_from_the_phone_ends_the_wait_in_working_hours(stage):
    """Ana writes on a Friday evening and is answered on Monday morning."""
    friday, monday = 1_760_119_200, 1_760_342_400  # 18:00 and 08:00 in UTC
    week = tuple((day, 9 * 60, 17 * 60) for day in range(7))
    hours = SetWorkingHours(workspace_id=stage.ws, weekly=week)
    stage.do(workspace, stage.ws, hours)
    deliver(stage, body(text("1", at=friday)))
    echo = {"id": "wamid.E", "from": "15550000001", "to": "4915500000001", "type": "text"}
    echo |= {"timestamp": str(monday + 2 * 3600), "text": {"body": "yes"}}
    value = text("1")["entry"][0]["changes"][0]["value"] | {"message_echoes": [echo]}
    del value["messages"]
    deliver(stage, json.dumps(payload("smb_message_echoes", value)).encode())
    (answer,) = facts(stage, BusinessWrote)
    two_days_and_an_hour = 17
    assert answer.response_ms == two_days_and_an_hour * 3600 * 1000
