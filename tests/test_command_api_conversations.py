"""Replies and the work on conversations, over HTTP."""

from datetime import UTC, datetime, timedelta

import pytest
import uuid_utils.compat as uuids

from domain.conversation import (
    BusinessWrote,
    ConversationAssigned,
    ConversationLabelled,
    ConversationMoved,
    ConversationPrioritised,
    CustomerWrote,
    NoteAdded,
)
from domain.ids import conversation_id, parse, show
from domain.message import MessageQueued
from tests.chat_site import LINK, begin
from tests.command_site import command_site

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with command_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def chat(site):
    """A customer has just written."""
    begun = begin(site.workspace())
    begun.customer_writes()
    return begun


def refused(answer, code, status=409):
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    return answer.json()["detail"]


def test_a_reply_is_queued_ahead_of_campaigns_together_with_its_place_in_the_conversation(chat):
    answer = chat.reply("Yes, until six")
    queued = chat.queued(answer)
    assert isinstance(queued, MessageQueued)
    assert (queued.to, queued.priority, queued.campaign_id) == ("+6281234567890", 1, None)
    assert queued.content.text == "Yes, until six"
    wrote = chat.facts()[-1]
    assert isinstance(wrote, BusinessWrote)
    assert (wrote.message_id, wrote.snippet) == (queued.message_id, "Yes, until six")
    assert wrote.response_ms is not None


def test_the_same_key_answers_once(chat):
    send = {"json": {"text": "Yes"}, "headers": {"Idempotency-Key": "k1"}}
    first, again = (chat.company.http.post(f"{chat.path}/messages", **send) for _ in range(2))
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert sum(isinstance(fact, BusinessWrote) for fact in chat.facts()) == 1
    refused(
        chat.company.post(f"{chat.path}/messages", {"text": "x"}), "idempotency_key_missing", 400
    )


def test_after_a_day_only_a_template_can_be_sent(site):
    chat = begin(site.workspace())
    chat.customer_writes(at=NOW - DAY - timedelta(minutes=1))
    assert "approved template" in refused(chat.reply(), "window_closed")
    refused(chat.reply(kind="image", link=LINK), "window_closed")
    template_id = chat.approved_template()
    queued = chat.queued(
        chat.reply(kind="template", template_id=template_id, variables={"1": "{first_name}"})
    )
    assert (queued.content.template, queued.content.text) == ("hello", "Hi Ana")


def test_a_template_as_a_reply_is_checked_as_in_a_campaign(chat):
    template_id = chat.approved_template()
    send = {"kind": "template", "template_id": template_id}
    refused(chat.reply(**send), "missing_variables")
    refused(chat.reply(**send, variables={"1": "{attribute}"}), "missing_variables")
    refused(chat.reply(**send, variables={"1": "a", "2": "b"}), "unknown_variables")
    refused(chat.reply(**send, variables={"1": "a"}, header_link=LINK), "header_link_unexpected")
    other = begin(chat.company, "+6281234567891").approved_template(name="other")
    refused(
        chat.reply(kind="template", template_id=other, variables={"1": "a"}),
        "template_of_another_number",
    )
    account_id = show("account", chat.account_id)
    waiting = chat.company.template(account_id, name="waiting", body="Hi")
    refused(chat.reply(kind="template", template_id=waiting), "template_not_approved")


REPLIES = [
    {"kind": "image", "link": LINK, "text": "Our shop", "mime_type": "image/jpeg", "size": 70_000},
    {"kind": "document", "link": LINK, "filename": "bill.pdf"},
    {"kind": "sticker", "link": LINK},
    {"kind": "location", "location": {"latitude": -6.2, "longitude": 106, "name": "Shop"}},
    {"kind": "contacts", "contacts": [{"name": {"formatted_name": "Bo"}}]},
    {"kind": "buttons", "text": "Pick", "buttons": [{"id": "y", "title": "Yes"}], "footer": "f"},
    {
        "kind": "list",
        "text": "Pick",
        "button": "Open",
        "sections": [{"rows": [{"id": "r1", "title": "Row", "description": "D"}]}],
    },
]


