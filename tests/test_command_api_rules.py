"""Rules and suggestions over HTTP: what is taken, what is refused, and nothing stored then."""

import pytest

from domain.ids import parse, show
from domain.rule import rule
from domain.wire import decode
from tests.chat_site import begin
from tests.command_site import command_site

RULE = {
    "name": "Hours",
    "trigger": {"kind": "contains", "values": ["open"]},
    "actions": {"answer": {"text": "From 9 to 5"}},
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with command_site(tmp_path_factory.mktemp("rules")) as site:
        yield site


@pytest.fixture
def chat(site):
    return begin(site.workspace())


def state(company, shown):
    id_ = parse("rule", shown)
    return rule.fold([recorded.event for recorded in company.store.load([id_])[id_]])


def test_a_rule_is_made_changed_enabled_and_deleted(chat):
    company = chat.company
    made = company.post("/v1/rules", RULE)
    assert made.status_code == 201, made.text
    path = f"/v1/rules/{made.json()['id']}"
    changed = company.patch(path, {"priority": 5, "trigger": {"kind": "away"}}, 1)
    assert changed.status_code == 200, changed.text
    assert company.patch(path, {"priority": 6}, 1).status_code == 412
    assert company.post(f"{path}/enable").json()["version"] == 3
    found = state(company, made.json()["id"])
    assert (found.status, found.definition.priority) == ("enabled", 5)
    assert found.definition.trigger.kind == "away"
    assert found.definition.actions.answer.text == "From 9 to 5"
    assert company.post(f"{path}/disable").json()["version"] == 4
    assert company.http.delete(path).status_code == 200
    assert company.post(f"{path}/enable").status_code == 404
    assert company.post("/v1/rules", RULE).json()["id"] == made.json()["id"]


def test_a_pattern_that_could_be_slow_elsewhere_is_taken_and_one_that_cannot_be_bound_is_not(chat):
    slow = {"kind": "regex", "values": ["^(a+)+$"]}
    assert chat.company.post("/v1/rules", {**RULE, "trigger": slow}).status_code == 201
    unbound = {"kind": "regex", "values": [r"(a+)+\1"]}
    refused = chat.company.post("/v1/rules", {**RULE, "name": "Loop", "trigger": unbound})
    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_pattern")
    assert "RE2" in refused.json()["detail"]
    before = chat.company.store.head()
    long = {"kind": "regex", "values": ["a" * 257]}
    refused = chat.company.post("/v1/rules", {**RULE, "name": "Long", "trigger": long})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    many = {"labels": [f"tag {n}" for n in range(10_000)]}
    assert chat.company.post("/v1/rules", {**RULE, "actions": many}).status_code == 422
    assert chat.company.store.head() == before


def test_whatever_a_rule_names_has_to_be_there(chat):
    names = {
        "user_id": show("user", chat.id),
        "team_id": show("team", chat.id),
        "answer": {"reply_id": show("reply", chat.id)},
    }
    accounts = {"accounts": [show("account", chat.id)]}
    body = {**RULE, "name": "Else", "actions": names, "conditions": accounts}
    refused = chat.company.post("/v1/rules", body)
    assert refused.status_code == 422
    assert {error["pointer"] for error in refused.json()["errors"]} == {
        "/conditions/accounts/0",
        "/actions/user_id",
        "/actions/team_id",
        "/actions/answer/reply_id",
    }


def test_anothers_rule_is_not_there(site, chat):
    made = chat.company.post("/v1/rules", {**RULE, "name": "Mine"}).json()["id"]
    stranger = site.workspace()
    assert stranger.post(f"/v1/rules/{made}/enable").status_code == 404
    assert stranger.http.delete(f"/v1/rules/{made}").status_code == 404
    assert stranger.patch(f"/v1/rules/{made}", {"priority": 1}, 1).status_code == 404


def test_a_suggestion_is_made_of_a_message_of_the_conversation_and_counted(chat):
    message = chat.customer_writes("My parcel is broken")
    path = f"{chat.path}/suggestions"

    def asked(kind, key, of=message):
        body = {"kind": kind, "message_id": of}
        return chat.company.post(path, body, Idempotency_Key=key)

    draft = asked("draft", "one")
    assert draft.status_code == 200, draft.text
    assert draft.json()["suggestion"].startswith("I am sorry")
    sounds = asked("sentiment", "two").json()
    assert (sounds["suggestion"], sounds["version"]) == ("negative", 2)
    again = asked("sentiment", "two")
    assert (again.headers["Idempotent-Replayed"], again.json()["version"]) == ("true", 2)
    assert again.json()["suggestion"] is None, "asking the assistant again would count"
    foreign = asked("draft", "three", show("message", chat.id))
    assert foreign.status_code == 404
    stored = chat.company.store.read(draft.json()["position"] - 1, 1)
    assert show("message", decode(stored[0]).event.message_id) == message


@pytest.mark.parametrize("calls", [0, 2])
def test_beyond_the_quota_of_a_workspace_the_assistant_is_not_asked(tmp_path, calls):
    def asked(chat, message, key):
        body = {"kind": "draft", "message_id": message}
        return chat.company.post(f"{chat.path}/suggestions", body, Idempotency_Key=key)

    with command_site(tmp_path, ai_calls=calls) as site:
        chat, other = begin(site.workspace()), begin(site.workspace())
        message, others = chat.customer_writes(), other.customer_writes()
        taken = [asked(chat, message, f"k{n}").json()["version"] for n in range(calls)]
        before = site.store.head()
        refused = asked(chat, message, "another")
        assert taken == [1, 2][:calls]
        assert (refused.status_code, site.store.head()) == (409, before)
        assert refused.json()["code"] == ("ai_quota_used" if calls else "ai_off")
        assert asked(other, others, "k0").status_code == (200 if calls else 409)
