"""A stream that is cut goes on where it was: nothing is lost, nothing comes twice."""

import asyncio
import random
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from domain.access import Principal
from domain.campaign import Audience
from infra.database import connect_async
from infra.upkeep import trim_items
from projections.live import live_items
from read_api.live.backlog import Backlog
from read_api.live.deliveries import Deliveries
from read_api.live.items import PAGE
from read_api.live.marks import Mark
from read_api.live.room import Listener
from read_api.live.topics import Topics, View
from read_api.source import source
from tests.chats import Company
from tests.people_site import people_site
from tests.spec import NOW
from tests.stream_client import Listening, begun, close_all, keyed

CUTS = 100
TOPICS = "contacts,conversations,messages"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with people_site(tmp_path_factory.mktemp("live")) as running:
        yield running
        close_all()


@pytest.fixture
def company(site):
    return Company(site.stage)


def all_told(site, company):
    """The positions of all that has been told of the company, up to its very last fact."""
    company.contact()
    mine, last = live_items.c.workspace_id == company.ws, site.stage.store.head()

    def stored():
        asked = select(live_items.c.position).where(mine, live_items.c.topic != "numbers")
        with site.stage.read.connect() as connection:
            return list(connection.scalars(asked.order_by(live_items.c.position)))

    site.stage.await_(lambda: last in stored(), "the last fact being read")
    return stored()


def test_a_client_that_is_cut_a_hundred_times_sees_each_event_once_and_in_order(site, company):
    chance, client, ana = random.Random(7), keyed(site, company), company.contact()
    stop, seen, since = threading.Event(), [], begun(client, TOPICS).events[0].id
    first = int(since)

    def write():
        while not stop.is_set():
            company.contact()
            company.customer_writes(ana)
            time.sleep(0.001)

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for _ in range(CUTS):
            listening, enough = Listening(client, TOPICS, since), chance.choice([0, 1, 3, 8])
            listening.until(lambda events, enough=enough: len(events) >= enough)
            listening.close()
            seen += listening.items()
            since = seen[-1].id if seen else since
    finally:
        stop.set()
        writing.join()
    expected = [position for position in all_told(site, company) if position > first]
    rest = Listening(client, TOPICS, since)
    rest.until(lambda events: len(events) >= len(expected) - len(seen), "the rest")
    assert [one.position for one in seen + rest.items()] == expected


def test_a_stream_may_begin_at_a_write_that_is_not_read_yet(site, company):
    client = keyed(site, company)
    company.contact()
    at = str(site.stage.store.head())
    listening = Listening(client, TOPICS, at)
    company.contact()
    listening.until(lambda events: events)
    assert [one.position for one in listening.items()] == [site.stage.store.head()]


def test_a_stream_that_shall_begin_where_nothing_has_happened_is_told_to_begin_anew(
    site, company, monkeypatch
):
    monkeypatch.setattr("read_api.live.stream.AHEAD_S", 0.05)
    client = keyed(site, company)
    all_told(site, company)
    nowhere = Listening(client, TOPICS, str(10**9))
    nowhere.until(lambda events: events, "the reset")
    told = nowhere.events[0]
    assert (told.event, told.data["asked"]) == ("reset", 10**9)
    assert int(told.id) == told.data["kept_from"] <= site.stage.store.head()
    company.contact()
    nowhere.until(lambda events: len(events) > 1, "what happens from then on")
    assert nowhere.items()[0].position == site.stage.store.head()


def test_streams_are_counted_while_they_are_open_and_when_they_end(site, company):
    client, stage = keyed(site, company), site.stage
    close_all()

    def figures():
        lines = site.http.get("/-/metrics").text.splitlines()
        found = dict(line.rsplit(" ", 1) for line in lines if line.startswith("blazz_stream"))
        names = ("s_open", "_pushes_total", 's_cut_total{reason="gone"}')
        return [float(found.get(f"blazz_stream{name}", 0)) for name in names]

    stage.await_(lambda: figures()[0] == 0, "the end of all streams")
    _, pushed, gone = figures()
    listening = begun(client, "contacts")
    assert figures()[0] == 1
    company.contact()
    listening.until(lambda events: len(events) > 1, "news")
    stage.await_(lambda: figures()[1] > pushed, "a push being counted")
    listening.close()
    stage.await_(lambda: figures()[0] == 0, "the end of it")
    assert figures()[2] == gone + 1


