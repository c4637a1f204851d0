"""Replies as the store has them: found among all that is stored, on both databases."""

import pytest
import uuid_utils.compat as uuids

from commands.execute import Ask, execute_many
from commands.policies import overheard
from commands.policies.overheard import Overheard
from domain.kernel import Metadata
from domain.message import CancelMessage, Content, QueueMessage, message
from infra.event_store import open_store
from projections.queue import NO_CAMPAIGN
from tests.examples import ACCOUNT, CONTACT, WORKSPACE
from tests.spec import NOW

TEXT = Content(kind="text", text='She said "campaign_id":null')


@pytest.fixture
def store(store_database):
    opened = open_store(store_database)
    yield opened
    opened.close()


def queued(store, *campaigns):
    """A message of each of these campaigns, or outside of them (None); their ids."""
    ids = [uuids.uuid7() for _ in campaigns]
    execute_many(
        store,
        [
            [Ask(message, id_, queue(id_, campaign_id))]
            for id_, campaign_id in zip(ids, campaigns, strict=True)
        ],
        Metadata(),
        NOW,
    )
    return ids


def queue(id_, campaign_id):
    return QueueMessage(
        workspace_id=WORKSPACE,
        message_id=id_,
        campaign_id=campaign_id,
        contact_id=CONTACT,
        account_id=ACCOUNT,
        to="+4915577700001",
        content=TEXT,
    )


def test_only_what_is_outside_of_campaigns_is_heard_and_once(store):
    heard = Overheard(store)
    heard.look()
    assert heard.numbers == []
    first, _, second = queued(store, None, uuids.uuid7(), None)
    about = {"workspace_id": WORKSPACE, "message_id": first, "reason": "asked"}
    execute_many(store, [[Ask(message, first, CancelMessage(**about))]], Metadata(), NOW)
    heard.look()
    assert heard.numbers == [ACCOUNT]
    claims = heard.take(ACCOUNT)
    assert [claim.message_id for claim in claims] == [first, second]
    assert {(c.campaign_id, c.attempt, c.to) for c in claims} == {
        (NO_CAMPAIGN, 1, "+4915577700001")
    }
    heard.look()
    assert (heard.numbers, heard.take(ACCOUNT)) == ([], [])


def test_what_nobody_takes_is_left_to_the_queue(store, monkeypatch):
    heard = Overheard(store)
    queued(store, None)
    heard.look()
    assert heard.numbers == [ACCOUNT]
    monkeypatch.setattr(overheard, "KEPT_S", -1.0)
    heard.look()
    assert heard.numbers == []


def test_what_lies_far_back_is_not_looked_for(store, monkeypatch):
    monkeypatch.setattr(overheard, "BACK", 2)
    ids = queued(store, *[None] * 5)
    heard = Overheard(store)
    heard.look()
    assert [claim.message_id for claim in heard.take(ACCOUNT)] == ids[-2:]
    monkeypatch.setattr(overheard, "FURTHEST", 3)
    more = queued(store, *[None] * 5)
    heard.look()
    assert [claim.message_id for claim in heard.take(ACCOUNT)] == more[-3:]
