"""Who works on conversations: people with shared numbers, teams, canned replies, working hours."""

from datetime import UTC, datetime, timedelta

import pytest
import uuid_utils.compat as uuids

from commands import conversation_marks, conversations, replies
from commands.chats import ONE
from commands.command import Wanted
from commands.execute import execute
from commands.streams import Streams
from domain.access import Principal, Problem
from domain.conversation import (
    BusinessWrote,
    ConversationAssigned,
    ConversationReadBy,
    CustomerWrote,
)
from domain.ids import name_id, parse, show
from domain.kernel import Metadata, Rejected
from domain.workspace import WorkspaceHoursSet
from tests.chat_people import joined
from tests.chat_site import begin
from tests.command_site import command_site

HOUR_MS = 3_600_000
FAR = (datetime.now(UTC) + timedelta(days=3)).weekday()
"""A day that neither yesterday nor tomorrow is."""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with command_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def chat(site):
    begun = begin(site.workspace())
    begun.customer_writes()
    return begun


def person(chat, name, role="agent", numbers=()):
    return joined(chat.company.store, chat.company.workspace_id, name, role, numbers)


def as_user(chat, who, path, role="agent", **body):
    """What the route with that path does for somebody signed in."""
    tables = (conversations, conversation_marks, replies)
    by_path = {f"{c.method} {c.path}": c for table in tables for c in table.COMMANDS}
    command = by_path[f"POST {ONE}/{path}"]
    principal = Principal(
        workspace_id=chat.company.workspace_id,
        permissions=frozenset({command.permission}),
        user_id=who,
        role=role,
    )
    streams = Streams(chat.company.store)
    ids = {"conversation_id": chat.id}
    wanted = Wanted(principal, ids, command.body(**body), None, streams)
    intent = command.prepare(wanted)
    return execute(chat.company.store, intent.asks, Metadata(), datetime.now(UTC), None, streams)


def test_an_agents_answer_says_whose_it_is_and_pauses_the_bot(chat):
    agent = person(chat, "agent", numbers=[chat.account_id])
    as_user(chat, agent, "messages", text="Yes")
    wrote, paused = chat.facts()[-2:]
    assert (type(wrote), wrote.user_id, paused.by) == (BusinessWrote, agent, agent)


def test_a_read_marker_is_its_users_own(chat):
    agent = person(chat, "agent", numbers=[chat.account_id])
    as_user(chat, agent, "read")
    marked = chat.facts()[-1]
    assert (type(marked), marked.user_id, marked.seen) == (ConversationReadBy, agent, 1)
    with pytest.raises(Rejected) as refused:
        as_user(chat, agent, "read", seen=2)
    assert refused.value.code == "invalid_seen"
    with pytest.raises(Problem) as foreign:
        as_user(chat, agent, "read", user_id=show("user", uuids.uuid7()))
    assert foreign.value.code == "user_needed"
    other = show("user", person(chat, "other"))
    assert chat.do("read", user_id=other).status_code == 200
    assert show("user", chat.facts()[-1].user_id) == other


def test_the_customer_is_told_of_what_a_user_has_read_and_not_of_what_a_key_has_marked(chat):
    agent = person(chat, "agent", numbers=[chat.account_id])
    assert chat.do("read", user_id=show("user", person(chat, "other"))).status_code == 200
    as_user(chat, agent, "read")
    by_key, by_user = chat.facts()[-2:]
    wrote = next(fact for fact in chat.facts() if isinstance(fact, CustomerWrote))
    assert (by_key.message_id, by_user.message_id) == (None, wrote.message_id)


def test_a_number_is_told_whether_it_tells_customers(chat):
    path = f"/v1/accounts/{show('account', chat.account_id)}"
    company = chat.company
    refused = company.http.patch(path, json={"read_receipts": False})
    assert (refused.status_code, refused.json()["code"]) == (428, "if_match_missing")
    for wrong in ({"read_receipts": "no"}, {"read_receipts": None}, {"pace_ms": 1}):
        assert company.patch(path, wrong, 1).status_code == 422
    assert company.patch(path, {"read_receipts": True}, 1).json()["version"] == 1
    assert company.patch(path, {"read_receipts": False}, 1).json()["version"] == 2
    assert company.patch(path, {}, 2).json()["version"] == 2
    assert company.patch(path, {"read_receipts": True}, 1).status_code == 412


