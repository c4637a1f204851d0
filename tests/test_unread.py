"""What somebody has not read: what came since they began, less what they have seen since."""

import json
from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from commands.policies.inbox import InboxPolicy
from domain.conversation import ConversationReadBy, CustomerWrote
from domain.ids import inbound_id, parse, show
from domain.readers import ReadingBegan
from domain.user import user as users
from infra.database import connect
from projections import conversations as model
from projections.conversations import conversations
from projections.entries import chained
from projections.sink import Sink
from read_api.unread import UNREAD, UNREAD_HERE, beside_reader
from tests.chat_history import chats
from tests.examples import WORKSPACE
from tests.histories import World, as_records
from tests.migrated import migrated
from tests.people_site import people_site
from tests.stage import now
from tests.talks import COLLEAGUE, ME
from tests.webhook_corpus import inbound

HERE = (
    select(conversations.c.conversation_id, UNREAD_HERE)
    .select_from(beside_reader(conversations))
    .where(conversations.c.workspace_id == WORKSPACE)
)


class Eyes:
    """One person's: what a walk over all facts, in their order, leaves to be read."""

    def __init__(self, log, user_id):
        self.everything, self.own, self.came, self.seen = (0, 0), {}, [], {}
        for fact in log:
            self.look(fact, fact.event, getattr(fact.event, "user_id", None) == user_id)

    def look(self, fact, event, mine):
        match event:
            case ReadingBegan() if mine:
                begun = (fact.position, event.era)
                self.own |= dict.fromkeys(event.account_ids, begun)
                self.everything = begun if event.everything else self.everything
            case CustomerWrote():
                self.came.append((fact.position, event))
            case ConversationReadBy() if mine:
                self.seen[event.conversation_id] = event

    def unread(self):
        left = Counter()
        for position, event in self.came:
            since, era = self.own.get(event.account_id, self.everything)
            mark = self.seen.get(event.conversation_id)
            seen = mark.seen if mark and mark.since == era else 0
            left[event.conversation_id] += position > since and event.inbound > seen
        return left


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_what_is_unread_came_since_they_began_and_was_not_seen_by_them(tmp_path_factory, seed):
    world, random = World(seed), Random(seed)
    while len(world.log) < 150:
        chats(world, random.choice)
    url = f"sqlite:///{tmp_path_factory.mktemp('unread') / 'read.sqlite'}"
    migrated(url, "read")
    engine = connect(url, durable=False)
    sink, records, start, before = Sink(engine, [model.projection], 1), as_records(world.log), 0, 0
    while start < len(records):
        piece = records[start : start + random.choice([1, 7, 60])]
        sink.apply(0, chained(piece, before))
        start, before = start + len(piece), piece[-1].position
    with engine.connect() as connection:
        for user_id in (ME, COLLEAGUE):
            binds = {"workspace_id": WORKSPACE, "viewer": user_id, "sees_all": 1}
            expected = Eyes(world.log, user_id).unread()
            here = {id_: n for id_, n in connection.execute(HERE, binds) if n or expected[id_]}
            assert here == +expected
            assert connection.execute(select(UNREAD), binds).scalar() == expected.total()
    engine.dispose()


@pytest.fixture
def site(tmp_path):
    with people_site(tmp_path) as running:
        yield running


class Desk:
    """One person at the inbox."""

    def __init__(self, site, person):
        self.site, self.http, self.id = site, person.http, person.id
        self.get("/v1/conversations")  # the read models know the number, too

    def get(self, path):
        head = str(self.site.stage.store.head())
        newest = {"Blazz-Min-Position": head, "Prefer": "wait=10"}
        answer = self.http.get(path, headers=newest)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def unread(self):
        """In each conversation, the last active first; in all, the same."""
        items = self.get("/v1/conversations")["items"]
        each = [item["unread"] for item in items]
        assert self.get("/v1/inbox/counts")["unread"] == sum(each)
        return each

    def reads(self, conversation, **body):
        answer = self.http.post(f"/v1/conversations/{conversation}/read", json=body)
        assert answer.status_code == 200, answer.text


def wrote(site, *texts):
    """The customer writes these, and the conversation they are in."""
    stage = site.stage
    for text in texts:
        item = {"type": "text", "id": f"wamid.{text}", "text": {"body": text}}
        stage.inbox.accept_many([json.dumps(inbound(item)).encode()], now())
    while stage.policy(InboxPolicy, stage.inbox).step(now()):
        pass
    received = stage.events(inbound_id(stage.account, f"wamid.{texts[-1]}"))[0]
    return show("conversation", received.conversation_id)


def sharing(owner, person, account, how="PUT"):
    path = f"/v1/accounts/{show('account', account)}/users/{person.id}"
    answer = owner.http.request(how, path)
    assert answer.status_code == 200, answer.text


def test_what_came_before_somebody_joined_or_was_given_the_number_is_read(site):
    ws, account = site.stage.ws, site.stage.account
    owner = Desk(site, site.person(ws))
    conversation = wrote(site, "one", "two", "three")
    assert owner.unread() == [3]
    admin, agent = (Desk(site, site.person(ws, role)) for role in ("admin", "agent"))
    assert (admin.unread(), agent.unread()) == ([0], [])
    wrote(site, "four")
    sharing(owner, agent, account)
    assert (owner.unread(), admin.unread(), agent.unread()) == ([4], [1], [0])
    wrote(site, "five", "six")
    agent.reads(conversation, seen=5)
    assert (owner.unread(), admin.unread(), agent.unread()) == ([6], [3], [1])
    sharing(owner, agent, account)  # is so already
    assert agent.unread() == [1]
    sharing(owner, agent, account, "DELETE")
    wrote(site, "seven")
    sharing(owner, agent, account)
    assert agent.unread() == [0]
    wrote(site, "eight")
    assert agent.unread() == [1]
    agent.reads(conversation)
    assert (owner.unread(), admin.unread(), agent.unread()) == ([8], [5], [0])


def test_who_comes_back_or_sees_more_by_another_role_begins_there(site):
    ws = site.stage.ws
    owner, agent = (Desk(site, site.person(ws, role)) for role in ("owner", "agent"))
    email = site.stage.state(users, parse("user", agent.id)).email
    wrote(site, "one")
    path, role = f"/v1/users/{agent.id}", {"role": "admin"}
    version = owner.http.get(path).headers["ETag"]
    answer = owner.http.patch(path, json=role, headers={"If-Match": version})
    admin = Desk(site, site.entered(ws, email))
    assert (answer.status_code, admin.unread()) == (200, [0])
    wrote(site, "two")
    assert admin.unread() == [1]
    assert owner.http.delete(path).status_code == 200
    wrote(site, "three")
    assert owner.http.post(f"{path}/restore").status_code == 200
    again = Desk(site, site.entered(ws, email))
    assert again.unread() == [0]
    wrote(site, "four")
    assert (again.unread(), owner.unread()) == ([1], [4])


def test_the_customer_is_told_of_what_a_newcomer_reads_though_it_counts_for_nobody(site):
    ws = site.stage.ws
    owner = Desk(site, site.person(ws))
    conversation = wrote(site, "one", "two")
    admin = Desk(site, site.person(ws, "admin"))
    admin.reads(conversation)
    told = site.stage.events(parse("conversation", conversation))[-1]
    assert told.message_id in {inbound_id(site.stage.account, f"wamid.{n}") for n in ("one", "two")}
    assert (admin.unread(), owner.unread()) == ([0], [2])
