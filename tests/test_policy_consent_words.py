"""STOP ends what a customer is sent, START takes it up again, and what else rules do."""

from datetime import timedelta
from uuid import UUID, uuid5

import pytest

from commands.policies.auto_reply import AutoReplyPolicy
from domain import conversation as cnv
from domain.account import PauseNumber, account
from domain.campaign import Audience
from domain.canned_reply import AddCannedReply, DeleteCannedReply, canned_reply
from domain.contact import ContactOptedIn, ContactOptedOut, contact
from domain.ids import message_id, name_id
from domain.message import MessageQueued, MessageSuppressed
from domain.rule import Actions, Answer, ChangeRule, DisableRule, rule
from domain.stop_words import WORDS
from domain.team import CreateTeam, Crew, DeleteTeam, team
from tests.chat_people import joined
from tests.chat_stage import ChatStage
from tests.ruled import HELLO, answers, considered, ruled, says
from tests.stage import BODY, now

EVERYTHING = {"kind": "regex", "values": (".*",), "cool_down_s": 0}


@pytest.fixture
def stage(tmp_path):
    stage = ChatStage(tmp_path)
    yield stage
    stage.close()


def consents(stage, talk):
    kinds = (ContactOptedOut, ContactOptedIn)
    return [event for event in stage.events(talk.contact_id) if isinstance(event, kinds)]


def test_stop_opts_out_without_any_rule_and_is_confirmed_once(stage):
    talk = stage.talk()
    first = considered(stage, says(stage, talk, "Stop!"))
    again = considered(stage, says(stage, talk, "STOP"))
    (out,) = consents(stage, talk)
    assert (type(out), out.source, out.reason) == (ContactOptedOut, "webhook", "said stop")
    assert answers(stage, talk) == [WORDS["en"].stopped]
    assert (first.verdict, first.word) == ("stop_word", "stop")
    assert (again.verdict, again.why) == ("stop_word", "opted_out_already")


def test_stop_wins_over_all_rules(stage):
    ruled(stage, **EVERYTHING, priority=1)
    talk = stage.talk()
    assert considered(stage, says(stage, talk, "توقف")).verdict == "stop_word"
    assert answers(stage, talk) == [WORDS["ar"].stopped]
    assert considered(stage, says(stage, talk, "توقف")).verdict == "stop_word"
    assert len(answers(stage, talk)) == 1


def test_a_stop_of_yesterday_still_counts_and_is_not_answered(stage):
    talk = stage.talk()
    message_id = says(stage, talk, "berhenti", at=now() - timedelta(days=1))
    assert stage.state(contact, talk.contact_id).consent == "withdrawn"
    assert considered(stage, message_id).why == "too_old"
    assert answers(stage, talk) == []


def test_a_stop_while_a_person_answers_counts_and_is_left_to_the_person(stage):
    talk = stage.talk()
    says(stage, talk, "Hello")
    stage.tell(talk.reply(uuid5(talk.id, "by hand"), "I look after you"))
    assert considered(stage, says(stage, talk, "stop")).why == "taken_over"
    assert stage.state(contact, talk.contact_id).consent == "withdrawn"
    assert answers(stage, talk) == []


def test_start_opts_in_again_and_means_nothing_to_others(stage):
    ruled(stage, **EVERYTHING)
    talk, other = stage.talk(), stage.talk("+6281234567891")
    says(stage, talk, "SAIR")
    assert considered(stage, says(stage, talk, "Voltar.")).verdict == "start_word"
    assert [type(event) for event in consents(stage, talk)] == [ContactOptedOut, ContactOptedIn]
    assert answers(stage, talk) == [WORDS["pt"].stopped, WORDS["pt"].started]
    assert considered(stage, says(stage, other, "voltar")).verdict == "rule"


def test_what_the_company_itself_writes_from_its_phone_stops_nothing(stage):
    talk = stage.talk()
    stage.tell(talk.customer("wamid.hi", now(), "Hi"), talk.phone("phone.stop", now(), "STOP"))
    stage.settle(stage.policy(AutoReplyPolicy))
    assert stage.state(contact, talk.contact_id).consent == "unasked"


def test_stop_opts_out_also_where_nothing_can_be_sent(stage):
    talk = stage.talk()
    about = {"workspace_id": stage.ws, "account_id": stage.account}
    stage.do(account, stage.account, PauseNumber(**about, reason="x"))
    assert considered(stage, says(stage, talk, "stop")).why == "account_not_connected"
    assert stage.state(contact, talk.contact_id).consent == "withdrawn"
    assert answers(stage, talk) == []


