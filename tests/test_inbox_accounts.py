"""Webhooks about templates, consent and numbers."""

import pytest

from commands.policies.inbox import InboxPolicy
from domain.account import NumberReported, ResumeNumber, account
from domain.ids import message_id
from domain.message import AttemptMessage, message
from domain.template import RegisterTemplate, template
from tests import webhook_bodies as wire
from tests.stage import WABA, Stage, now
from tests.test_inbox import account_change, deliver, given_up


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
    *_, told, last = stage.events(id_)
    assert (told.field, told.event) == ("message_template_status_update", event)
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
    assert [state for state, _ in deliver(stage, elsewhere, here)] == ["kept"] * 2


def test_who_asks_to_stop_is_opted_out_until_it_asks_to_resume(stage):
    ana = stage.contact("+491550000001")
    assert deliver(stage, wire.body(wire.preference("stop"))) == [("done", "")]
    assert stage.names(ana)[-1] == "ContactOptedOut"
    deliver(stage, wire.body(wire.preference("resume", at=1_800_000_001)))
    assert stage.names(ana)[-1] == "ContactOptedIn"
    assert stage.events(ana)[-1].source == "webhook"


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (wire.preference("stop", number="999"), "unknown number 999"),
        (wire.preference("stop", wa_id=None), "user_preferences: nobody is named"),
        (wire.preference("stop", timestamp="soon"), "user_preferences: timestamp is 'soon'"),
    ],
)
def test_a_wish_that_cannot_be_placed_is_kept(stage, wish, why):
    deliver(stage, wire.body(wish))
    ((state, reason),) = given_up(stage)
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
    (told,) = [e for e in stage.events(stage.account) if isinstance(e, NumberReported)]
    assert (told.field, told.event) == ("phone_number_quality_update", event)


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
    assert stage.names(stage.account)[-3:] == [
        "NumberReported",
        "NumberPaused",
        "NotificationRaised",
    ]


@pytest.mark.parametrize(
    "found",
    [
        account_change("ACCOUNT_VIOLATION", violation_info={"violation_type": "ADULT"}),
        account_change("DISABLED_UPDATE", ban_info={"waba_ban_state": "REINSTATE"}),
        wire.change("business_capability_update", max_daily_conversations_per_business=1),
    ],
)
def test_what_stops_nothing_is_told_all_the_same(stage, found):
    assert deliver(stage, wire.body(found)) == [("done", "")]
    state = stage.state(account, stage.account)
    assert (state.status, len(state.reports)) == ("connected", 1)
    assert stage.events(stage.account)[-1].details == found["value"]


def test_a_report_on_a_number_nobody_has_is_kept(stage):
    found = wire.change("phone_number_quality_update", display_phone_number="1", event="FLAGGED")
    deleted = wire.body(account_change("ACCOUNT_DELETED"), waba="9")
    assert [state for state, _ in deliver(stage, wire.body(found), deleted)] == ["waiting"] * 2
    assert given_up(stage) == [
        ("kept", f"unknown number 1 of account {WABA}"),
        ("kept", "unknown account 9"),
    ]


def test_an_account_that_was_resumed_is_not_paused_again_by_a_repetition(stage):
    body = wire.body(account_change("ACCOUNT_DELETED"))
    deliver(stage, body)
    stage.do(account, stage.account, ResumeNumber(workspace_id=stage.ws, account_id=stage.account))
    again = body.replace(b'"object"', b' "object"')
    assert deliver(stage, again) == [("done", "")] * 2
    assert stage.state(account, stage.account).status == "connected"


def test_a_body_that_cannot_be_worked_on_does_not_hold_up_the_others(stage, monkeypatch):
    """A fault in one body's items, whatever it is, is that body's alone."""
    from commands.policies import inbox as inbox_module

    whole = inbox_module.resolve

    def faulty(item, *around):
        if getattr(item, "name", "") == "broken":
            raise ValueError("a fault of ours")
        return whole(item, *around)

    monkeypatch.setattr(inbox_module, "resolve", faulty)
    id_ = stage.submitted_template("fresh")
    bodies = [wire.body(wire.template("APPROVED", name)) for name in ("broken", "fresh")]
    stage.inbox.accept_many(bodies, now())
    stage.policy(InboxPolicy, stage.inbox).step(now())
    assert stage.state(template, id_).status == "approved"
    assert stage.inbox.counts() == {"waiting": 1}
