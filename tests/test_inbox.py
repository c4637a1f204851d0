"""Webhook bodies become facts: every item of every body, each at most once."""

import itertools
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from commands.policies import inbox as inbox_module
from commands.policies.inbox import InboxPolicy
from domain.account import account
from domain.ids import message_id
from domain.message import AcceptMessage, AttemptMessage, message
from infra.event_store.tables import webhook_inbox
from projections.messages import messages as message_rows
from tests import webhook_bodies as wire
from tests.stage import NUMBER, WABA, Stage, now


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


@pytest.fixture
def sent(stage):
    """Three messages that the provider has accepted."""
    people = stage.contacts([{"phone": f"+49155000000{n}"} for n in (1, 2, 3)])
    campaign_id = stage.queued()
    made = [message_id(campaign_id, contact_id) for contact_id in people]
    for number, id_ in enumerate(made):
        about = {"workspace_id": stage.ws, "message_id": id_, "attempt": 1}
        stage.do(message, id_, AttemptMessage(**about))
        stage.do(message, id_, AcceptMessage(**about, wamid=f"wamid.{number}", wa_id="4"))
    stage.project()
    stage.people = people
    return made


def deliver(stage, *bodies, at=None):
    stage.inbox.accept_many(bodies, now())
    return look_again(stage, at or now())


def look_again(stage, at):
    """State and reason of every body there is, after one look at that time."""
    stage.policy(InboxPolicy, stage.inbox).step(at)
    stage.project()
    with stage.engine.connect() as connection:
        columns = webhook_inbox.c.state, webhook_inbox.c.reason
        rows = connection.execute(select(*columns).order_by(webhook_inbox.c.id))
        return [tuple(row) for row in rows]


def shown(stage, id_):
    return stage.state(message, id_).status


def test_every_item_of_every_change_of_every_entry_counts(stage, sent):
    first, second, third = sent
    two = wire.statuses(wire.status(first, "sent"), wire.status(first, "delivered"))
    one = wire.statuses(wire.status(second, "read"))
    other = wire.statuses(wire.status(third, "failed", code=131026))
    settled = deliver(
        stage,
        wire.envelope({"id": WABA, "changes": [two, one]}, {"id": WABA, "changes": [other]}),
    )
    assert settled == [("done", "")]
    assert [shown(stage, id_) for id_ in sent] == ["delivered", "read", "failed"]
    failed = stage.events(third)[-1]
    assert (failed.code, failed.reason) == (131026, "words - more words")
    assert failed.at == datetime.fromtimestamp(1_800_000_000, UTC)


@pytest.mark.parametrize("order", list(itertools.permutations(["sent", "delivered", "read"])))
def test_statuses_in_any_order_and_twice_end_alike(stage, sent, order):
    for name in (*order, *order):
        deliver(stage, wire.body(wire.statuses(wire.status(sent[0], name), number=NUMBER)))
    state = stage.state(message, sent[0])
    assert (state.status, len(stage.events(sent[0]))) == ("read", 6)
    row = stage.row(message_rows, message_rows.c.message_id == sent[0])
    assert row.status == "read"


def test_a_status_without_our_id_is_found_by_the_providers(stage, sent):
    found = wire.status(None, "delivered", "wamid.1")
    assert deliver(stage, wire.body(wire.statuses(found))) == [("done", "")]
    assert shown(stage, sent[1]) == "delivered"


def test_somebody_elses_callback_data_is_not_taken_for_our_id(stage, sent):
    found = wire.status(None, "read", "wamid.2", biz_opaque_callback_data="order-77")
    deliver(stage, wire.body(wire.statuses(found)))
    assert shown(stage, sent[2]) == "read"


def test_a_status_of_an_unknown_message_is_tried_again_and_then_kept(stage, sent, monkeypatch):
    early = UUID(int=99)
    (settled,) = deliver(stage, wire.body(wire.statuses(wire.status(early, "sent"))))
    assert settled[0] == "waiting"
    monkeypatch.setattr(inbox_module, "TRIES", 3)
    later = 0
    for _ in range(3):
        later += 10_000
        (settled,) = deliver(stage, at=now(seconds=later))
    assert settled[0] == "kept"
    assert "there is no message msg_" in settled[1]


def test_ten_tries_take_an_hour():
    waits = [inbox_module.FIRST_WAIT_S * 2**n for n in range(inbox_module.TRIES)]
    assert 3500 < sum(waits) < 4000


def given_up(stage):
    """As `look_again`, when a number that nobody has was looked for often enough."""
    for minutes in range(1, 1 + inbox_module.STRANGE_TRIES):
        found = look_again(stage, now(seconds=60 * minutes))
    return found


