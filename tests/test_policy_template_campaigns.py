"""What the provider tells of a template by webhook stops its campaigns, and lets them go on."""

import pytest

from commands.policies import reactions
from commands.policies.template_campaigns import TemplateCampaignsPolicy
from domain.campaign import CampaignPaused, campaign
from domain.template import template
from tests import webhook_bodies as wire
from tests.stage import WABA, Stage
from tests.test_inbox import deliver

TOLD_AT = 1_800_000_000


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    stage.contact("+491550013001")
    yield stage
    stage.close()


def told(stage, event, later_s=0, **more):
    """The webhook is taken, and what follows from it for campaigns."""
    entry = {"id": WABA, "time": TOLD_AT + later_s, "changes": [wire.template(event, **more)]}
    assert deliver(stage, wire.envelope(entry))[-1] == ("done", "")
    stage.settle(stage.policy(TemplateCampaignsPolicy))


def status(stage, campaign_id):
    return stage.state(campaign, campaign_id).status


@pytest.mark.parametrize(("event", "shown"), [("PAUSED", "paused"), ("DISABLED", "disabled")])
def test_a_webhook_that_stops_a_template_pauses_all_its_running_campaigns(stage, event, shown):
    first, second = stage.queued(), stage.queued()
    other = stage.queued(template_id=stage.approved_template("summer"))
    told(stage, event, reason="LOW_QUALITY")
    assert stage.state(template, stage.template).status == shown
    assert [status(stage, id_) for id_ in (first, second, other)] == ["paused", "paused", "running"]
    pauses = [e for e in stage.events(first) if isinstance(e, CampaignPaused)]
    assert [e.reason for e in pauses] == [f"template_stopped: {shown}, LOW_QUALITY"]


def test_a_webhook_that_approves_it_again_lets_go_on_what_it_had_stopped(stage):
    stopped, by_hand = stage.queued(), stage.queued()
    stage.do(*reactions.pause(stage.ws, by_hand, "lunch")[:3])
    told(stage, "PAUSED")
    assert [status(stage, id_) for id_ in (stopped, by_hand)] == ["paused", "paused"]
    told(stage, "APPROVED", later_s=60)
    assert [status(stage, id_) for id_ in (stopped, by_hand)] == ["running", "paused"]
    told(stage, "PAUSED", later_s=120)
    assert status(stage, stopped) == "paused", "stopped again"
