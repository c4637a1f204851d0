"""New templates are handed in once, and the provider's verdict comes back."""

import time

import pytest

from commands.policies import templates as templates_module
from commands.policies.inbox import InboxPolicy
from commands.policies.templates import TemplatesPolicy
from domain.template import template
from infra.providers.cloud_api import CloudApi
from projections.templates import template_submissions
from tests.peers import Peer, graph_error
from tests.simulators import TOKEN, WABA, Receiver, simulator
from tests.stage import Stage, now


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    stage.do(
        template, stage.template, templates_module.RegisterTemplate(**about(stage), **REGISTERED)
    )
    yield stage
    stage.close()


REGISTERED = {"provider_template_id": "1"}


def about(stage):
    return {"workspace_id": stage.ws, "template_id": stage.template}


@pytest.fixture
def peer():
    peer = Peer()
    yield peer
    peer.close()


def policy(stage, url):
    return stage.policy(TemplatesPolicy, lambda: CloudApi(url, TOKEN))


@pytest.mark.parametrize("header_kind", ["", "text"])
def test_a_template_is_registered_and_approved_by_its_webhook(stage, header_kind):
    receiver = Receiver()
    header = "For {{1}}" if header_kind else ""
    id_ = stage.submitted_template(
        "fresh",
        body="Hello {{1}}, code {{2}}",
        header_kind=header_kind,
        header=header,
        footer="Bye",
        buttons=("Stop",),
    )
    options = {"tokens": TOKEN, "webhook_url": receiver.url, "review_delay_ms": 1, "waba_id": WABA}
    try:
        with simulator(**options) as provider:
            stage.settle(policy(stage, provider.url))
            stage.await_(lambda: receiver.hooks, "the verdict")
    finally:
        receiver.down()
    assert stage.state(template, id_).provider_template_id
    assert stage.rows(template_submissions) == []
    stage.inbox.accept_many([hook.raw for hook in receiver.hooks], now())
    stage.settle(stage.policy(InboxPolicy, stage.inbox))
    assert stage.state(template, id_).status == "approved"


def test_one_that_is_approved_already_is_approved_at_once(stage, peer):
    id_ = stage.submitted_template("fresh")
    found = {"id": "9", "name": "fresh", "language": "en_US", "status": "APPROVED"}
    peer.answers = [(200, {"data": [found]})]
    stage.settle(policy(stage, peer.url))
    state = stage.state(template, id_)
    assert (state.status, state.provider_template_id) == ("approved", "9")


def test_one_that_the_provider_refuses_is_rejected_with_the_reason(stage, peer):
    id_ = stage.submitted_template("fresh")
    peer.answers = [(200, {"data": []}), graph_error(100)]
    stage.settle(policy(stage, peer.url))
    rejected = stage.events(id_)[-1]
    assert rejected.reason == "100: (#100) words - why"


@pytest.mark.parametrize("trouble", [graph_error(131000, 500), (502, b""), graph_error(190)])
def test_trouble_on_the_way_is_tried_again_later(stage, peer, monkeypatch, trouble):
    monkeypatch.setattr(templates_module, "FIRST_RETRY_S", 0.1)
    id_ = stage.submitted_template("fresh")
    found = {"id": "9", "name": "fresh", "language": "en_US", "status": "PENDING"}
    peer.answers = [trouble, (200, {"data": [found]})]
    handing_in = policy(stage, peer.url)
    stage.settle(handing_in)
    assert handing_in.step(now()) == 0
    assert len(peer.asked) == 1
    time.sleep(0.15)
    stage.settle(handing_in)
    assert stage.state(template, id_).provider_template_id == "9"