def test_a_client_that_is_cut_for_being_slow_goes_on_where_it_was(site, company, monkeypatch):
    client = keyed(site, company)
    slow = begun(client, "contacts")
    since = int(slow.events[0].id)
    monkeypatch.setattr("read_api.live.room.WAITING", 20)
    phones = [{"phone": f"+62857{number:08}"} for number in range(100)]
    site.stage.contacts(phones, ws=company.ws)
    assert slow.ended.wait(30)
    assert (slow.events[-1].event, slow.events[-1].data) == ("cut", {"reason": "slow"})
    assert len(slow.items()) == 20
    expected = [position for position in all_told(site, company) if position > since]
    rest = Listening(client, "contacts", slow.events[-1].id)
    rest.until(lambda events: len(events) >= len(expected) - 20, "the rest")
    assert [one.position for one in [*slow.items(), *rest.items()]] == expected


def test_who_was_away_for_longer_than_items_are_kept_is_told_to_begin_anew(site, company):
    client, other = keyed(site, company), Company(site.stage)
    since = begun(client, "contacts").events[0].id
    quiet = begun(keyed(site, other), "contacts").events[0].id
    kept = str(all_told(site, company)[-1])
    with site.stage.read.begin() as connection:
        assert trim_items(connection, datetime.now(UTC) + timedelta(seconds=1)) > 0
    away = Listening(client, "contacts", since)
    away.until(lambda events: events)
    assert (away.events[0].event, away.events[0].data["kept_from"]) == ("reset", int(kept))
    following = all_told(site, company)[-1]
    away.until(lambda events: events[-1].position == following)
    # Whoever has seen the last one that went, or has heard of nothing, has missed nothing.
    for one, known in ((client, kept), (keyed(site, other), quiet)):
        listening = Listening(one, "contacts", known)
        listening.until(lambda events, one=one: events or one is not client)
        assert "reset" not in [event.event for event in listening.events]


def test_a_campaign_tells_how_far_it_is_and_no_message_of_it_is_told(site):
    stage = site.stage
    company = Company(stage)
    company.ws, company.account = stage.ws, stage.account
    client = keyed(site, company)
    group = stage.group("all", *stage.contacts([{"phone": f"+62811{n:07}"} for n in range(40)]))
    listening = begun(client, "campaigns,messages")
    campaign_id = stage.queued(Audience(kind="groups", groups=(group,)))
    done = listening.until(
        lambda events: events and events[-1].data.get("counts", {}).get("queued") == 40
    )[-1]
    assert done.data["campaign_id"].endswith(campaign_id.hex)
    assert done.data["recipients"] == 40
    assert "message_queued" not in listening.kinds()
    before = [one for one in listening.events if one is not done][-1]
    # As it is now, whatever the step at which the stream broke off; and then not again.
    again = Listening(client, "campaigns", before.id)
    again.until(lambda events: events)
    assert again.events[-1].data == done.data
    nothing = Listening(client, "campaigns", again.events[-1].id)
    stage.draft()
    nothing.until(lambda events: events)
    assert nothing.kinds() == ["campaign_drafted"]


def test_who_is_cut_while_what_was_missed_is_read_goes_on_from_what_was_sent(site, company):
    told = [{"workspace_id": company.ws, "position": n, "topic": "contacts"} for n in range(1, 400)]
    with site.stage.read.begin() as connection:
        connection.execute(insert(live_items), [{**one, "kind": "", "at": NOW} for one in told])
    who = Principal(workspace_id=company.ws, permissions=frozenset())
    view = View(who, Topics(frozenset({"contacts"}), frozenset(), frozenset()), None)

    async def cut_after_a_page():
        engine = connect_async(site.stage.read_url)
        listener = Listener(view, Deliveries(engine, source(engine)).claim)
        missed = Backlog(source(engine)).missed(company.ws, listener, through=399)
        assert (await anext(missed)).endswith(b"\r\n\r\n")
        listener.cut("closing")
        assert [piece async for piece in missed] == []
        await engine.dispose()
        return listener.mark

    assert asyncio.run(cut_after_a_page()) == Mark(PAGE, PAGE)
