"""Notifications: told at once, kept for who is away, sent five times at most until they are read."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from domain.account import PauseNumber, account
from domain.ids import parse, show
from infra.upkeep import expire_notifications, expire_tickets
from projections.notifications import notification_reads, notifications
from projections.streams import notification_deliveries, stream_tickets
from tests.chats import Company
from tests.people_site import people_site
from tests.stream_client import Listening, begun, close_all, keyed, told


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with people_site(tmp_path_factory.mktemp("live")) as running:
        yield running
        close_all()


@pytest.fixture
def company(site):
    return Company(site.stage)


def pause(site, company):
    """The provider has stopped the number, and people are told."""
    about = {"workspace_id": company.ws, "account_id": company.account}
    command = PauseNumber(**about, reason="the provider said so", tell=True)
    site.stage.do(account, company.account, command)


def listed(client, **asked):
    answer = client.get("/v1/notifications", params=asked, headers={"Prefer": "wait=5"})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def there(site, client, **asked):
    """The list, once it has something."""
    return site.stage.await_(lambda: listed(client, **asked), "a notification")


def waiting(client):
    """What a stream begins with."""
    listening = begun(client, "notifications")
    listening.until(lambda events: "open" in [one.event for one in events])
    listening.close()
    return [one.data["notification_id"] for one in listening.events if one.event == "notification"]


def test_those_who_may_change_numbers_are_told_that_one_has_stopped(site, company):
    owner, analyst = site.person(company.ws, "owner"), site.person(company.ws, "analyst")
    hers, his = begun(owner.http, "notifications"), begun(analyst.http, "notifications,numbers")
    pause(site, company)
    sent = told(hers, "notification_raised").data["notification"]
    assert (sent["kind"], sent["priority"]) == ("number_paused", "critical")
    assert "has stopped" in sent["title"]
    told(his, "number_paused")
    company.number()
    told(his, "number_connected")
    assert "notification_raised" not in his.kinds()
    (shown,) = there(site, owner.http)
    assert shown["notification_id"] == sent["notification_id"]
    assert (shown["unread"], shown["account_id"]) == (True, show("account", company.account))
    assert listed(analyst.http) == []


def test_what_somebody_has_read_is_read_for_them_alone(site, company):
    ana, budi = site.person(company.ws, "owner"), site.person(company.ws, "admin")
    pause(site, company)
    (one,) = there(site, ana.http)
    path = f"/v1/notifications/{one['notification_id']}/read"
    done = ana.http.post(path)
    assert done.status_code == 200, done.text
    later = {"Blazz-Min-Position": done.headers["Blazz-Position"], "Prefer": "wait=5"}
    (shown,) = ana.http.get("/v1/notifications", headers=later).json()["items"]
    assert shown["unread"] is False
    assert listed(ana.http, unread="true") == []
    assert [n["unread"] for n in listed(budi.http, unread="true")] == [True]
    assert ana.http.post(path).json()["version"] == done.json()["version"]
    assert waiting(ana.http) == []
    assert waiting(budi.http) == [one["notification_id"]]


def test_all_up_to_one_are_read_at_once(site, company):
    ana = site.person(company.ws, "owner")
    me, conversation_id = parse("user", ana.id), company.customer_writes(company.contact())[0]
    pause(site, company)
    company.assign(conversation_id, me)
    company.assign(conversation_id, None)
    company.assign(conversation_id, me)
    site.stage.await_(lambda: len(listed(ana.http)) == 3, "three of them")
    newest, middle, oldest = listed(ana.http)
    done = ana.http.post("/v1/notifications/read", json={"through": middle["notification_id"]})
    later = {"Blazz-Min-Position": done.headers["Blazz-Position"], "Prefer": "wait=5"}
    shown = ana.http.get("/v1/notifications", headers=later).json()["items"]
    assert [one["unread"] for one in shown] == [True, False, False]
    assert waiting(ana.http) == [newest["notification_id"]]
    assert oldest["kind"] == "number_paused"


def test_nobody_marks_what_is_not_theirs_or_is_no_notification(site, company):
    analyst = site.person(company.ws, "analyst")
    stranger = keyed(site, Company(site.stage))
    pause(site, company)
    id_ = there(site, keyed(site, company))[0]["notification_id"]
    for client in (analyst.http, stranger):
        assert client.post(f"/v1/notifications/{id_}/read").status_code == 404
        assert client.post("/v1/notifications/read", json={"through": id_}).status_code == 422
    for nothing in (f"ntf_{1:032x}", f"ntf_{2**64:032x}", "ntf_" + "f" * 32, f"ntf_{0:032x}"):
        assert analyst.http.post(f"/v1/notifications/{nothing}/read").status_code == 404


def test_a_notification_is_sent_five_times_at_most_to_each_who_does_not_read_it(site, company):
    owner = site.person(company.ws, "owner")
    pause(site, company)
    (one,) = there(site, owner.http)
    for times in range(1, 6):
        assert waiting(owner.http) == [one["notification_id"]]
        site.stage.await_(lambda n=times: listed(owner.http)[0]["deliveries"] == n, "its count")
    assert waiting(owner.http) == []
    assert listed(owner.http)[0]["unread"] is True
    other = site.person(company.ws, "admin")
    assert waiting(other.http) == [one["notification_id"]]


def test_what_was_sent_live_counts_as_sent(site, company):
    owner = site.person(company.ws, "owner")
    listening = begun(owner.http, "notifications")
    pause(site, company)
    told(listening, "notification_raised")
    site.stage.await_(lambda: listed(owner.http)[0]["deliveries"] == 1, "its count")


def test_a_campaign_that_fails_is_a_notification_for_those_who_launch_them(site):
    stage = site.stage
    company = Company(stage)
    company.ws, company.account = stage.ws, stage.account
    client = keyed(site, company)
    listening = begun(client, "notifications")
    stage.queued()
    data = told(listening, "campaign_failed").data
    assert data["notification"]["kind"] == "campaign_failed"
    assert data["notification"]["reason"] == "empty_audience"
    assert data["topic"] == "campaigns"


def test_notifications_and_tickets_are_gone_when_they_expire(site, company):
    owner = site.person(company.ws, "owner")
    pause(site, company)
    (one,) = there(site, owner.http)
    waiting(owner.http)
    owner.http.post(f"/v1/notifications/{one['notification_id']}/read")
    owner.http.post("/v1/stream/tickets")
    site.stage.await_(lambda: listed(owner.http, unread="false"), "its being read")
    site.stage.await_(lambda: listed(owner.http)[0]["deliveries"], "its being counted")
    for later, kept in ((timedelta(days=29), 1), (timedelta(days=31), 0)):
        with site.stage.read.begin() as connection:
            expire_notifications(connection, datetime.now(UTC) + later)
        for table in (notifications, notification_reads, notification_deliveries):
            assert len(site.stage.rows(table, table.c.workspace_id == company.ws)) == kept
    assert listed(owner.http) == []
    with site.stage.read.begin() as connection:
        assert expire_tickets(connection, datetime.now(UTC)) == 0
        assert expire_tickets(connection, datetime.now(UTC) + timedelta(seconds=31)) > 0
        assert connection.execute(select(stream_tickets)).all() == []


def test_a_stream_without_that_topic_begins_with_no_notification(site, company):
    owner = site.person(company.ws, "owner")
    pause(site, company)
    there(site, owner.http)
    listening = Listening(owner.http, "numbers")
    listening.until(lambda events: events)
    company.number()
    told(listening, "number_connected")
    assert [one.event for one in listening.events if one.event] == ["open"]
