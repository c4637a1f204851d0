"""Replies leave before the campaign messages of the same number, however much of those waits."""

import time

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from commands.policies.claims import Claims
from domain.contact import OptOutContact, contact
from domain.ids import show
from domain.message import Content, QueueMessage, RejectMessage, message
from projections.messages import messages
from projections.queue import NO_CAMPAIGN, lanes
from tests.senders import sending
from tests.simulators import simulator, until
from tests.stage import Stage, now
from tests.test_sender import OPTIONS, people
from tests.test_sender_claims import attempts
from tests.test_sender_rates import NUMBER, WABA

RATE = 20


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def reply(stage, contact_id, account_id=None, to="+4915577700001"):
    """What a person answers; its id."""
    id_ = uuid7()
    command = QueueMessage(
        workspace_id=stage.ws,
        message_id=id_,
        campaign_id=None,
        contact_id=contact_id,
        account_id=account_id or stage.account,
        to=to,
        content=Content(kind="text", text="Yes"),
        priority=1,
    )
    stage.do(message, id_, command)
    return id_


def test_a_reply_is_claimed_before_all_campaigns(stage):
    made = people(stage, 40)
    for _ in range(12):
        stage.queued()
    claims = Claims(stage.account)
    with stage.read.connect() as connection:
        for _ in range(5):  # every campaign has had its first message, and turns have moved on
            claims.take(connection, claims.running(connection), 7, now())
    answers = {reply(stage, made[0], to=f"+491557770000{n}") for n in range(3)}
    stage.project()
    with stage.read.connect() as connection:
        taken = claims.take(connection, claims.running(connection), 4, now())
    assert {claim.message_id for claim in taken[:3]} == answers
    assert [claim.campaign_id == NO_CAMPAIGN for claim in taken] == [True] * 3 + [False]


def test_a_reply_is_claimed_alone_while_campaigns_wait_for_answers(stage):
    made = people(stage, 20)
    stage.queued()
    answer = reply(stage, made[0])
    stage.project()
    [claimed] = attempts(stage).make(16, now(), replies=True)
    assert claimed.claim.message_id == answer


def test_a_reply_does_not_wait_for_one_that_is_to_be_tried_again(stage):
    made = people(stage, 1)
    trying, refused = attempts(stage), reply(stage, made[0])
    stage.project()
    trying.make(10, now())
    command = RejectMessage(
        workspace_id=stage.ws,
        message_id=refused,
        attempt=1,
        error_class="B",
        code=131000,
        reason="later",
    )
    stage.do(message, refused, command)
    stage.project()
    quiet_until = time.monotonic() + 0.8
    while time.monotonic() < quiet_until:  # nothing is due, so the lane is looked at less often
        assert trying.make(10, now()) == []
    answer = reply(stage, made[0])
    stage.project()
    begun, found = time.monotonic(), []
    while not found:
        found = trying.make(10, now())
    assert answer in {sending.claim.message_id for sending in found}
    assert time.monotonic() - begun < 0.5


def test_who_has_opted_out_of_campaigns_is_answered(stage):
    [ana] = people(stage, 1)
    stage.do(contact, ana, OptOutContact(workspace_id=stage.ws, contact_id=ana))
    answer = reply(stage, ana)
    stage.project()
    [claimed] = attempts(stage).make(10, now())
    assert claimed.claim.message_id == answer


def test_a_reply_overtakes_a_running_campaign(stage):
    """By the number's own rate: what leaves in a second is the most that may come before it."""
    people(stage, 300)
    account_id = stage.number(NUMBER, WABA, mps=RATE)
    campaigns = [stage.queued(account_id=account_id) for _ in range(4)]
    [ana] = people(stage, 1, "+4915888")
    stage.follow()
    with simulator(**OPTIONS) as provider, sending(stage, provider.url):
        stage.await_(lambda: len(provider.ledger()) >= RATE, "a second's worth")
        answer = reply(stage, ana, account_id)
        stage.await_(lambda: waits(stage, account_id), "its place in the queue")
        seen, shown = len(provider.ledger()), show("message", answer)
        stage.await_(
            lambda: shown in {line["callback_data"] for line in provider.ledger()}, "the reply"
        )
        order = [line["callback_data"] for line in provider.ledger()]
        assert order.index(shown) - seen <= RATE
        assert len(order) < 300 * len(campaigns) / 2, "the campaigns are far from their end"


def waits(stage, account_id):
    statement = select(lanes.c.workspace_id).where(
        lanes.c.account_id == account_id, lanes.c.campaign_id == NO_CAMPAIGN
    )
    with stage.read.connect() as connection:
        return connection.execute(statement).first()


def test_a_reply_leaves_before_the_read_models_know_of_it_and_once(stage):
    [ana] = people(stage, 1)
    stage.project()
    with simulator(**OPTIONS) as provider, sending(stage, provider.url):
        first = reply(stage, ana)
        until(lambda: len(provider.ledger()) == 1, "the first reply")
        assert stage.rows(messages) == []
        stage.follow()
        stage.await_(lambda: shown(stage, first) == "accepted", "its row")
        second = reply(stage, ana)
        stage.await_(lambda: shown(stage, second) == "accepted", "the second reply")
        sent = [line["callback_data"] for line in provider.ledger()]
    assert sent == [show("message", first), show("message", second)]


def shown(stage, id_):
    return next((row.status for row in stage.rows(messages, messages.c.message_id == id_)), "")
