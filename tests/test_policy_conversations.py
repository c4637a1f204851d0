"""What happens to conversations by itself: they wake up, and a team's go to its members in turn."""

from collections import Counter
from datetime import timedelta

import pytest
from uuid_utils.compat import uuid7

from commands.policies.round_robin import MOST, RoundRobinPolicy
from commands.policies.snoozed import SnoozedPolicy
from domain.conversation import (
    AssignConversation,
    ConversationMoved,
    CustomerWrites,
    ResolveConversation,
    SnoozeConversation,
    conversation,
)
from domain.ids import conversation_id, name_id
from domain.team import ChangeTeam, CreateTeam, Crew, DeleteTeam, team
from projections.turns import turn_loads, turns
from projections.wakeups import wakeups
from tests.chat_people import joined
from tests.stage import WABA, Stage, now

HOUR = timedelta(hours=1)


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def chat(stage, assigned=True, at=None):
    """A conversation that a customer has begun at a number; with a team, that team's."""
    id_ = written(stage, uuid7(), at)
    if assigned:
        ask(stage, id_, AssignConversation, team_id=team_id(stage))
    return id_


def written(stage, contact_id, at=None):
    """The contact's conversation, after one more message."""
    account_id = at or stage.account
    id_ = conversation_id(account_id, contact_id)
    command = CustomerWrites(
        workspace_id=stage.ws,
        conversation_id=id_,
        contact_id=contact_id,
        account_id=account_id,
        message_id=uuid7(),
        kind="text",
        snippet="Hello",
        at=now(),
    )
    stage.do(conversation, id_, command)
    return id_


def ask(stage, id_, command, **fields):
    about = {"workspace_id": stage.ws, "conversation_id": id_}
    stage.do(conversation, id_, command(**about, **fields))


def state(stage, id_):
    return conversation.fold(stage.events(id_))


def team_id(stage):
    return name_id(stage.ws, "team", "support")


def member(stage, name, role="admin", numbers=()):
    return joined(stage.store, stage.ws, name, role, numbers)


def crew(stage, *members, capacity=2, assignment="round_robin"):
    return Crew(name="Support", members=members, capacity=capacity, assignment=assignment)


def found(stage, *members, **more):
    about = {"workspace_id": stage.ws, "team_id": team_id(stage)}
    stage.do(team, team_id(stage), CreateTeam(**about, crew=crew(stage, *members, **more)))


def test_a_snoozed_conversation_opens_at_its_time_and_once(stage):
    id_, policy = chat(stage, assigned=False), stage.policy(SnoozedPolicy)
    ask(stage, id_, SnoozeConversation, until=now() + HOUR)
    stage.project()
    assert policy.step(now()) == 0
    stage.settle(policy, now=now() + 2 * HOUR)
    stage.settle(stage.policy(SnoozedPolicy), now=now() + 2 * HOUR)
    moves = [e for e in stage.events(id_) if isinstance(e, ConversationMoved)]
    assert [move.status for move in moves] == ["snoozed", "open"]
    assert stage.rows(wakeups) == []


def test_a_message_wakes_a_snoozed_conversation_at_once(stage):
    contact_id = uuid7()
    id_ = written(stage, contact_id)
    ask(stage, id_, SnoozeConversation, until=now() + HOUR)
    written(stage, contact_id)
    stage.project()
    assert (stage.rows(wakeups), state(stage, id_).status) == ([], "open")


def test_what_was_opened_or_snoozed_longer_meanwhile_stays_as_it_is(stage):
    longer, done = chat(stage, assigned=False), chat(stage, assigned=False)
    for id_ in (longer, done):
        ask(stage, id_, SnoozeConversation, until=now() + HOUR)
    stage.project()
    ask(stage, longer, SnoozeConversation, until=now() + 9 * HOUR)
    ask(stage, done, ResolveConversation)
    stage.policy(SnoozedPolicy).step(now() + 2 * HOUR)  # the read models do not know yet
    assert state(stage, longer).status == "snoozed"
    assert state(stage, done).status == "resolved"
    stage.project()
    [row] = stage.rows(wakeups)
    assert row.conversation_id == longer


def test_a_teams_conversations_go_to_its_members_in_turn_until_all_are_full(stage):
    ann, bob = member(stage, "ann"), member(stage, "bob")
    found(stage, ann, bob)
    chats = [chat(stage) for _ in range(6)]
    policy = stage.policy(RoundRobinPolicy)
    stage.settle(policy)
    had = [state(stage, id_).user_id for id_ in chats]
    assert Counter(had) == {ann: 2, bob: 2, None: 2}
    assert had[4:] == [None, None], "who has waited longest is served first"
    assert {had[0], had[1]} == {ann, bob}
    ask(stage, chats[0], ResolveConversation)
    stage.settle(stage.policy(RoundRobinPolicy))
    assert state(stage, chats[4]).user_id == had[0]
    loads = {row.user_id: row.open_count for row in stage.rows(turn_loads)}
    assert loads == {ann: 2, bob: 2}


