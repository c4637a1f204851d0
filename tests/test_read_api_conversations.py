"""What the read API answers about conversations, over real HTTP on a stage's read models."""

from itertools import groupby
from uuid import UUID

import pytest

from domain import conversation as cnv
from domain.ids import show
from domain.inbound import Media
from tests.chat_stage import chat_site
from tests.talks import COLLEAGUE, ME, TEAM, Talk, minutes, sent


@pytest.fixture
def site(tmp_path):
    with chat_site(tmp_path) as running:
        yield running


@pytest.fixture
def stage(site):
    return site[0]


@pytest.fixture
def http(site):
    return site[1]


def test_a_first_message_makes_a_conversation_that_waits(stage, http):
    talk = stage.talk(first_name="Siti", last_name="Aminah")
    stage.tell(talk.customer("wamid.1", minutes(0), "Is my order there?"))
    (found,) = http.items("/v1/conversations")
    assert found["conversation_id"] == show("conversation", talk.id)
    assert found["contact_id"] == show("contact", talk.contact_id)
    assert (found["first_name"], found["phone"]) == ("Siti", "+6281234567890")
    assert (found["status"], found["priority"], found["labels"]) == ("open", "none", [])
    assert (found["last_direction"], found["last_kind"]) == ("in", "text")
    assert found["last_snippet"] == "Is my order there?"
    assert found["last_message_id"] == show("message", talk.heard("wamid.1"))
    assert found["waiting_since"] == "2026-03-01T09:00:00Z"
    assert found["window_until"] == "2026-03-02T09:00:00Z"
    assert (found["inbound"], found["outbound"], found["unread"]) == (1, 0, 1)
    one = http.read(f"/v1/conversations/{found['conversation_id']}")
    assert {**found, "meta": one["meta"]} == one
    assert [m["text"] for m in http.said(talk)] == ["Is my order there?"]


def test_pages_of_a_transcript_lead_both_ways_and_to_what_comes_later(stage, http):
    talk = stage.talk()
    stage.tell(*(talk.customer(f"wamid.{n}", minutes(n), f"m{n}") for n in range(10)))
    path = f"/v1/conversations/{show('conversation', talk.id)}/messages"
    latest = http.read(path, limit=4)
    assert [m["text"] for m in latest["items"]] == ["m9", "m8", "m7", "m6"]
    older = http.read(latest["next_url"])
    assert [m["text"] for m in older["items"]] == ["m5", "m4", "m3", "m2"]
    oldest = http.read(older["next_url"])
    assert ([m["text"] for m in oldest["items"]], oldest["next"]) == (["m1", "m0"], None)
    back = http.read(oldest["previous_url"])
    assert back["items"] == older["items"]
    assert http.read(back["previous_url"])["items"] == latest["items"]
    news = http.read(latest["previous_url"])
    assert (news["items"], news["next"]) == ([], None)
    stage.tell(talk.customer("wamid.10", minutes(10), "m10"))
    assert [m["text"] for m in http.read(news["previous_url"])["items"]] == ["m10"]
    both = http.get(path, after=latest["next"], before=latest["previous"])
    assert (both.status_code, both.json()["errors"][0]["pointer"]) == (422, "?before")


def test_a_transcript_is_opened_at_a_message_and_read_on_from_there(stage, http):
    talk, other = stage.talk(), stage.talk()
    stage.tell(*(talk.customer(f"wamid.{n}", minutes(n), f"m{n}") for n in range(10)))
    stage.tell(other.customer("wamid.x", minutes(5), "elsewhere"))
    path = f"/v1/conversations/{show('conversation', talk.id)}/messages"
    found = http.read(path, limit=3, **{"from": show("message", talk.heard("wamid.5"))})
    assert [m["text"] for m in found["items"]] == ["m5", "m4", "m3"]
    assert [m["text"] for m in http.read(found["next_url"])["items"]] == ["m2", "m1", "m0"]
    assert [m["text"] for m in http.read(found["previous_url"])["items"]] == ["m8", "m7", "m6"]
    for foreign in (show("message", other.heard("wamid.x")), "msg_" + 32 * "0"):
        assert http.read(path, **{"from": foreign})["items"] == []
    assert http.get(path, **{"from": "m5"}).status_code == 422


