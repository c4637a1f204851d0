"""What becomes of a queue whose number is disconnected."""

import pytest

from commands.policies.disconnections import DisconnectionsPolicy
from domain.account import DisconnectNumber, account
from domain.campaign import campaign
from domain.ids import message_id
from domain.message import Content, QueueMessage, message
from tests.examples import MESSAGE
from tests.stage import Stage


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def test_campaigns_pause_and_messages_outside_of_them_are_cancelled(stage):
    (ana,) = stage.contacts([{"phone": "+491550020001"}])
    campaign_id, policy = stage.queued(), stage.policy(DisconnectionsPolicy)
    direct = QueueMessage(
        workspace_id=stage.ws,
        message_id=MESSAGE,
        campaign_id=None,
        contact_id=ana,
        account_id=stage.account,
        to="+491550020001",
        content=Content(kind="text", text="Hello"),
    )
    stage.do(message, MESSAGE, direct)
    stage.settle(policy)
    assert stage.state(campaign, campaign_id).status == "running"
    gone = DisconnectNumber(workspace_id=stage.ws, account_id=stage.account, reason="moved")
    stage.do(account, stage.account, gone)
    stage.settle(policy)
    assert stage.state(campaign, campaign_id).status == "paused"
    assert stage.events(campaign_id)[-1].reason == "number_disconnected"
    assert stage.names(message_id(campaign_id, ana)) == ["MessageQueued"]
    assert stage.events(MESSAGE)[-1].reason == "number_disconnected"
    assert stage.names(MESSAGE)[-1] == "MessageCancelled"
