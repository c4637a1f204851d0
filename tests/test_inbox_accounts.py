"""Webhooks about templates, consent and numbers."""

import pytest

from commands.policies.inbox import InboxPolicy
from domain.account import account
from domain.ids import message_id
from domain.message import AttemptMessage, message
from domain.template import RegisterTemplate, template
from tests import webhook_bodies as wire
from tests.stage import Stage, now
from tests.test_inbox import account_change, deliver


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        ("APPROVED", "approved"),
        ("REJECTED", "rejected"),
        ("PAUSED", "paused"),
        ("DISABLED", "disabled"),
        ("REINSTATED", "approved"),
    ],
)
def test_a_review_is_matched_by_name_language_and_account(stage, event, shown):
    name = "spring" if event == "PAUSED" else "fresh"
    id_ = stage.template if event == "PAUSED" else stage.submitted_template("fresh")
    found = wire.template(event, name, reason="INVALID_FORMAT", id_=5)
    assert deliver(stage, wire.body(found)) == [("done", "")]
    assert stage.state(template, id_).status == shown
    last = stage.events(id_)[-1]
    assert getattr(last, "reason", "INVALID_FORMAT") == "INVALID_FORMAT"


def test_a_review_is_matched_by_the_providers_id_too(stage):
    id_ = stage.submitted_template("fresh")
    about = {"workspace_id": stage.ws, "template_id": id_}
    stage.do(template, id_, RegisterTemplate(**about, provider_template_id="1689"))
    stage.project()
    found = wire.template("APPROVED", "renamed", id_=1689)
    assert deliver(stage, wire.body(found, waba="elsewhere")) == [("done", "")]
    assert stage.state(template, id_).status == "approved"


def test_a_review_of_an_unknown_template_is_kept(stage):
    elsewhere = wire.body(wire.template("APPROVED", "other"), waba="elsewhere")
    here = wire.body(wire.template("APPROVED", "other"))
    flagged = wire.body(wire.template("FLAGGED"))
    assert [state for state, _ in deliver(stage, elsewhere, here, flagged)] == ["kept"] * 3


def test_who_asks_to_stop_is_opted_out_until_it_asks_to_resume(stage):
    ana = stage.contact("+491550000001")
    assert deliver(stage, wire.body(wire.preference("stop"))) == [("done", "")]
    assert stage.names(ana)[-1] == "ContactOptedOut"
    deliver(stage, wire.body(wire.preference("resume")))
    assert stage.names(ana)[-1] == "ContactOptedIn"
    assert stage.events(ana)[-1].source == "webhook"


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (wire.preference("stop", "4999"), "user_preferences: no contact has that number"),
        (wire.preference("signup"), "not yet understood: user_preferences/signup"),
        (wire.preference("stop", wa_id=None), "user_preferences: wa_id is missing"),
    ],
)
def test_a_wish_that_cannot_be_placed_is_kept(stage, wish, why):
    ((state, reason),) = deliver(stage, wire.body(wish))
    assert state == "kept"
    assert reason.startswith(why)


def test_a_failure_that_says_no_marketing_opts_the_contact_out(stage):
    ana = stage.contact("+491550000001")
    id_ = message_id(stage.queued(), ana)
    stage.do(message, id_, AttemptMessage(workspace_id=stage.ws, message_id=id_, attempt=1))
    found = wire.statuses(wire.status(id_, "failed", code=131050))
    assert deliver(stage, wire.body(found)) == [("done", "")]
    assert stage.state(message, id_).status == "failed"
    assert stage.names(ana)[-1] == "ContactOptedOut"


@pytest.mark.parametrize(
    ("event", "quality", "tier"),
    [
        ("FLAGGED", "RED", "TIER_1K"),
        ("UNFLAGGED", "YELLOW", ""),
        ("UPGRADE", "UNKNOWN", "TIER_10K"),
    ],
)
def test_quality_and_limits_are_reported_to_the_number(stage, event, quality, tier):
    found = wire.change(
        "phone_number_quality_update",
        display_phone_number="1 555-000-0001",
        event=event,
        current_limit=tier,
    )
    assert deliver(stage, wire.body(found)) == [("done", "")]
    state = stage.state(account, stage.account)
    assert (state.quality, state.tier) == (quality, tier)


@pytest.mark.parametrize(
    ("event", "value"),
    [
        ("ACCOUNT_DELETED", {}),
        (
            "ACCOUNT_RESTRICTION",
            {"restriction_info": [{"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING"}]},
        ),
        ("DISABLED_UPDATE", {"ban_info": {"waba_ban_state": "DISABLE"}}),
    ],
)
def test_what_stops_an_account_pauses_its_numbers(stage, event, value):
    assert deliver(stage, wire.body(account_change(event, **value))) == [("done", "")]
    assert stage.state(account, stage.account).status == "paused"
    assert stage.events(stage.account)[-1].reason.startswith(event)


@pytest.mark.parametrize(
    "found",
    [
        account_change("ACCOUNT_VIOLATION", violation_info={"violation_type": "ADULT"}),
        account_change("DISABLED_UPDATE", ban_info={"waba_ban_state": "REINSTATE"}),
        wire.change("phone_number_quality_update", display_phone_number="1", event="FLAGGED"),
        wire.change("business_capability_update", max_daily_conversations_per_business=1),
    ],
)
def test_what_stops_nothing_is_kept(stage, found):
    ((state, _),) = deliver(stage, wire.body(found))
    assert state == "kept"
    assert stage.state(account, stage.account).status == "connected"


def test_a_body_that_cannot_be_worked_on_does_not_hold_up_the_others(stage, monkeypatch):
    """A fault in one body's items, whatever it is, is that body's alone."""
    from commands.policies import inbox as inbox_module

    whole = inbox_module.resolve

    def faulty(item, directory, streams):
        if getattr(item, "name", "") == "broken":
            raise ValueError("a fault of ours")
        return whole(item, directory, streams)

    monkeypatch.setattr(inbox_module, "resolve", faulty)
    id_ = stage.submitted_template("fresh")
    bodies = [wire.body(wire.template("APPROVED", name)) for name in ("broken", "fresh")]
    stage.inbox.accept_many(bodies, now())
    stage.policy(InboxPolicy, stage.inbox).step(now())
    assert stage.state(template, id_).status == "approved"
    counts = stage.inbox.counts()
    assert (counts.get("done"), counts.get("waiting")) == (1, 1)