def test_a_rule_may_opt_out_label_and_assign_to_whoever_may_see_it(stage):
    ann = joined(stage.store, stage.ws, "ann", "agent", [stage.account])
    ruled(stage, actions=Actions(labels=("bye",), user_id=ann, opt_out=True))
    talk = stage.talk()
    event = considered(stage, says(stage, talk, "open?"))
    state = stage.state(cnv.conversation, talk.id)
    assert (event.verdict, event.answer_id) == ("rule", None)
    assert (state.labels, state.user_id) == (("bye",), ann)
    assert stage.state(contact, talk.contact_id).consent == "withdrawn"
    given = [e for e in stage.events(talk.id) if isinstance(e, cnv.ConversationAssigned)]
    assert [e.how for e in given] == ["rule"]


@pytest.mark.parametrize("case", ["blind", "deleted team", "taken"])
def test_what_a_rule_cannot_assign_is_left_as_it_is(stage, case):
    team_id, me = name_id(stage.ws, "team", "support"), UUID(int=901)
    about = {"workspace_id": stage.ws, "team_id": team_id}
    blind = joined(stage.store, stage.ws, "bob", "agent", [])
    stage.do(team, team_id, CreateTeam(**about, crew=Crew(name="Support")))
    if case == "deleted team":
        stage.do(team, team_id, DeleteTeam(**about))
    wanted = {"user_id": blind} if case == "blind" else {"team_id": team_id}
    ruled(stage, actions=Actions(labels=("seen",), **wanted))
    talk = stage.talk()
    if case == "taken":
        says(stage, talk, "Hi")
        stage.tell(talk.ask(cnv.AssignConversation, user_id=me))
    says(stage, talk, "open?")
    state = stage.state(cnv.conversation, talk.id)
    had = me if case == "taken" else None
    assert (state.user_id, state.team_id, state.labels) == (had, None, ("seen",))


def test_a_rule_answers_with_a_template_or_a_canned_reply(stage):
    reply_id = name_id(stage.ws, "reply", "hours")
    about = {"workspace_id": stage.ws, "reply_id": reply_id}
    kept = AddCannedReply(**about, short_code="hours", text="9 to 5")
    stage.do(canned_reply, reply_id, kept)
    filled = Answer(template_id=stage.template, variables={"1": "{first_name}"})
    ruled(stage, "template", values=("offer",), actions=Actions(answer=filled))
    ruled(stage, "canned", actions=Actions(answer=Answer(reply_id=reply_id)), cool_down_s=0)
    talk = stage.talk(first_name="Ana")
    says(stage, talk, "an offer?")
    says(stage, talk, "open?")
    assert answers(stage, talk) == [BODY.replace("{{1}}", "Ana"), "9 to 5"]
    stage.do(canned_reply, reply_id, DeleteCannedReply(**about))
    assert considered(stage, says(stage, talk, "open?")).why == "reply_deleted"


def test_a_rule_that_is_changed_or_disabled_a_moment_ago_does_not_act(stage):
    rule_id, talk = ruled(stage), stage.talk()
    about = {"workspace_id": stage.ws, "rule_id": rule_id}
    policy = stage.policy(AutoReplyPolicy)
    message_id = says(stage, talk, "open?", consider=False)
    definition = stage.state(rule, rule_id).definition
    stage.do(rule, rule_id, DisableRule(**about))
    policy.step(now())  # the read models do not know yet
    assert considered(stage, message_id).why == "rule_changed"
    assert answers(stage, talk) == []
    stage.project()
    stage.do(rule, rule_id, ChangeRule(**about, definition=definition))


def test_a_stopped_customer_is_left_out_of_campaigns_and_still_answered(stage):
    ruled(stage)
    talk, other = stage.talk(), stage.talk("+6281234567891")
    says(stage, talk, "stop")
    says(stage, talk, "open?")
    assert answers(stage, talk) == [WORDS["en"].stopped, HELLO]
    both = Audience(kind="contacts", contacts=(talk.contact_id, other.contact_id))
    campaign_id = stage.queued(both)
    facts = [stage.events(message_id(campaign_id, t.contact_id))[0] for t in (talk, other)]
    assert [type(fact) for fact in facts] == [MessageSuppressed, MessageQueued]
    assert facts[0].reason == "opted_out"
