"""Rules as the read API shows them, and what one would have done to the last messages."""

from datetime import timedelta

import pytest

from domain.ids import show
from domain.rule import Actions, Answer, Conditions
from domain.workspace import SetTimeZone, SetWorkingHours, workspace
from tests.chat_people import joined
from tests.chat_stage import chat_site
from tests.ruled import HELLO, ruled, says
from tests.stage import now


@pytest.fixture
def site(tmp_path):
    with chat_site(tmp_path) as found:
        yield found


def path(rule_id, more=""):
    return f"/v1/rules/{show('rule', rule_id)}{more}"


def tried(reads, rule_id):
    return reads.read(path(rule_id, "/dry-run"))


def test_a_rule_is_shown_as_it_was_given_with_its_uses(site):
    stage, reads = site
    ann = joined(stage.store, stage.ws, "ann", "admin")
    actions = Actions(answer=Answer(text=HELLO), user_id=ann)
    rule_id = ruled(stage, actions=actions, conditions=Conditions(accounts=(stage.account,)))
    talk = stage.talk()
    says(stage, talk, "open?")
    says(stage, talk, "open??")
    shown = reads.read(path(rule_id))
    assert (shown["enabled"], shown["uses"], shown["answers_sent"]) == (True, 1, 1)
    assert shown["definition"] == {
        "trigger": {"kind": "contains", "values": ["open"]},
        "conditions": {"accounts": [show("account", stage.account)]},
        "actions": {"answer": {"text": HELLO}, "user_id": show("user", ann)},
    }
    (listed,) = reads.items("/v1/rules")
    assert listed == {name: value for name, value in shown.items() if name != "meta"}


def test_a_dry_run_looks_at_the_last_100_messages_and_stores_nothing(site):
    stage, reads = site
    rule_id, talk = ruled(stage, enabled=False), stage.talk()
    begin = now() - timedelta(hours=5)
    for n in range(103):
        text = "open?" if n % 3 == 0 else "hm"
        stage.tell(talk.customer(f"wamid.{n}", begin + timedelta(seconds=n), text))
    stage.tell(talk.phone("phone.1", now(), "open?"))
    head = stage.store.head()
    found = tried(reads, rule_id)
    assert (found["looked_at"], found["matched"]) == (100, 34)
    assert {item["text"] for item in found["items"]} == {"open?"}
    assert found["items"][0]["conversation_id"] == show("conversation", talk.id)
    assert stage.store.head() == head


def test_a_dry_run_knows_first_messages_edits_and_hours(site):
    stage, reads = site
    about = {"workspace_id": stage.ws}
    stage.do(workspace, stage.ws, SetTimeZone(**about, time_zone="Asia/Jakarta"))
    at = now()
    hour = SetWorkingHours(**about, weekly=(((at + timedelta(hours=7)).weekday(), 0, 1440),))
    stage.do(workspace, stage.ws, hour)
    first = ruled(stage, "first", kind="first_message", values=())
    away = ruled(stage, "away", kind="away", values=())
    word = ruled(stage, "word")
    talk = stage.talk()
    stage.tell(talk.customer("wamid.1", at - timedelta(days=2), "ope?"))
    stage.tell(talk.edit("wamid.1", at, "open?"))
    stage.tell(talk.customer("wamid.2", at, "hm"))
    texts = [[item["text"] for item in tried(reads, r)["items"]] for r in (first, away, word)]
    assert texts == [["open?"], ["open?"], ["open?"]]


def test_an_agent_tries_a_rule_on_what_is_shared_with_them_only(site):
    stage, reads = site
    rule_id = ruled(stage)
    blind = joined(stage.store, stage.ws, "bob", "agent", [])
    seeing = joined(stage.store, stage.ws, "eve", "agent", [stage.account])
    stage.tell(stage.talk().customer("wamid.1", now(), "open?"))
    assert tried(reads.person(seeing), rule_id)["matched"] == 1
    assert tried(reads.person(blind), rule_id)["looked_at"] == 0
    assert reads.get(path(stage.ws, "/dry-run")).status_code == 404