def test_messages_stand_in_the_order_in_which_they_were_written(stage, http):
    talk = stage.talk()
    stage.tell(
        talk.customer("wamid.late", minutes(2), "second"),
        talk.customer("wamid.album1", minutes(1), "first"),
        talk.customer("wamid.album2", minutes(1), "first, heard later"),
    )
    texts = [m["text"] for m in http.said(talk)]
    assert texts == ["second", "first, heard later", "first"]
    (found,) = http.items("/v1/conversations")
    assert (found["last_snippet"], found["inbound"]) == ("second", 3)


def test_an_edit_shows_and_what_was_revoked_is_hidden(stage, http):
    talk = stage.talk()
    photo = {"kind": "image", "media": Media(media_id="1", mime_type="image/jpeg")}
    stage.tell(
        talk.customer("wamid.1", minutes(0), "teh original"),
        talk.edit("wamid.1", minutes(2), "the original", "e2"),
        talk.edit("wamid.1", minutes(1), "te original", "e1"),
        talk.customer("wamid.2", minutes(3), "a secret", **photo, answers="wamid.1"),
    )
    secret, edited = http.said(talk)
    assert (edited["text"], edited["edited_at"]) == ("the original", "2026-03-01T09:02:00Z")
    shown = [(e["edit_id"], e["superseded"], e["content"]["text"]) for e in edited["edits"]]
    assert shown == [("e1", True, "te original"), ("e2", False, "the original")]
    assert secret["media"] == {"media_id": "1", "mime_type": "image/jpeg"}
    assert secret["quoted"]["message_id"] == edited["message_id"]
    assert secret["quoted"]["text"] == "the original"
    assert edited["quoted"] is None
    stage.tell(talk.revoke("wamid.2", minutes(4)), talk.revoke("wamid.1", minutes(5)))
    secret, edited = http.said(talk)
    for hidden in (secret, edited):
        assert (hidden["text"], hidden["media"], hidden["details"]) == (None, None, None)
        assert hidden["revoked_at"] is not None
    assert secret["kind"] == "image"
    assert secret["revocation"]["revoke_id"] == "r:wamid.2"
    assert secret["quoted"]["text"] is None


def test_reactions_stand_with_what_they_are_about(stage, http):
    talk, reply = stage.talk(), UUID(int=77)
    stage.tell(
        talk.customer("wamid.1", minutes(0), "Thanks!"),
        talk.reply(
            UUID(int=78), "", kind="reaction", details={"message_id": "wamid.1", "emoji": "👍"}
        ),
        talk.react("wamid.1", minutes(1), "😀", echo=True),
        talk.react("wamid.1", minutes(2), "", echo=True),
        talk.reply(reply, "You are welcome"),
        sent(stage.ws, reply, "wamid.out", at=minutes(3)),
        talk.react("wamid.out", minutes(3), "🎉"),
        talk.react("wamid.out", minutes(4), "❤️"),
        now=minutes(1),
    )
    by_text = {m["text"]: m for m in http.said(talk)}
    about = [(r["by"], r["emoji"], r["current"]) for r in by_text["Thanks!"]["reactions"]]
    assert about == [("business", "👍", True), ("phone", "", False)]
    (heart,) = by_text["You are welcome"]["reactions"]
    assert (heart["by"], heart["emoji"], heart["current"]) == ("customer", "❤️", True)


def test_a_reply_shows_who_wrote_it_and_how_it_fared(stage, http):
    talk, reply = stage.talk(), UUID(int=77)
    stage.tell(
        talk.customer("wamid.1", minutes(0)),
        talk.reply(reply, "On its way", link="https://files.example/a.pdf", kind="document"),
        sent(stage.ws, reply, "wamid.out", "sent", "read", at=minutes(3)),
        talk.phone("wamid.phone", minutes(4)),
        now=minutes(1),
    )
    echo, answered, asked = http.said(talk)
    assert (answered["direction"], answered["text"]) == ("out", "On its way")
    assert answered["media"] == {"url": "https://files.example/a.pdf"}
    assert (answered["author_id"], answered["automatic"]) == (show("user", ME), False)
    assert (answered["status"], answered["provider_id"]) == ("read", "wamid.out")
    assert answered["delivered_at"] == answered["read_at"] == "2026-03-01T09:03:00Z"
    assert (echo["direction"], echo["from_phone"], echo["author_id"]) == ("out", True, None)
    assert (asked["direction"], asked["status"], asked["author_id"]) == ("in", "", None)
    (found,) = http.items("/v1/conversations")
    assert (found["waiting_since"], found["outbound"], found["inbound"]) == (None, 2, 1)