def test_a_conversation_is_assigned_to_whoever_will_see_it(chat):
    agent = person(chat, "agent", numbers=[chat.account_id])
    assert chat.do("assign", user_id=show("user", agent)).status_code == 200
    assigned = chat.facts()[-1]
    assert (type(assigned), assigned.user_id, assigned.how) == (
        ConversationAssigned,
        agent,
        "manual",
    )
    stranger = show("user", person(chat, "stranger"))
    refused = chat.do("assign", user_id=stranger)
    assert (refused.status_code, refused.json()["code"]) == (409, "number_not_shared")
    assert chat.do("assign").status_code == 200
    assert chat.facts()[-1].was_user_id == agent


HOURS = "/v1/workspace/working-hours"


def open_on(company, *days):
    """All day."""
    spans = [{"day": d, "start_minute": 0, "end_minute": 1440} for d in days]
    answer = company.post(HOURS, {"spans": spans})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("days", "least_ms", "most_ms"),
    [((FAR,), 0, 0), (range(7), 10 * HOUR_MS, 11 * HOUR_MS)],
    ids=["closed all the while", "always open"],
)
def test_waits_are_counted_in_the_workspaces_hours(site, days, least_ms, most_ms):
    chat = begin(site.workspace(scopes='["write","send","manage"]'))
    open_on(chat.company, *days)
    assert isinstance(chat.facts(chat.company.workspace_id)[-1], WorkspaceHoursSet)
    chat.customer_writes(at=datetime.now(UTC) - timedelta(hours=10))
    assert chat.reply().status_code == 202
    assert least_ms <= chat.facts()[-1].response_ms <= most_ms
    assert chat.do("resolve").status_code == 200
    assert least_ms <= chat.facts()[-1].resolution_ms <= most_ms


def test_working_hours_that_are_none_are_refused(site):
    company = begin(site.workspace(scopes='["write","send","manage"]')).company
    wrong = {"spans": [{"day": 0, "start_minute": 60, "end_minute": 60}]}
    assert company.post(HOURS, wrong).json()["code"] == "invalid_hours"


def test_a_team_is_made_changed_and_deleted(chat):
    company, ann = chat.company, show("user", person(chat, "ann"))
    answer = company.post("/v1/teams", {"name": "Support", "members": [ann]})
    id_ = answer.json()["id"]
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/teams/{id_}")
    assert parse("team", id_) == name_id(company.workspace_id, "team", "support")
    changed = company.patch(f"/v1/teams/{id_}", {"assignment": "round_robin", "capacity": 5}, 1)
    assert changed.json()["version"] == 2
    crew = chat.facts(parse("team", id_))[-1].crew
    assert (crew.name, crew.members, crew.capacity) == ("Support", (parse("user", ann),), 5)
    unknown = company.patch(f"/v1/teams/{id_}", {"members": [show("user", uuids.uuid7())]}, 2)
    assert unknown.json()["errors"][0]["pointer"] == "/members/0"
    assert company.http.delete(f"/v1/teams/{id_}").status_code == 200
    assert company.patch(f"/v1/teams/{id_}", {"capacity": 6}, 3).status_code == 404
    assert company.post("/v1/teams", {"name": "support"}).status_code == 201


def test_a_short_code_is_one_canned_reply_of_a_workspace(site, chat):
    company = chat.company
    body = {"short_code": "hours", "text": "We are open\nfrom 9 to 5."}
    answer = company.post("/v1/canned-replies", body)
    id_ = answer.json()["id"]
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/canned-replies/{id_}")
    taken = company.post("/v1/canned-replies", {"short_code": "HOURS", "text": "Closed."})
    assert (taken.status_code, taken.json()["code"]) == (409, "reply_exists")
    path = f"/v1/canned-replies/{id_}"
    assert company.patch(path, {"text": "Closed."}, 1).json()["version"] == 2
    assert company.http.delete(path).status_code == 200
    assert company.patch(path, {"text": "x"}, 3).status_code == 404
    other = site.workspace()
    assert other.http.delete(path).status_code == 404
    assert other.post("/v1/canned-replies", body).status_code == 201
    wrong = company.post("/v1/canned-replies", {"short_code": "two words", "text": "x"})
    assert wrong.json()["errors"][0]["code"] == "short_code_invalid"