def test_a_foreign_number_is_kept(stage, sent):
    found = wire.statuses(wire.status(sent[0], "read"), number="999")
    assert deliver(stage, wire.body(found)) == [("waiting", "unknown number 999")]
    assert given_up(stage) == [("kept", "unknown number 999")]
    assert shown(stage, sent[0]) == "accepted"


def test_what_comes_before_its_number_is_known_here_waits_for_it(stage):
    found = wire.change("phone_number_quality_update", display_phone_number="1", event="FLAGGED")
    assert deliver(stage, wire.body(found))[0][0] == "waiting"
    id_ = stage.number("77", WABA, shown="1")
    stage.project()
    assert look_again(stage, now(seconds=60)) == [("done", "")]
    assert stage.names(id_)[-1] == "NumberQualityChanged"


def test_a_message_is_only_touched_through_a_number_of_its_workspace(stage, sent):
    other = stage.new_workspace()
    stage.number("777", "888", ws=other)
    stage.project()
    found = wire.statuses(wire.status(sent[0], "read"), number="777")
    (settled,) = deliver(stage, wire.body(found))
    assert settled[0] == "waiting"
    assert shown(stage, sent[0]) == "accepted"


def test_what_is_not_understood_is_kept_and_the_rest_done(stage, sent):
    inbound = {"from": "491550", "id": "wamid.I", "timestamp": "soon", "type": "text"}
    mixed = wire.messages(statuses=[wire.status(sent[0], "read")], messages=[inbound])
    settled = deliver(
        stage,
        wire.body(mixed),
        wire.body(wire.change("history", history=[])),
        wire.body(wire.change("calls", calls=[])),
    )
    why = "timestamp is 'soon', seconds since 1970 were expected"
    assert settled == [
        ("kept", f"messages/text: {why}"),
        ("kept", "not yet understood: history/*"),
        ("kept", "calls is empty"),
    ]
    assert shown(stage, sent[0]) == "read"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"not json", "not JSON: "),
        (b'{"object":"page","entry":[]}', "object is 'page'"),
        (b"[1,2]", "a JSON object was expected, this is a list"),
        (b'{"object":"whatsapp_business_account"}', "entry is missing"),
        (b'{"object":"whatsapp_business_account","entry":[5]}', "entry[0] has no list of changes"),
        (b"[" * 100_000, "not JSON: "),
        (b"\xff\xfe", "not JSON: "),
    ],
)
def test_a_body_of_the_wrong_shape_is_kept_with_the_reason(stage, raw, why):
    ((state, reason),) = deliver(stage, raw)
    assert state == "kept"
    assert reason.startswith(why)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"timestamp": "soon"}, "timestamp is 'soon'"),
        ({"timestamp": "9" * 30}, "timestamp is '99999"),
        ({"id": 5}, "id is a number, a text was expected"),
        ({"id": "w" * 256}, "id has 256 characters"),
        ({"status": None}, "status is missing"),
    ],
)
def test_a_wrong_item_never_hides_its_neighbours(stage, sent, wrong, why):
    found = wire.statuses(wire.status(sent[0], "sent") | wrong, wire.status(sent[1], "read"))
    ((state, reason),) = deliver(stage, wire.body(found))
    assert state == "kept"
    assert why in reason
    assert shown(stage, sent[1]) == "read"


def test_one_body_may_speak_of_several_workspaces(stage, sent):
    other = stage.new_workspace()
    stage.number("777", "888", ws=other)
    stage.project()
    deliver(
        stage,
        wire.envelope(
            {"id": WABA, "changes": [wire.statuses(wire.status(sent[0], "read"))]},
            {"id": "888", "changes": [account_change("ACCOUNT_DELETED")]},
        ),
    )
    assert shown(stage, sent[0]) == "read"
    assert stage.state(account, stage.account).status == "connected"
    assert stage.state(account, number_id("777")).status == "paused"


def account_change(event, **value):
    return wire.change("account_update", event=event, **value)


def number_id(phone_number_id):
    from domain.ids import name_id

    return name_id(UUID(int=0), "number", phone_number_id)


def test_two_thousand_statuses_are_one_step(stage):
    people = stage.contacts([{"phone": f"+4915500{n:05}"} for n in range(400)])
    campaign_id = stage.queued()
    made = [message_id(campaign_id, contact_id) for contact_id in people]
    for id_ in made:
        attempt = AttemptMessage(workspace_id=stage.ws, message_id=id_, attempt=1)
        stage.do(message, id_, attempt)
    bodies = [
        wire.body(wire.statuses(*(wire.status(id_, name, f"wamid.{id_.hex}") for id_ in some)))
        for name in ("read", "delivered", "sent")
        for some in (made[:200], made[200:])
    ]
    assert deliver(stage, *bodies) == [("done", "")] * 6
    assert {shown(stage, id_) for id_ in made} == {"read"}