def test_campaign_messages_are_no_part_of_a_conversation(stage, http):
    talk = stage.talk()
    stage.queued()
    stage.tell(talk.customer("wamid.1", minutes(0)))
    assert len(http.said(talk)) == 1


@pytest.fixture
def inbox(stage):
    """Ten conversations on two numbers, in various hands."""
    second = stage.number("106540352242999", "100000000000001", shown="+15550000002")
    talks = [stage.talk(f"+62812345678{n:02}", second if n % 2 else None) for n in range(10)]
    for n, talk in enumerate(talks):
        stage.tell(*(talk.customer(f"wamid.{n}.{m}", minutes(n)) for m in range(2)))
    stage.tell(
        *(talk.ask(cnv.AssignConversation, user_id=ME, team_id=TEAM) for talk in talks[:3]),
        talks[3].ask(cnv.AssignConversation, user_id=COLLEAGUE),
        *(talk.ask(cnv.LabelConversation, add=("VIP", "Été")) for talk in talks[2:5]),
        talks[4].ask(cnv.LabelConversation, remove=("vip",)),
        talks[5].ask(cnv.PrioritiseConversation, priority="urgent"),
        talks[0].ask(cnv.ResolveConversation, user_id=ME),
        talks[6].ask(cnv.ResolveConversation),
        talks[7].ask(cnv.SnoozeConversation, until=minutes(600)),
        talks[8].reply(UUID(int=88)),
        now=minutes(20),
    )
    return talks, second


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [8, 9, 7, 6, 5, 4, 3, 2, 1, 0]),
        ({"status": "open"}, [8, 9, 5, 4, 3, 2, 1]),
        ({"status": "snoozed"}, [7]),
        ({"assignee": show("user", ME)}, [2, 1, 0]),
        ({"assignee": show("user", ME), "status": "open"}, [2, 1]),
        ({"assignee": "none", "status": "open"}, [8, 9, 5, 4]),
        ({"assignee": "me"}, []),
        ({"team": show("team", TEAM), "status": "resolved"}, [0]),
        ({"team": show("team", TEAM)}, [2, 1, 0]),
        ({"label": "vip"}, [3, 2]),
        ({"label": "ete", "status": "open"}, [4, 3, 2]),
        ({"priority": "urgent"}, [5]),
        ({"waiting": "true"}, [9, 7, 5, 4, 3, 2, 1]),
        ({"waiting": "false", "status": "open"}, [8]),
    ],
)
def test_the_inbox_is_narrowed(inbox, http, query, expected):
    talks, _ = inbox
    order = {show("conversation", talk.id): n for n, talk in enumerate(talks)}
    found = [order[c["conversation_id"]] for c in http.items("/v1/conversations", **query)]
    assert found == expected
    paged = http.pages("/v1/conversations", limit=2, **query)
    assert [order[c["conversation_id"]] for c in paged] == expected


def test_the_inbox_of_one_number_and_the_conversations_of_one_contact(inbox, stage, http):
    talks, second = inbox
    found = http.items("/v1/conversations", account=show("account", second))
    assert {c["account_id"] for c in found} == {show("account", second)}
    assert len(found) == 5
    both = Talk(stage.ws, second, talks[0].contact_id)
    stage.tell(both.customer("wamid.other", minutes(30)))
    path = f"/v1/contacts/{show('contact', talks[0].contact_id)}/conversations"
    numbers = [c["account_id"] for c in http.items(path)]
    assert numbers == [show("account", second), show("account", stage.account)]


def test_counts_of_the_inbox_are_those_of_its_lists(inbox, http):
    counts = http.read("/v1/inbox/counts")
    everything = http.items("/v1/conversations", limit=100)

    def counted(*fields):
        keys = sorted(tuple(c[f] or "" for f in fields) for c in everything)
        return {key: len(list(same)) for key, same in groupby(keys)}

    for name, fields in (
        ("statuses", ("status",)),
        ("assignees", ("assignee_id", "status")),
        ("teams", ("team_id", "status")),
        ("accounts", ("account_id", "status")),
    ):
        shown = {tuple(c[f] or "" for f in fields): c["conversations"] for c in counts[name]}
        assert shown == counted(*fields), name
    assert counts["unread"] == sum(c["unread"] for c in everything) == 20
