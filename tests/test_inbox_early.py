"""A status that arrives before its message is known here waits for it, and then counts."""

import pytest

from commands.policies.audience import AudiencePolicy
from domain.ids import message_id
from domain.message import AttemptMessage, message
from tests import webhook_bodies as wire
from tests.stage import Stage, now
from tests.test_inbox import deliver, shown


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


@pytest.mark.parametrize(
    ("names", "ends"), [(["delivered"], "delivered"), (["read", "sent"], "read")]
)
def test_a_status_of_a_message_not_yet_known_counts_once_it_is(stage, names, ends):
    (contact_id,) = stage.contacts([{"phone": "+491550000001"}])
    campaign_id = stage.launch()
    id_ = message_id(campaign_id, contact_id)
    early = [wire.body(wire.statuses(wire.status(id_, name, "wamid.1"))) for name in names]
    assert [state for state, _ in deliver(stage, *early)] == ["waiting"] * len(names)
    assert deliver(stage, early[0])[0][0] == "waiting"
    stage.settle(stage.policy(AudiencePolicy, 1))
    stage.do(message, id_, AttemptMessage(workspace_id=stage.ws, message_id=id_, attempt=1))
    later = deliver(stage, at=now(seconds=60))
    assert later == [("done", "")] * len(names)
    assert shown(stage, id_) == ends
