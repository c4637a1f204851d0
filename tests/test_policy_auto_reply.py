"""Customers are answered by rules: once, not too often, and never while a person is at it."""

from datetime import timedelta
from uuid import uuid5
from zoneinfo import ZoneInfo

import pytest

from commands.policies.auto_reply import AutoReplyPolicy
from domain import conversation as cnv
from domain.ids import automatic_answer_id
from domain.rule import (
    Actions,
    Answer,
)
from domain.workspace import SetTimeZone, SetWorkingHours, workspace
from projections.considerations import considerations
from projections.rules import rule_uses
from tests.chat_stage import ChatStage
from tests.ruled import HELLO, answers, considered, ruled, says
from tests.stage import now


@pytest.fixture
def stage(tmp_path):
    stage = ChatStage(tmp_path)
    yield stage
    stage.close()


def test_a_customer_is_answered_once(stage):
    rule_id, talk = ruled(stage), stage.talk()
    message_id = says(stage, talk, "When are you OPEN?")
    stage.settle(stage.policy(AutoReplyPolicy))
    assert answers(stage, talk) == [HELLO]
    event = considered(stage, message_id)
    assert (event.verdict, event.rule_id) == ("rule", rule_id)
    assert event.answer_id == automatic_answer_id(message_id)
    (queued,) = stage.events(event.answer_id)
    assert (queued.priority, queued.campaign_id, queued.to) == (1, None, "+6281234567890")
    assert stage.rows(considerations) == []
    (used,) = stage.rows(rule_uses)
    assert (used.rule_id, used.uses, used.answers) == (rule_id, 1, 1)


def test_a_message_that_is_delivered_twice_is_answered_once(stage):
    ruled(stage, cool_down_s=0)
    talk, at = stage.talk(), now()
    for _ in range(2):
        stage.tell(talk.customer("wamid.twice", at, "open?"))
        stage.settle(stage.policy(AutoReplyPolicy))
    assert answers(stage, talk) == [HELLO]


def test_two_who_consider_the_same_message_at_once_answer_once(stage):
    ruled(stage)
    talk = stage.talk()
    says(stage, talk, "open?", consider=False)
    first, second = stage.policy(AutoReplyPolicy), stage.policy(AutoReplyPolicy)
    assert first.step(now()) == 1
    assert second.step(now()) == 0, "the read models still name it"
    assert answers(stage, talk) == [HELLO]


def test_without_a_rule_that_matches_nothing_is_said_and_why_is_kept(stage):
    talk = stage.talk()
    assert considered(stage, says(stage, talk, "open?")).why == "no_rules"
    ruled(stage, enabled=False)
    assert considered(stage, says(stage, talk, "open?")).why == "no_rules"
    ruled(stage, "prices", values=("price",))
    assert considered(stage, says(stage, talk, "open?")).why == "no_match"
    assert answers(stage, talk) == []


def test_what_left_the_phone_and_notices_are_not_considered(stage):
    ruled(stage)
    talk = stage.talk()
    stage.tell(talk.phone("phone.1", now(), "open?"), talk.react("wamid.9", now(), "👍"))
    assert stage.rows(considerations) == []


def test_a_message_taken_back_is_not_answered(stage):
    ruled(stage)
    talk = stage.talk()
    stage.tell(talk.customer("wamid.x", now(), "open?"), talk.revoke("wamid.x", now()))
    stage.settle(stage.policy(AutoReplyPolicy))
    assert considered(stage, talk.heard("wamid.x")).why == "revoked"


def test_a_backlog_after_an_outage_is_not_answered(stage):
    ruled(stage)
    talk = stage.talk()
    message_id = says(stage, talk, "open?", at=now() - timedelta(minutes=11))
    assert considered(stage, message_id).why == "too_old"
    assert answers(stage, talk) == []


