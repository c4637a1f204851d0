"""Agents see what belongs to numbers shared with them; others of the workspace see everything."""

from uuid import UUID

import pytest

from domain import conversation as cnv
from domain.ids import show
from tests.chat_people import joined
from tests.chat_stage import chat_site
from tests.talks import minutes


@pytest.fixture
def site(tmp_path):
    with chat_site(tmp_path) as running:
        yield running


@pytest.fixture
def two(site):
    """A conversation on a number that is shared with an agent, and one on a number that is not."""
    stage, http = site
    hidden_number = stage.number("106540352242999", "1", shown="+15550000002")
    shown, hidden = stage.talk(), stage.talk("+6281234567891", hidden_number)
    agent = joined(stage.store, stage.ws, "ani", "agent", [stage.account])
    for n, talk in enumerate((shown, hidden)):
        stage.tell(
            talk.customer(f"wamid.{n}.1", minutes(n), "hello there"),
            talk.customer(f"wamid.{n}.2", minutes(n), "hello again"),
            talk.call(f"c.{n}", "ringing", minutes(n)),
            talk.ask(cnv.AddNote, note_id=UUID(int=n + 1), text="n"),
        )
    stage.tell(shown.ask(cnv.ReadConversation, user_id=agent, seen=1))
    return shown, hidden, http.person(agent), agent


def ids_of(reading, path, **query):
    return {item["conversation_id"] for item in reading.items(path, **query)}


def test_an_agent_finds_what_belongs_to_shared_numbers_only(two, site):
    shown, hidden, agent, _ = two
    _, key = site
    ours, theirs = (show("conversation", talk.id) for talk in (shown, hidden))
    for path, query in (
        ("/v1/conversations", {}),
        ("/v1/conversations", {"status": "open"}),
        ("/v1/calls", {}),
        ("/v1/messages/search", {"q": "hello"}),
    ):
        assert ids_of(agent, path, **query) == {ours}, path
        assert ids_of(key, path, **query) == {ours, theirs}, path
    for path in ("", "/messages", "/notes", "/transcript"):
        assert agent.get(f"/v1/conversations/{ours}{path}").status_code == 200, path
        answer = agent.get(f"/v1/conversations/{theirs}{path}")
        assert answer.status_code == 404, path
    (call,) = key.items("/v1/calls", conversation=theirs)
    assert agent.get(f"/v1/calls/{call['call_id']}").status_code == 404
    contact = show("contact", hidden.contact_id)
    assert agent.items(f"/v1/contacts/{contact}/conversations") == []
    timeline = f"/v1/contacts/{contact}/timeline"
    assert [line["kind"] for line in agent.items(timeline)] == ["added"]
    assert len(key.items(timeline)) > 3


def test_unread_is_what_the_one_who_asks_has_not_seen(two, site):
    _, _, agent, _ = two
    _, key = site
    (mine,) = agent.items("/v1/conversations")
    assert (mine["inbound"], mine["unread"]) == (2, 1)
    counts = agent.read("/v1/inbox/counts")
    assert (counts["unread"], counts["statuses"]) == (1, [{"status": "open", "conversations": 1}])
    assert key.read("/v1/inbox/counts")["unread"] == 4


def test_an_agent_finds_their_own_conversations(two, site):
    shown, hidden, agent, agent_id = two
    stage, _ = site
    stage.tell(*(talk.ask(cnv.AssignConversation, user_id=agent_id) for talk in (shown, hidden)))
    (mine,) = agent.items("/v1/conversations", assignee="me")
    assert mine["conversation_id"] == show("conversation", shown.id)
    assert agent.read("/v1/inbox/counts")["assignees"] == [
        {"assignee_id": show("user", agent_id), "status": "open", "conversations": 1}
    ]


def test_a_quotation_from_a_number_that_is_not_shared_stays_hidden(two, site):
    shown, _, agent, _ = two
    stage, key = site
    stage.tell(shown.customer("wamid.3", minutes(3), "see above", answers="wamid.1.1"))
    assert agent.said(shown)[0]["quoted"] is None
    assert key.said(shown)[0]["quoted"]["text"] == "hello there"


def test_another_workspace_finds_nothing(two, site):
    shown, _, _, agent_id = two
    stage, http = site
    other = stage.new_workspace()
    stage.project()
    stranger = http.person(agent_id, "owner", other)
    conversation = show("conversation", shown.id)
    for path in ("", "/messages", "/notes", "/transcript"):
        assert stranger.get(f"/v1/conversations/{conversation}{path}").status_code == 404, path
    for path in ("/v1/conversations", "/v1/calls", "/v1/messages/search?q=hello"):
        assert stranger.items(path) == [], path
