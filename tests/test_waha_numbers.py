"""Rules of a number that is reached through WAHA: caps, campaigns by consent, its session."""

from datetime import timedelta

import pytest

from domain.account import (
    SESSION_DOWN,
    AllowCampaigns,
    AnswerSession,
    AskSession,
    CampaignsAllowed,
    CampaignsForbidden,
    ConnectNumber,
    DisconnectNumber,
    ForbidCampaigns,
    NumberConnected,
    NumberDisconnected,
    NumberPaused,
    NumberResumed,
    PauseNumber,
    ReportSession,
    SessionAnswered,
    SessionAsked,
    SessionChanged,
    SessionQrShown,
    ShowQr,
    account,
)
from domain.account.sessions import MOST_CODES
from domain.campaign import CampaignLaunched, LaunchCampaign, campaign
from domain.notification import NotificationRaised
from tests.examples import ACCOUNT, CAMPAIGN, SECOND, WORKSPACE, drafted, plan
from tests.spec import NOW, given

ids = {"workspace_id": WORKSPACE, "account_id": ACCOUNT}
named = {"phone_number_id": "shop", "display_phone_number": "+62 21 555 0100"}
connect = ConnectNumber(**ids, **named, waba_id="", provider="waha")
usual = {"messages_per_second": 1, "pace_ms": 6000, "messages_per_day": 500}
connected = NumberConnected(**ids, **named, waba_id="", name="", provider="waha", **usual)
official = NumberConnected(
    **ids, **named, waba_id="2", name="", provider="cloud_api", messages_per_second=80
)
NONE = "stopped"


def changed(status, was, at=None, reason=""):
    return SessionChanged(**ids, status=status, was=was, at=at, reason=reason)


def report(status, at=None, reason=""):
    return ReportSession(**ids, status=status, at=at, reason=reason)


def told(reason):
    return NotificationRaised(
        **ids,
        kind="number_paused",
        audience="administrators",
        title="Sending from +62 21 555 0100 has stopped",
        reason=reason,
        priority="critical",
    )


working = changed("working", NONE)


def test_a_waha_number_has_low_caps_unless_others_are_asked_for():
    given(account).when(connect).then(connected)
    given(account, connected).when(connect).then()
    slower = ConnectNumber(
        **ids, **named, waba_id="", provider="waha", pace_ms=20_000, messages_per_day=50
    )
    (fact,) = account.decide(account.initial, slower, NOW)
    assert (fact.pace_ms, fact.messages_per_day, fact.messages_per_second) == (20_000, 50, 1)


@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        ({"pace_ms": 999}, "invalid_pace_ms", "1000 to 600000; this is 999"),
        ({"messages_per_day": 5001}, "invalid_messages_per_day", "1 to 5000"),
        ({"phone_number_id": "1055"}, "invalid_session", "a letter, then"),
        ({"phone_number_id": "a/b"}, "invalid_session", "'a/b'"),
        ({"waba_id": "2"}, "invalid_waba_id", "no WABA"),
        ({"provider": "cloud_api", "waba_id": "2", "pace_ms": 1}, "invalid_pace_ms", "WAHA"),
    ],
)
def test_a_waha_number_needs_the_name_of_a_session_and_careful_caps(wrong, code, words):
    asked = {**named, "waba_id": "", "provider": "waha", **wrong}
    given(account).when(ConnectNumber(**ids, **asked)).refused(code, words)


def test_campaigns_are_allowed_and_forbidden_once():
    allow, forbid = AllowCampaigns(**ids), ForbidCampaigns(**ids)
    allowed, forbidden = CampaignsAllowed(**ids), CampaignsForbidden(**ids)
    given(account, connected).when(allow).then(allowed)
    given(account, connected, allowed).when(allow).then()
    given(account, connected, allowed).when(forbid).then(forbidden)
    given(account, connected).when(forbid).then()
    gone = NumberDisconnected(**ids, reason="", provider="waha")
    given(account, connected, allowed, gone, connected).when(allow).then(allowed)
    given(account, official).when(allow).refused("campaigns_always_allowed", "Cloud API")


def test_a_campaign_from_a_number_that_only_answers_is_refused_with_what_to_do():
    about = {"workspace_id": WORKSPACE, "campaign_id": CAMPAIGN}
    launch = {"template_status": "approved", "template_variables": ("1",)}
    launch["account_status"] = "connected"
    refused = LaunchCampaign(**about, **launch, account_campaigns=False)
    past = given(campaign, drafted)
    past.when(refused).refused("campaigns_not_allowed", "/allow-campaigns")
    now_allowed = LaunchCampaign(**about, **launch)
    past.when(now_allowed).then(
        CampaignLaunched(**about, account_id=ACCOUNT, plan=plan, was="draft")
    )


