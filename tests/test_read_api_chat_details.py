"""Search in messages, files, notes, calls, timelines, figures: what else is asked about chats."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

import read_api.found
import read_api.probing
from commands.execute import Ask
from domain import canned_reply as can
from domain import conversation as cnv
from domain import team as tem
from domain.ids import show
from tests.chat_stage import chat_site
from tests.talks import COLLEAGUE, ME, TEAM, minutes


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with chat_site(tmp_path_factory.mktemp("chats")) as running:
        yield running


@pytest.fixture(scope="module")
def stage(site):
    return site[0]


@pytest.fixture(scope="module")
def http(site):
    return site[1]


def found(http, words, **query):
    return [m["text"] for m in http.pages("/v1/messages/search", q=words, **query)]


@pytest.fixture(scope="module")
def spoken(stage):
    talk, other = stage.talk("+6281100000001", first_name="Siti"), stage.talk("+6281100000002")
    stage.tell(
        talk.customer("s.1", minutes(1), "Where is my INVOICE, please?"),
        talk.customer("s.2", minutes(2), "Facture: José's invoices"),
        other.customer("s.3", minutes(3), "An invoice of mine"),
        other.customer("s.4", minutes(4), "a password"),
        other.customer("s.5", minutes(5), "a typo: recieved"),
        other.edit("s.5", minutes(6), "a word: received"),
        other.revoke("s.4", minutes(7)),
        talk.reply(UUID(int=501), "Your invoice is on its way"),
        now=minutes(8),
    )
    return talk, other


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("invoice", ["Your invoice is on its way", "An invoice of mine",
                     "Facture: José's invoices", "Where is my INVOICE, please?"]),
        ("INVO plea", ["Where is my INVOICE, please?"]),
        ("jose", ["Facture: José's invoices"]),
        ("password", []),
        ("recieved", []),
        ("received", ["a word: received"]),
        ("invoice nothing", []),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("different", "few"), [(4, 3000), (0, 3000), (0, -1)])
def test_messages_are_found_by_how_their_words_begin(
    spoken, http, words, expected, different, few, monkeypatch
):
    """By each of the three plans."""
    monkeypatch.setattr(read_api.found, "DIFFERENT", different)
    monkeypatch.setattr(read_api.found, "FEW", few)
    monkeypatch.setattr(read_api.probing, "GOOD_S", 0.0)
    monkeypatch.setattr(read_api.found, "LOOKS", (1, 2))
    assert found(http, words, limit=1) == expected


def test_a_message_is_found_with_whose_it_is(spoken, http):
    talk, _ = spoken
    (hit,) = http.items("/v1/messages/search", q="please")
    assert hit["conversation_id"] == show("conversation", talk.id)
    assert (hit["first_name"], hit["direction"], hit["kind"]) == ("Siti", "in", "text")


@pytest.mark.parametrize("query", [{}, {"q": ""}, {"q": "?!"}, {"q": "a b c d e f g"}])
def test_a_search_without_words_is_refused(http, query):
    answer = http.get("/v1/messages/search", **query)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["?q"]


@pytest.mark.parametrize("chunk", [3, 4, 8, 9])
def test_a_conversation_can_be_taken_away_as_a_file(stage, http, monkeypatch, chunk):
    monkeypatch.setattr("read_api.transcript_files.CHUNK", chunk)
    talk = stage.talk(f"+628110001{chunk:04}")
    stage.tell(
        *(talk.customer(f"f{chunk}.{n}", minutes(n), f"m{n}") for n in range(8)),
        talk.react(f"f{chunk}.7", minutes(9), "👍"),
    )
    path = f"/v1/conversations/{show('conversation', talk.id)}/transcript"
    whole = http.get(path)
    assert whole.headers["content-type"] == "application/json"
    assert whole.headers["content-disposition"] == 'attachment; filename="transcript.json"'
    items = whole.json()["items"]
    assert [m["text"] for m in items] == [f"m{n}" for n in range(8)]
    assert items == http.said(talk)[::-1]
    assert [r["emoji"] for r in items[-1]["reactions"]] == ["👍"]
    lines = http.get(path, format="ndjson")
    assert lines.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line) for line in lines.text.splitlines()] == items
    assert whole.text == '{"items":[' + ",\n".join(lines.text.splitlines()) + "]}"
    assert http.get(path, format="pdf").status_code == 422


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_each_message_has_what_is_beside_it_on_pages_of_any_size(stage, http, limit):
    talk = stage.talk(f"+6281100009{limit:03}")
    stage.tell(
        *(talk.customer(f"b{limit}.{n}", minutes(n), f"m{n}") for n in range(4)),
        talk.customer(f"b{limit}.4", minutes(5), "quotes", answers=f"b{limit}.1"),
        *(talk.react(f"b{limit}.{n}", minutes(6), "👍") for n in range(4)),
        talk.react(f"b{limit}.3", minutes(7), "❤", echo=True),
        talk.edit(f"b{limit}.2", minutes(8), "edited"),
    )
    path = f"/v1/conversations/{show('conversation', talk.id)}/messages"
    said = list(http.pages(path, limit=limit))
    reacted = [[r["emoji"] for r in m["reactions"]] for m in said]
    assert reacted == [[], ["👍", "❤"], ["👍"], ["👍"], ["👍"]]
    assert [len(m["edits"]) for m in said] == [0, 0, 1, 0, 0]
    assert [m["quoted"] and m["quoted"]["text"] for m in said] == ["m1", *[None] * 4]
    assert [m["file"] for m in said] == [None] * 5


def test_notes_are_listed_until_they_are_removed(stage, http):
    talk, first, second = stage.talk("+6281100000004"), UUID(int=601), UUID(int=602)
    stage.tell(talk.customer("n.1", minutes(0)))
    for note_id, text in ((first, "prefers mail"), (second, "a rumour")):
        stage.tell(talk.ask(cnv.AddNote, note_id=note_id, text=text, by=ME), now=minutes(1))
    path = f"/v1/conversations/{show('conversation', talk.id)}/notes"
    assert [n["text"] for n in http.items(path)] == ["a rumour", "prefers mail"]
    stage.tell(talk.ask(cnv.RemoveNote, note_id=second, by=ME))
    (left,) = http.items(path)
    assert (left["note_id"], left["author_id"]) == (show("note", first), show("user", ME))


def test_a_call_shows_its_last_step_and_all_reports_of_it(stage, http):
    talk = stage.talk("+6281100000005")
    stage.tell(
        talk.call("c.1", "ended", minutes(3), seconds=90),
        talk.call("c.1", "accepted", minutes(2)),
        talk.call("c.1", "ringing", minutes(1), video=True),
        talk.call("c.2", "ringing", minutes(9)),
        talk.call("c.2", "rejected", minutes(10)),
    )
    conversation = show("conversation", talk.id)
    rejected, ended = http.items("/v1/calls", conversation=conversation)
    assert [rejected["status"], ended["status"]] == ["rejected", "ended"]
    assert (ended["direction"], ended["video"], ended["seconds"]) == ("in", True, 90)
    one = http.read(f"/v1/calls/{ended['call_id']}")
    assert [s["step"] for s in one["steps"]] == ["ringing", "accepted", "ended"]
    assert one["steps"][0]["details"] == {"event": "ringing"}


def test_a_contacts_timeline_holds_its_chats_and_is_narrowed_by_kind(stage, http):
    talk = stage.talk("+6281100000006")
    stage.tell(
        talk.customer("t.1", minutes(0), "a secret"),
        talk.edit("t.1", minutes(1), "another secret"),
        talk.react("t.1", minutes(2), "👍", echo=True),
        talk.call("t.c", "ringing", minutes(3)),
        talk.ask(cnv.AssignConversation, user_id=ME, by=COLLEAGUE),
        talk.ask(cnv.ResolveConversation, user_id=ME),
        talk.customer("t.2", minutes(20)),
        talk.reply(UUID(int=701)),
        now=minutes(10),
    )
    path = f"/v1/contacts/{show('contact', talk.contact_id)}/timeline"
    kinds = [line["kind"] for line in http.items(path)]
    assert kinds[::-1] == [
        *("added", "message_received", "conversation_started", "message_edited", "reaction"),
        *("call_ringing", "conversation_assigned", "conversation_resolved", "message_received"),
        *("conversation_opened", "bot_paused", "message_queued"),
    ]
    assert "secret" not in http.get(path).text
    (assigned,) = http.items(path, kind="conversation_assigned")
    assert assigned["detail"]["by"] == show("user", COLLEAGUE)
    assert http.get(path, kind="gossip").status_code == 422
    first = http.read(path, limit=5)
    second = http.read(first["next_url"])
    assert http.read(second["previous_url"])["items"] == first["items"]


def test_a_contact_is_known_by_its_identifiers(stage, http):
    contact = stage.contact("+6281100000007")
    stage.project()
    (known,) = http.items(f"/v1/contacts/{show('contact', contact)}/identifiers")
    assert (known["kind"], known["value"]) == ("phone", "+6281100000007")
    nobody = show("contact", UUID(int=9))
    assert http.get(f"/v1/contacts/{nobody}/identifiers").status_code == 404


def test_teams_and_canned_replies_are_listed_while_they_are_there(stage, http):
    ws = {"workspace_id": stage.ws}
    crew = tem.Crew(name="Support", members=(ME, COLLEAGUE))
    other = tem.Crew(name="Sales")
    replies = [UUID(int=801), UUID(int=802)]
    stage.tell(
        [Ask(tem.team, TEAM, tem.CreateTeam(**ws, team_id=TEAM, crew=crew))],
        [Ask(tem.team, ME, tem.CreateTeam(**ws, team_id=ME, crew=other))],
        [Ask(tem.team, ME, tem.DeleteTeam(**ws, team_id=ME))],
        *(
            [
                Ask(
                    can.canned_reply,
                    id_,
                    can.AddCannedReply(**ws, reply_id=id_, short_code=code, text="Hi"),
                )
            ]
            for id_, code in zip(replies, ("bye", "hello"), strict=True)
        ),
        [Ask(can.canned_reply, replies[0], can.DeleteCannedReply(**ws, reply_id=replies[0]))],
    )
    (team,) = http.items("/v1/teams")
    assert (team["name"], team["members"]) == (
        "Support",
        [show("user", ME), show("user", COLLEAGUE)],
    )
    assert http.read(f"/v1/teams/{show('team', ME)}")["deleted"] is True
    assert [r["short_code"] for r in http.items("/v1/canned-replies")] == ["hello"]


def test_figures_of_chats_are_counted_by_day_agent_and_team(tmp_path):
    with chat_site(tmp_path) as (stage, http):
        talk, today = stage.talk(), datetime.now(UTC)
        morning = today.replace(hour=0, minute=0, second=0, microsecond=0)
        at = [morning + timedelta(seconds=10 * n) for n in range(9)]
        stage.tell(talk.customer("a.1", at[0]), now=at[0])
        stage.tell(talk.ask(cnv.AssignConversation, user_id=ME, team_id=TEAM), now=at[1])
        stage.tell(talk.reply(UUID(int=1), automatic=True, user_id=None), now=at[2])
        stage.tell(talk.reply(UUID(int=2), user_id=COLLEAGUE), now=at[3])
        stage.tell(talk.ask(cnv.ResolveConversation, user_id=ME), now=at[4])
        stage.tell(talk.customer("a.2", at[5]), now=at[5])
        days = {"from": today.date() - timedelta(1), "to": today.date()}
        day = today.date().isoformat()
        before, now_ = http.items("/v1/analytics/chat", **days)
        assert (
            before["day"] < now_["day"],
            sum(v for v in before.values() if v != before["day"]),
        ) == (True, 0)
        # A conversation begins when it is recorded, which is now.
        assert now_ == {
            "day": day, "opened": 2, "resolved": 1, "first_responses": 1,
            "first_response_ms": 30_000, "resolution_ms": 40_000,
            "messages_in": 2, "messages_out": 2,
        }  # fmt: skip
        users = {i.pop("user_id"): i for i in http.items("/v1/analytics/chat", of="users", **days)}
        mine, theirs = users[show("user", ME)], users[show("user", COLLEAGUE)]
        assert (mine["resolved"], mine["messages_in"], mine["opened"]) == (1, 1, 1)
        assert (theirs["first_responses"], theirs["messages_out"]) == (1, 1)
        (team,) = http.items("/v1/analytics/chat", of="teams", **days)
        assert (team["team_id"], team["messages_out"]) == (show("team", TEAM), 2)
        assert http.get("/v1/analytics/chat", of="all", **days).status_code == 422
        long = {"from": "2026-01-01", "to": "2026-03-01"}
        assert http.get("/v1/analytics/chat", of="users", **long).status_code == 422
