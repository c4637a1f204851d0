"""GET /v1/stream over HTTP: what is told, to whom, for how long."""

from functools import partial

import pytest

from domain.account import PauseNumber, account
from domain.ids import parse, show
from domain.user import ShareNumber, UnshareNumber, user
from projections.people import number_shares
from tests.chats import Company
from tests.people_site import people_site
from tests.stream_client import begun, close_all, keyed, known, told
from tests.test_people import patched


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with people_site(tmp_path_factory.mktemp("live")) as running:
        yield running
        close_all()


@pytest.fixture
def company(site):
    return Company(site.stage)


def test_what_happens_is_told_with_its_position_and_ids_and_without_its_words(site, company):
    listening = begun(keyed(site, company), "conversations,messages,contacts")
    contact_id = company.contact()
    conversation_id, message_id = company.customer_writes(contact_id, "secret words")
    added, received = told(listening, "contact_added"), told(listening, "inbound_received")
    wrote = told(listening, "customer_wrote")
    assert added.data["contact_id"] == show("contact", contact_id)
    assert received.data["message_id"] == show("message", message_id)
    assert wrote.data["conversation_id"] == show("conversation", conversation_id)
    assert wrote.data["status"] == "open"
    assert [int(one.id) for one in listening.items()] == [o.position for o in listening.items()]
    assert "secret" not in str(listening.events)


def test_a_stream_tells_only_the_topics_that_it_was_asked_for(site, company):
    client, ana, budi = keyed(site, company), company.contact(), company.contact()
    one = show("conversation", company.customer_writes(ana)[0])
    single, numbers = begun(client, f"conversation:{one}"), begun(client, "numbers")
    company.customer_writes(budi)
    company.customer_writes(ana)
    told(single, "customer_wrote")
    assert {item.data["conversation_id"] for item in single.items()} == {one}
    assert numbers.items() == []


def test_another_company_hears_nothing(site, company):
    other, contact_id = Company(site.stage), company.contact()
    own = begun(keyed(site, company), "conversations,contacts")
    one = show("conversation", company.customer_writes(contact_id)[0])
    foreign = begun(keyed(site, other), f"conversations,contacts,conversation:{one}")
    company.customer_writes(contact_id)
    told(own, "customer_wrote")
    other.contact()
    told(foreign, "contact_added")
    assert foreign.kinds() == ["contact_added"]


def test_an_agent_hears_of_conversations_of_shared_numbers_only(site, company):
    agent, contact_id = site.person(company.ws, "agent"), company.contact()
    everybody = begun(keyed(site, company), "conversations")
    listening = begun(agent.http, "conversations,messages,numbers")
    company.customer_writes(contact_id)
    told(everybody, "customer_wrote")
    assert listening.items() == []
    id_, about = parse("user", agent.id), {"workspace_id": company.ws}
    share = ShareNumber(**about, user_id=id_, account_id=company.account)
    site.stage.do(user, id_, share)
    # What a stream may show changes while it is open.
    site.stage.await_(lambda: company.customer_writes(contact_id) and listening.items(), "a share")
    company.customer_writes(contact_id, account_id=company.number())
    last = show("message", company.customer_writes(contact_id)[1])
    listening.until(lambda events: any(one.data.get("message_id") == last for one in events))
    shown = {item.data["account_id"] for item in listening.items()}
    assert shown == {show("account", company.account)}


def test_an_open_stream_tells_no_more_of_a_number_once_its_share_is_taken_back(site, company):
    agent, id_, contact_id, kept = shared_agent(site, company)
    listening = begun(agent.http, "conversations,contacts")
    heard = partial(hears, listening, company, contact_id)
    assert heard(company.account)
    about = {"workspace_id": company.ws, "user_id": id_, "account_id": company.account}
    site.stage.do(user, id_, UnshareNumber(**about))
    site.stage.await_(lambda: not heard(company.account), "a share that is gone")
    assert heard(kept)
    assert not heard(company.account)


def test_an_open_stream_tells_what_a_new_role_may_see(site, company):
    owner, other, contact_id = site.person(company.ws), site.person(company.ws), company.contact()
    listening = begun(other.http, "conversations,contacts,notifications")
    heard = partial(hears, listening, company, contact_id)
    assert heard(company.account)
    assert patched(owner, other.id, "agent").status_code == 200
    site.stage.await_(
        lambda: not heard(company.account), "the role of somebody who sees shared numbers only"
    )
    about = {"workspace_id": company.ws, "account_id": company.account}
    pause = PauseNumber(**about, reason="the provider said so", tell=True)
    site.stage.do(account, company.account, pause)
    assert not heard(company.account)
    assert not any("notification" in item.data for item in listening.items())
    share = ShareNumber(**about, user_id=parse("user", other.id))
    site.stage.do(user, share.user_id, share)
    site.stage.await_(lambda: heard(company.account), "the same number, shared with them")