def test_a_person_who_answers_takes_over_until_the_conversation_is_resolved(stage):
    ruled(stage, cool_down_s=0)
    talk = stage.talk()
    says(stage, talk, "Hello")
    stage.tell(talk.reply(uuid5(talk.id, "by hand"), "I look after you"))
    assert considered(stage, says(stage, talk, "open?")).why == "taken_over"
    assert answers(stage, talk) == []
    stage.tell(talk.ask(cnv.ResolveConversation))
    says(stage, talk, "open?")
    assert answers(stage, talk) == [HELLO]


def test_a_person_who_answers_while_it_is_considered_wins(stage):
    ruled(stage)
    talk = stage.talk()
    message_id = says(stage, talk, "open?", consider=False)
    policy = stage.policy(AutoReplyPolicy)
    execute = policy._execute

    def meanwhile(*given):
        policy._execute = execute
        stage.tell(talk.reply(uuid5(talk.id, "by hand"), "I look after you"))
        return execute(*given)

    policy._execute = meanwhile
    assert policy.step(now()) == 0
    stage.settle(policy)
    assert considered(stage, message_id).why == "taken_over"
    assert answers(stage, talk) == []


def test_a_rule_cools_down_in_each_conversation(stage):
    ruled(stage, cool_down_s=600)
    talk, other = stage.talk(), stage.talk("+6281234567891")
    says(stage, talk, "open?")
    assert considered(stage, says(stage, talk, "open??")).why == "cooling_down"
    says(stage, other, "open?")
    assert (len(answers(stage, talk)), len(answers(stage, other))) == (1, 1)


def test_two_machines_do_not_talk_for_ever(stage):
    ruled(stage, cool_down_s=0)
    talk = stage.talk()
    says(stage, talk, "open?")
    assert considered(stage, says(stage, talk, f"  {HELLO.upper()} ")).why == "repeats_us"
    verdicts = [considered(stage, says(stage, talk, f"open {n}")).why for n in range(6)]
    assert verdicts == ["", "", "", "", "too_many", "too_many"]
    assert len(answers(stage, talk)) == 5


def test_several_messages_at_once_are_considered_in_their_order(stage):
    ruled(stage, cool_down_s=0)
    talk = stage.talk()
    heard = [says(stage, talk, f"open {n}", consider=False) for n in range(7)]
    stage.settle(stage.policy(AutoReplyPolicy))
    assert [considered(stage, m).why for m in heard] == [""] * 5 + ["too_many"] * 2


def test_the_rule_first_in_order_acts_alone(stage):
    ruled(stage, "general", priority=200, actions=Actions(answer=Answer(text="general")))
    ruled(stage, "special", priority=10, actions=Actions(answer=Answer(text="special")))
    talk = stage.talk()
    says(stage, talk, "open?")
    assert answers(stage, talk) == ["special"]


def test_first_messages_only(stage):
    ruled(stage, kind="first_message", values=(), cool_down_s=0)
    talk = stage.talk()
    first, second = (says(stage, talk, "Hi", consider=False) for _ in range(2))
    stage.settle(stage.policy(AutoReplyPolicy))
    assert considered(stage, first).verdict == "rule"
    assert considered(stage, second).why == "no_match"


def test_away_hours_are_those_of_the_workspaces_zone(stage):
    ruled(stage, kind="away", values=(), cool_down_s=0)
    moment = now()
    local = moment.astimezone(ZoneInfo("Asia/Jakarta"))
    span = (local.weekday(), 0, 1440)
    about = {"workspace_id": stage.ws}
    stage.do(workspace, stage.ws, SetTimeZone(**about, time_zone="Asia/Jakarta"))
    stage.do(workspace, stage.ws, SetWorkingHours(**about, weekly=(span,)))
    talk = stage.talk()
    stage.tell(talk.customer("wamid.there", moment, "Hi"))
    stage.settle(stage.policy(AutoReplyPolicy), now=moment)
    assert considered(stage, talk.heard("wamid.there")).why == "no_match"
    away = ((local.weekday() + 1) % 7, 0, 1440)
    stage.do(workspace, stage.ws, SetWorkingHours(**about, weekly=(away,)))
    says(stage, talk, "Hi", at=moment)
    assert answers(stage, talk) == [HELLO]
