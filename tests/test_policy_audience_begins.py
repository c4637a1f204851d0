"""Campaigns that begin together: each reaches somebody before any of them goes on."""

import pytest

from commands.policies import audience as audience_module
from commands.policies.audience import AudiencePolicy
from domain.campaign import campaign
from tests.stage import Stage, now


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def begun(stage, campaign_ids):
    """How many recipients each has queued, and in how many chunks."""
    states = [stage.state(campaign, id_) for id_ in campaign_ids]
    return [(state.recipients, state.chunks) for state in states]


def test_the_more_begin_the_smaller_each_ones_first_chunk_is(stage, monkeypatch):
    monkeypatch.setattr(audience_module, "FIRST_COMMIT", 12)
    stage.contacts([{"phone": f"+49155005{n:04}"} for n in range(10)])
    alone = stage.launch()
    policy = stage.policy(AudiencePolicy, 1)
    stage.project()
    assert policy.step(now()) == 10, "the only one begins with all it may"
    four = [stage.launch() for _ in range(4)]
    stage.project()
    assert policy.step(now()) >= 4 * 3
    assert begun(stage, four) == [(3, 1)] * 4
    stage.settle(policy)
    assert [recipients for recipients, _ in begun(stage, [alone, *four])] == [10] * 5


@pytest.mark.parametrize("patience_s", [1000.0, 0.0])
def test_who_has_begun_waits_for_beginners_but_not_for_ever(stage, monkeypatch, patience_s):
    for name, value in {"FIRST_CHUNK": 1, "CHUNK": 2, "BEGINNERS_S": patience_s}.items():
        monkeypatch.setattr(audience_module, name, value)
    stage.contacts([{"phone": f"+49155006{n:04}"} for n in range(9)])
    large, policy = stage.launch(), stage.policy(AudiencePolicy, 1)
    stage.project()
    assert [policy.step(now()) for _ in range(2)] == [1, 2]
    small = stage.launch()
    stage.project()
    policy.step(now())
    assert begun(stage, [small]) == [(1, 1)]
    assert begun(stage, [large]) == ([(3, 2)] if patience_s else [(5, 3)])
    stage.settle(policy)
    assert [recipients for recipients, _ in begun(stage, [large, small])] == [9, 9]