@pytest.mark.parametrize("body", REPLIES, ids=lambda body: body["kind"])
def test_every_kind_of_reply_is_queued_as_it_was_given(chat, body):
    content = chat.queued(chat.reply(**body)).content
    assert content.kind == body["kind"]
    for name, given in body.items():
        if name in {"mime_type", "size", "contacts", "buttons", "button", "sections", "footer"}:
            assert content.details[name] == given
    if body["kind"] == "location":
        assert content.details == body["location"]
    if body["kind"] == "list":
        [row] = content.details["sections"][0]["rows"]
        assert row == body["sections"][0]["rows"][0]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"kind": "image", "link": "http://127.0.0.1/a.jpg"}, "private_link"),
        ({"kind": "image", "link": "https://db.internal/a.jpg"}, "private_link"),
        ({"kind": "image", "link": LINK, "mime_type": "image/gif"}, "invalid_media_type"),
        ({"kind": "image", "link": LINK, "size": 6_000_000}, "invalid_media_size"),
        ({"kind": "image", "link": LINK, "text": "x" * 1025}, "invalid_content"),
        ({"kind": "text", "text": "  \n"}, "invalid_content"),
    ],
)
def test_what_the_provider_would_refuse_is_refused_and_not_stored(chat, body, code):
    before = chat.company.facts()
    refused(chat.reply(**body), code, 422)
    assert chat.company.facts() == before


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "text", "text": "x" * 4097},
        {"kind": "text", "link": LINK},
        {"kind": "image"},
        {"kind": "video", "link": LINK, "emoji": "👍"},
        {"kind": "location", "location": {"latitude": 91, "longitude": 0}},
        {
            "kind": "buttons",
            "text": "x",
            "buttons": [{"id": str(n), "title": "t"} for n in range(4)],
        },
        {"kind": "poll"},
    ],
)
def test_a_body_that_is_no_reply_is_refused_field_by_field(chat, body):
    refused(chat.reply(**body), "invalid", 422)


def test_a_message_of_this_conversation_can_be_quoted_and_reacted_to(chat):
    theirs = chat.customer_writes("One more", wamid="wamid.C")
    assert chat.queued(chat.reply(answers=theirs)).content.answers == "wamid.C"
    ours = chat.reply("Yes").json()["id"]
    refused(chat.reply(answers=ours), "not_sent")
    chat.accepted(ours)
    content = chat.queued(chat.reply(kind="reaction", answers=ours, emoji="👍")).content
    assert content.details == {"emoji": "👍", "message_id": "wamid.B"}


def test_a_message_of_another_conversation_cannot_be_quoted(site, chat):
    other = begin(chat.company, "+6281234567891")
    foreign = other.customer_writes(wamid="wamid.X")
    elsewhere = begin(site.workspace()).customer_writes(wamid="wamid.Y")
    for id_ in (foreign, elsewhere, show("message", uuids.uuid7())):
        refused(chat.reply(answers=id_), "message_of_another_conversation")


def test_who_is_blocked_or_deleted_and_a_number_that_is_away_get_no_reply(chat):
    contact = f"/v1/contacts/{show('contact', chat.contact_id)}"
    account = f"/v1/accounts/{show('account', chat.account_id)}"
    chat.company.post(f"{account}/pause", {"reason": "x"})
    refused(chat.reply(), "account_not_connected")
    chat.company.post(f"{account}/resume")
    chat.company.post(f"{contact}/block")
    refused(chat.reply(), "contact_blocked")
    chat.company.http.delete(contact)
    refused(chat.reply(), "contact_deleted")


def test_a_conversation_begins_with_a_template(site):
    chat = begin(site.workspace())
    refused(chat.reply(), "not_found", 404)
    body = {
        "contact_id": show("contact", chat.contact_id),
        "account_id": show("account", chat.account_id),
        "template_id": chat.approved_template(),
        "variables": {"1": "Ana"},
    }
    answer = chat.company.post("/v1/conversations", body, Idempotency_Key="k1")
    assert (answer.status_code, answer.json()["id"]) == (201, show("conversation", chat.id))
    assert answer.headers["Location"] == chat.path
    assert [type(fact).__name__ for fact in chat.facts()] == [
        "ConversationStarted",
        "BusinessWrote",
    ]
    unknown = {**body, "contact_id": show("contact", uuids.uuid7())}
    refused(chat.company.post("/v1/conversations", unknown, Idempotency_Key="k2"), "invalid", 422)