def test_an_open_stream_ends_when_a_new_role_may_not_see_one_of_its_topics(site, company):
    owner, other = site.person(company.ws), site.person(company.ws, "admin")
    listening, going_on = (begun(other.http, topics) for topics in ("conversations", "numbers"))
    assert patched(owner, other.id, "analyst").status_code == 200
    assert listening.ended.wait(20)
    assert (listening.events[-1].event, listening.events[-1].data) == ("cut", {"reason": "access"})
    assert told(going_on, "number_connected", company.number)


def shared_agent(site, company):
    """An agent, their id, a customer, and the second of the two numbers shared with the agent."""
    agent, kept = site.person(company.ws, "agent"), company.number()
    id_, about = parse("user", agent.id), {"workspace_id": company.ws}
    for number in (company.account, kept):
        share = ShareNumber(**about, user_id=id_, account_id=number)
        site.stage.do(user, id_, share)
    mine = number_shares.c.user_id == id_
    site.stage.await_(lambda: len(site.stage.rows(number_shares, mine)) == 2, "both shares")
    return agent, id_, company.contact(), kept


def hears(listening, company, contact_id, number):
    """Whether the stream tells of what a customer writes to the number now."""
    wrote = show("message", company.customer_writes(contact_id, account_id=number)[1])
    marker = show("contact", company.contact())
    listening.until(lambda told: any(one.data.get("contact_id") == marker for one in told), marker)
    return any(one.data.get("message_id") == wrote for one in listening.events)


def test_topics_need_the_permission_to_read_them(site, company):
    analyst = site.person(company.ws, "analyst")
    refused = analyst.http.get("/v1/stream", params={"topics": "campaigns,conversations"})
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_missing")
    assert "conversations.read" in refused.json()["detail"]
    begun(analyst.http, "campaigns")


def test_what_is_no_topic_or_no_id_of_an_event_is_refused(site, company):
    client = keyed(site, company)
    for topics in ("", "everything", "conversation:cmp_1", "campaign:", "a:b:c", ","):
        refused = client.get("/v1/stream", params={"topics": topics})
        assert refused.status_code == 422, topics
        assert refused.json()["errors"][0]["pointer"] == "?topics"
    asked = {"topics": "contacts", "last_event_id": "yesterday"}
    refused = client.get("/v1/stream", params=asked)
    assert (refused.status_code, refused.json()["code"]) == (400, "event_id_invalid")


def test_a_ticket_opens_one_stream_and_no_second_one(site, company):
    ticket = keyed(site, company).post("/v1/stream/tickets").json()["ticket"]
    listening = begun(site.http, "contacts", ticket=ticket)
    assert told(listening, "contact_added", company.contact)
    asked = {"topics": "contacts", "ticket": ticket}
    assert site.http.get("/v1/stream", params=asked).status_code == 401
    assert site.http.get("/v1/stream", params=asked | {"ticket": "tkt_x"}).status_code == 401
    assert site.http.get("/v1/stream", params={"topics": "contacts"}).status_code == 401


def test_a_ticket_is_worth_no_more_than_what_it_was_given_for(site, company):
    shown, key_id = company.key()
    client = known(site, site.client(shown))
    tickets = [client.post("/v1/stream/tickets").json()["ticket"] for _ in range(2)]
    company.revoke(key_id)
    known(site, client, 401)
    for ticket in tickets:
        asked = {"topics": "contacts", "ticket": ticket}
        assert site.http.get("/v1/stream", params=asked).status_code == 401


def test_a_stream_ends_when_its_key_is_revoked(site, company):
    shown, key_id = company.key()
    listening = begun(known(site, site.client(shown)), "contacts")
    going_on = begun(keyed(site, company), "contacts")
    company.revoke(key_id)
    assert listening.ended.wait(10)
    assert (listening.events[-1].event, listening.events[-1].data) == ("cut", {"reason": "access"})
    assert told(going_on, "contact_added", company.contact)


def test_a_stream_ends_when_its_session_does(site, company):
    person = site.person(company.ws, "admin")
    listening = begun(person.http, "contacts")
    assert person.http.delete(f"/v1/sessions/{person.session_id}").status_code == 200
    assert listening.ended.wait(10)
    assert listening.events[-1].event == "cut"


def test_who_is_told_of_an_assignment_is_the_one_it_was_assigned_to(site, company):
    ana, budi = site.person(company.ws, "owner"), site.person(company.ws, "owner")
    conversation_id, _ = company.customer_writes(company.contact())
    hers, his = begun(ana.http, "notifications"), begun(budi.http, "notifications,conversations")
    company.assign(conversation_id, parse("user", ana.id), by=parse("user", budi.id))
    notification = told(hers, "conversation_assigned").data["notification"]
    assert notification["title"] == "A conversation was assigned to you"
    assert "notification" not in told(his, "conversation_assigned").data


def test_a_stream_on_which_nothing_happens_is_kept_alive(tmp_path, monkeypatch):
    monkeypatch.setattr("read_api.live.follower.PING_S", 0.05)
    with people_site(tmp_path) as site:
        listening = begun(keyed(site, Company(site.stage)), "contacts")
        listening.until(lambda _: listening.pings > 2, "a sign of life")
        close_all()