def test_what_is_asked_of_a_session_is_answered_once_and_the_newest_ask_counts():
    first = SessionAsked(**ids, action="start", ask=1)
    second = SessionAsked(**ids, action="stop", ask=2)
    given(account, connected).when(AskSession(**ids, action="start")).then(first)
    given(account, connected, first).when(AskSession(**ids, action="stop")).then(second)
    past = given(account, connected, first, second)
    past.when(AnswerSession(**ids, ask=1, taken=True)).then()
    taken = SessionAnswered(**ids, ask=2, taken=True)
    past.when(AnswerSession(**ids, ask=2, taken=True)).then(taken)
    given(account, connected, first, second, taken).when(
        AnswerSession(**ids, ask=2, taken=False, reason="404")
    ).then()


@pytest.mark.parametrize(
    "command", [AskSession(**ids, action="stop"), AnswerSession(**ids, ask=1, taken=True)]
)
def test_a_number_of_the_cloud_api_has_no_session(command):
    given(account, official).when(command).refused("no_session", "only a WAHA number")


def test_reports_of_a_session_count_by_the_providers_clock_and_once():
    early, late = NOW, NOW + SECOND
    past = given(account, connected, changed("scan_qr", NONE, late))
    past.when(report("connecting", early)).then()
    past.when(report("scan_qr", late)).then()
    past.when(report("working", late)).then(changed("working", "scan_qr", late))
    past.when(report("working")).then(changed("working", "scan_qr"))


@pytest.mark.parametrize("lost", ["failed", "scan_qr"])
def test_people_are_told_when_a_session_that_worked_is_lost(lost):
    past = given(account, connected, working)
    past.when(report(lost, reason="banned")).then(
        changed(lost, "working", reason="banned"), told(f"{SESSION_DOWN}: {lost}: banned")
    )
    past.when(report("stopped")).then(changed("stopped", "working"))


def test_a_code_to_scan_before_the_first_time_is_no_alarm():
    given(account, connected).when(report("scan_qr")).then(changed("scan_qr", NONE))


def test_a_pause_for_the_session_ends_with_its_cause_and_others_do_not():
    down = NumberPaused(**ids, reason=f"422: {SESSION_DOWN}: FAILED")
    failed = changed("failed", "working")
    given(account, connected, working, failed, down).when(report("working")).then(
        changed("working", "failed"), NumberResumed(**ids)
    )
    shortly = given(account, connected, working, down)
    shortly.when(report("working")).then(NumberResumed(**ids))
    by_hand = NumberPaused(**ids, reason="holiday")
    given(account, connected, working, failed, by_hand).when(report("working")).then(
        changed("working", "failed")
    )


def test_codes_are_shown_only_while_one_is_waited_for():
    soon = NOW + timedelta(seconds=20)
    show = ShowQr(**ids, qr="2@abc", expires_at=soon)
    shown = SessionQrShown(**ids, qr="2@abc", expires_at=soon)
    waiting = changed("scan_qr", NONE)
    given(account, connected, waiting).when(show).then(shown)
    given(account, connected, waiting, shown).when(show).then()
    given(account, connected, working).when(show).then()
    late = ShowQr(**ids, qr="2@abc", expires_at=NOW)
    given(account, connected, waiting).when(late).then()
    many = [SessionQrShown(**ids, qr=str(n), expires_at=soon) for n in range(MOST_CODES)]
    given(account, connected, waiting, *many).when(show).then()
    again = changed("connecting", "scan_qr"), changed("scan_qr", "connecting")
    given(account, connected, waiting, *many, *again).when(show).then(shown)


def test_disconnecting_unlinks_the_phone_so_that_nothing_comes_in_any_more():
    gone = NumberDisconnected(**ids, reason="moved", provider="waha")
    given(account, connected, working).when(DisconnectNumber(**ids, reason="moved")).then(
        SessionAsked(**ids, action="logout", ask=1), gone
    )
    past = given(account, connected, working, gone)
    past.when(AskSession(**ids, action="start")).refused("wrong_state", "disconnected")
    past.when(PauseNumber(**ids, reason="x")).refused("wrong_state")