@pytest.mark.parametrize("arrivals", [(12,), (4, 4, 4), (1, 5, 2, 4)])
def test_whose_turn_it_is_goes_round_however_many_wait_at_once(stage, arrivals):
    found(stage, *(member(stage, name) for name in ("ann", "bob", "cid")), capacity=20)
    had = []
    for some in arrivals:
        chats = [chat(stage) for _ in range(some)]
        stage.settle(stage.policy(RoundRobinPolicy))  # each time another process's
        had += [state(stage, id_).user_id for id_ in chats]
    assert Counter(had).most_common() == [(who, 4) for who in had[:3]]
    assert had == had[:3] * 4


def test_nobody_is_given_more_than_they_take_before_the_read_models_have_counted(stage):
    found(stage, ann := member(stage, "ann"), capacity=2)
    chats, policy = [chat(stage) for _ in range(3)], stage.policy(RoundRobinPolicy)
    stage.project()
    assert [policy.step(now()) for _ in range(2)] == [2, 0]
    assert [state(stage, id_).user_id for id_ in chats] == [ann, ann, None]


def test_what_the_read_models_have_counted_is_not_counted_twice(stage):
    found(stage, ann := member(stage, "ann"), capacity=2)
    policy = stage.policy(RoundRobinPolicy)
    for _ in range(2):
        id_ = chat(stage)
        stage.settle(policy)
        assert state(stage, id_).user_id == ann


@pytest.mark.parametrize("because", ["nobody sees their number", "who sees their number is full"])
def test_those_whom_nobody_can_take_hold_up_none_of_another_number(stage, because):
    other = stage.number("106540352242999", WABA)
    crew_of = [member(stage, "ann", role="agent", numbers=[other])]
    if because == "who sees their number is full":
        crew_of.append(member(stage, "bob", role="agent", numbers=[stage.account]))
    found(stage, *crew_of, capacity=1)
    stuck = [chat(stage) for _ in range(MOST + len(crew_of) - 1)]
    last = chat(stage, at=other)
    stage.settle(stage.policy(RoundRobinPolicy))
    assert state(stage, last).user_id == crew_of[0]
    assert state(stage, stuck[-1]).user_id is None
    assert state(stage, stuck[0]).user_id == (crew_of[1] if crew_of[1:] else None)


def test_nobody_gets_what_they_would_not_see(stage):
    blind = member(stage, "ann", role="agent", numbers=[team_id(stage)])
    seeing = member(stage, "bob", role="agent", numbers=[stage.account])
    found(stage, blind, seeing)
    chats = [chat(stage) for _ in range(3)]
    stage.settle(stage.policy(RoundRobinPolicy))
    assert [state(stage, id_).user_id for id_ in chats] == [seeing, seeing, None]


@pytest.mark.parametrize("how", ["manual", "deleted", "taken"])
def test_what_a_person_decides_is_left_alone(stage, how):
    ann, bob = member(stage, "ann"), member(stage, "bob")
    found(stage, ann)
    id_ = chat(stage)
    about = {"workspace_id": stage.ws, "team_id": team_id(stage)}
    if how == "manual":
        changed = ChangeTeam(**about, crew=crew(stage, ann, assignment="manual"))
        stage.do(team, team_id(stage), changed)
    if how == "deleted":
        stage.do(team, team_id(stage), DeleteTeam(**about))
    stage.project()
    if how == "taken":  # and the read models do not know yet
        ask(stage, id_, AssignConversation, user_id=bob, team_id=team_id(stage))
    stage.policy(RoundRobinPolicy).step(now())
    assert state(stage, id_).user_id == (bob if how == "taken" else None)


def test_turns_and_loads_follow_what_becomes_of_a_conversation(stage):
    ann = member(stage, "ann")
    id_ = chat(stage)
    stage.project()
    assert [row.conversation_id for row in stage.rows(turns)] == [id_]
    ask(stage, id_, AssignConversation, user_id=ann, team_id=team_id(stage))
    stage.project()
    assert stage.rows(turns) == []
    ask(stage, id_, SnoozeConversation, until=now() + HOUR)
    ask(stage, id_, AssignConversation, team_id=team_id(stage))
    stage.project()
    assert (stage.rows(turns), stage.rows(turn_loads)[0].open_count) == ([], 0)
