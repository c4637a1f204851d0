"""Notifications: told at once, kept for who is away, sent five times at most until they are read."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from domain.account import PauseNumber, account
from domain.ids import parse, show
from infra.upkeep import expire_notifications, expire_tickets
from projections.notifications import notification_reads, notifications
from projections.streams import notification_deliveries, stream_tickets
from read_api.live.deliveries import AT_ONCE, ATTEMPTS
from tests.chats import Company
from tests.people_site import people_site
from tests.stream_client import Listening, begun, close_all, keyed, told

PAST, KIND = datetime(2026, 1, 1, tzinfo=UTC), "conversation_assigned"


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


def expire(site, company):
    """All that there is, before anybody has taken it away."""
    mine = notifications.c.workspace_id == company.ws
    with site.stage.read.begin() as connection:
        connection.execute(update(notifications).where(mine).values(expires_at=PAST))


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


def test_whoever_comes_back_quickly_is_not_sent_it_more_often(site, company):
    owner = site.person(company.ws, "owner")
    pause(site, company)
    (one,) = there(site, owner.http)
    sent = [waiting(owner.http) for _ in range(ATTEMPTS + 4)]
    assert sent == [*[[one["notification_id"]]] * ATTEMPTS, *[[]] * 4]
    assert listed(owner.http)[0]["deliveries"] == ATTEMPTS


def test_many_windows_that_open_at_once_are_sent_it_five_times_together(site, company):
    owner = site.person(company.ws, "owner")
    pause(site, company)
    there(site, owner.http)
    with ThreadPoolExecutor(ATTEMPTS + 4) as windows:
        sent = list(windows.map(waiting, [owner.http] * (ATTEMPTS + 4)))
    assert len([one for one in sent if one]) == ATTEMPTS
    assert listed(owner.http)[0]["deliveries"] == ATTEMPTS


def test_of_many_open_windows_five_are_told_and_others_see_only_what_has_changed(site, company):
    owner = site.person(company.ws, "owner")
    conversation_id, _ = company.customer_writes(company.contact())
    topics = ["notifications,contacts"] * 3 + ["notifications,contacts,conversations"] * ATTEMPTS
    windows = [begun(owner.http, each) for each in topics]
    company.assign(conversation_id, parse("user", owner.id))
    last = show("contact", company.contact())  # what has not come before it does not come
    for one in windows:
        one.until(lambda told: any(each.data.get("contact_id") == last for each in told), last)
    changes = [[item for item in one.items() if item.data["kind"] == KIND] for one in windows]
    assert sum("notification" in item.data for items in changes for item in items) == ATTEMPTS
    assert [len(items) for items in changes[3:]] == [1] * ATTEMPTS
    assert all("notification" in item.data for items in changes[:3] for item in items)
    assert listed(owner.http)[0]["deliveries"] == ATTEMPTS


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


def test_what_has_expired_is_not_sent_though_it_is_still_kept(site, company):
    owner = site.person(company.ws, "owner")
    pause(site, company)
    there(site, owner.http)
    expire(site, company)
    assert waiting(owner.http) == []
    assert listed(owner.http)[0]["deliveries"] == 0
    # Whoever goes on from before it is told what happened, and that alone.
    missed = begun(owner.http, "notifications,numbers", since="0")
    told(missed, "number_paused")
    alone = begun(owner.http, "notifications,contacts", since="0")
    told(alone, "contact_added", company.contact)
    assert not any("notification" in each.data for each in missed.items() + alone.items())


def test_many_that_have_expired_do_not_hide_one_that_has_not(site, company):
    owner = site.person(company.ws, "owner")
    about = {"workspace_id": company.ws, "audience": "numbers.manage", "expires_at": PAST}
    rows = [{**about, "notification_id": UUID(int=n)} for n in range(1, AT_ONCE + 1)]
    with site.stage.read.begin() as connection:
        connection.execute(insert(notifications), rows)
    pause(site, company)
    site.stage.await_(lambda: listed(owner.http)[0]["kind"] == "number_paused", "the one")
    assert waiting(owner.http) == [listed(owner.http)[0]["notification_id"]]


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
