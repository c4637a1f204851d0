"""Rules of an account."""

import pytest

from domain.account import (
    ConnectNumber,
    DisconnectNumber,
    NumberConnected,
    NumberDisconnected,
    NumberPaused,
    NumberQualityChanged,
    NumberReported,
    NumberResumed,
    PauseNumber,
    ReportNumber,
    ResumeNumber,
    account,
)
from domain.notification import NotificationRaised
from tests.examples import ACCOUNT, WORKSPACE
from tests.spec import NOW, given

ids = {"workspace_id": WORKSPACE, "account_id": ACCOUNT}
shop = {
    "phone_number_id": "1055",
    "waba_id": "2066",
    "display_phone_number": "+62 21 555 0100",
    "name": "Shop",
    "messages_per_second": 80,
}
connect = ConnectNumber(**ids, **shop)
connected = NumberConnected(**ids, provider="cloud_api", **shop)
disconnected = NumberDisconnected(**ids, reason="moved")
paused = NumberPaused(**ids, reason="token expired")
resumed = NumberResumed(**ids)


def test_a_number_is_connected_once():
    given(account).when(connect).then(connected)
    given(account, connected).when(connect).then()
    given(account, connected, paused).when(connect).then()
    other = ConnectNumber(**ids, **{**shop, "name": "Till"})
    given(account, connected).when(other).refused("account_exists", "acc_")
    given(account, connected, paused).when(other).refused("account_exists")


@pytest.mark.parametrize(
    ("wrong", "code", "word"),
    [
        ({"messages_per_second": 0}, "invalid_messages_per_second", "1 to 1000"),
        ({"messages_per_second": 1001}, "invalid_messages_per_second", "1001"),
        ({"phone_number_id": " "}, "invalid_phone_number_id", "not blank"),
        ({"waba_id": ""}, "invalid_waba_id", "not blank"),
        ({"name": "n" * 129}, "invalid_name", "129"),
    ],
)
def test_a_number_needs_the_providers_ids_and_a_possible_rate(wrong, code, word):
    given(account).when(ConnectNumber(**ids, **{**shop, **wrong})).refused(code, word)


@pytest.mark.parametrize("rate", [1, 1000])
def test_any_rate_up_to_a_thousand_a_second_is_possible(rate):
    numbers = {**shop, "messages_per_second": rate, "name": ""}
    expected = NumberConnected(**ids, provider="cloud_api", **numbers)
    given(account).when(ConnectNumber(**ids, **numbers)).then(expected)


@pytest.mark.parametrize(
    "command",
    [
        DisconnectNumber(**ids),
        ReportNumber(**ids, report_id="1", field="f", event="e", details={}),
        PauseNumber(**ids, reason="x"),
        ResumeNumber(**ids),
    ],
)
def test_nothing_can_be_asked_of_an_absent_account(command):
    given(account).when(command).refused("not_found", "there is no account acc_")


def test_a_number_is_disconnected_and_connected_again():
    command = DisconnectNumber(**ids, reason="moved")
    given(account, connected).when(command).then(disconnected)
    given(account, connected, paused).when(command).then(disconnected)
    given(account, connected, disconnected).when(command).then()
    faster = {**shop, "messages_per_second": 500}
    given(account, connected, disconnected).when(ConnectNumber(**ids, **faster)).then(
        NumberConnected(**ids, provider="cloud_api", **faster)
    )


def told(report_id, event="FLAGGED"):
    field, details = "phone_number_quality_update", {"event": event, "more": [1]}
    return {"report_id": report_id, "field": field, "event": event, "details": details, "at": NOW}


def report(report_id, event="FLAGGED", **what):
    return ReportNumber(**ids, **told(report_id, event), **what)


def fact(report_id, event="FLAGGED"):
    return NumberReported(**ids, **told(report_id, event))


def test_every_report_is_a_fact_once_and_quality_changes_with_it():
    red = NumberQualityChanged(**ids, quality="RED", tier="TIER_1K")
    rated = {"quality": "RED", "tier": "TIER_1K"}
    given(account, connected).when(report("1", **rated)).then(fact("1"), red)
    given(account, connected, fact("1"), red).when(report("1", **rated)).then()
    given(account, connected, fact("1"), red).when(report("2", **rated)).then(fact("2"))
    risen = NumberQualityChanged(**ids, quality="RED", tier="TIER_10K")
    given(account, connected, red).when(report("3", tier="TIER_10K")).then(fact("3"), risen)
    given(account, connected, red).when(report("4", "DEFERRED")).then(fact("4", "DEFERRED"))


def test_a_report_that_stops_a_number_pauses_it_once_and_people_are_told():
    stop = report("1", "ACCOUNT_DELETED", pause="ACCOUNT_DELETED")
    *facts, told_ = account.decide(account.fold([connected]), stop, NOW)
    assert facts == [fact("1", "ACCOUNT_DELETED"), NumberPaused(**ids, reason="ACCOUNT_DELETED")]
    assert isinstance(told_, NotificationRaised)
    given(account, connected, *facts).when(report("2", pause="x")).then(fact("2"))
    given(account, connected, *facts, resumed).when(stop).then()
    given(account, connected, disconnected).when(report("3", pause="x")).then(fact("3"))


def test_only_the_last_reports_are_remembered():
    state = account.fold([connected, *(fact(str(n)) for n in range(300))])
    assert len(state.reports) == 200
    assert state.reports[-1] == "299"


def test_a_connected_number_is_paused_and_resumed():
    pause, resume = PauseNumber(**ids, reason="token expired"), ResumeNumber(**ids)
    given(account, connected).when(pause).then(paused)
    given(account, connected, paused).when(pause).then()
    given(account, connected, paused).when(resume).then(resumed)
    given(account, connected).when(resume).then()
    given(account, connected, paused, resumed).when(pause).then(paused)


def test_a_pause_that_nobody_asked_for_says_whom_to_tell():
    told = NotificationRaised(
        **ids,
        kind="number_paused",
        audience="administrators",
        title="Sending from +62 21 555 0100 has stopped",
        reason="token expired",
        priority="critical",
    )
    pause = PauseNumber(**ids, reason="token expired", tell=True)
    given(account, connected).when(pause).then(paused, told)
    given(account, connected, paused, told).when(pause).then()
    given(account, connected, paused, told, resumed).when(pause).then(paused, told)


def test_a_disconnected_number_is_neither_paused_nor_resumed():
    past = given(account, connected, disconnected)
    past.when(PauseNumber(**ids, reason="x")).refused("wrong_state", "disconnected", "be paused")
    past.when(ResumeNumber(**ids)).refused("wrong_state", "disconnected", "be resumed")