def test_another_companys_conversation_is_not_there(site, chat):
    other = begin(site.workspace(), "+6281234567891")._replace(
        account_id=chat.account_id, contact_id=chat.contact_id
    )
    refused(other.reply(), "not_found", 404)
    for verb in ("resolve", "reopen", "pending", "read", "bot/pause", "bot/resume", "assign"):
        refused(other.do(verb), "not_found", 404)
    refused(other.do("notes", text="x"), "not_found", 404)
    refused(other.company.http.patch(other.path, json={}), "not_found", 404)


def test_a_conversation_is_resolved_reopened_and_put_aside(chat):
    for verb, body, status in (
        ("resolve", {}, "resolved"),
        ("reopen", {}, "open"),
        ("pending", {}, "pending"),
        ("snooze", {"until": (NOW + DAY).isoformat()}, "snoozed"),
    ):
        answer = chat.do(verb, **body)
        assert answer.status_code == 200, answer.text
        moved = chat.facts()[-1]
        assert (type(moved), moved.status) == (ConversationMoved, status)
    refused(chat.do("snooze", until=(NOW - DAY).isoformat()), "invalid_until")
    chat.customer_writes("Hello?", wamid="wamid.C")
    assert (chat.facts()[-1].before, chat.facts()[-1].status) == ("snoozed", "open")


def test_priority_and_labels_are_patched(chat):
    answer = chat.company.http.patch(chat.path, json={"priority": "high", "labels": ["VIP", "a"]})
    assert answer.status_code == 200, answer.text
    assert [type(f) for f in chat.facts()[-2:]] == [ConversationPrioritised, ConversationLabelled]
    chat.company.http.patch(chat.path, json={"labels": ["vip"]})
    assert chat.facts()[-1].labels == ("VIP",)
    version = chat.company.http.patch(chat.path, json={}).json()["version"]
    stale = {"If-Match": f'"{version - 1}"'}
    late = chat.company.http.patch(chat.path, json={"labels": []}, headers=stale)
    refused(late, "version_stale", 412)
    many = [f"label {n}" for n in range(10_000)]
    refused(chat.company.http.patch(chat.path, json={"labels": many}), "invalid", 422)


def test_notes_are_written_and_taken_away(chat):
    note = chat.do("notes", text="Rings twice").json()["id"]
    assert isinstance(chat.facts()[-1], NoteAdded)
    assert chat.company.http.delete(f"{chat.path}/notes/{note}").status_code == 200
    missing = chat.company.http.delete(f"{chat.path}/notes/{show('note', uuids.uuid7())}")
    refused(missing, "not_found", 404)


def test_a_key_assigns_to_teams_and_reads_for_nobody(chat):
    team = chat.company.post("/v1/teams", {"name": "Support"}).json()["id"]
    assert chat.do("assign", team_id=team).status_code == 200
    assigned = chat.facts()[-1]
    assert (type(assigned), show("team", assigned.team_id)) == (ConversationAssigned, team)
    unknown = show("user", uuids.uuid7())
    refused(chat.do("assign", user_id=unknown), "invalid", 422)
    refused(chat.do("read"), "user_needed", 422)
    chat.company.http.delete(f"/v1/teams/{team}")
    refused(chat.do("assign", team_id=team), "team_deleted")


def test_a_late_webhook_does_not_close_the_window(chat):
    chat.customer_writes("Earlier", at=NOW - 2 * DAY, wamid="wamid.old")
    assert isinstance(chat.facts()[-1], CustomerWrote)
    assert chat.reply().status_code == 202


def test_the_same_webhook_twice_is_one_message(chat):
    chat.customer_writes()
    assert [type(fact) for fact in chat.facts()].count(CustomerWrote) == 1
    assert parse("conversation", chat.path.rsplit("/", 1)[1]) == conversation_id(
        chat.account_id, chat.contact_id
    )
