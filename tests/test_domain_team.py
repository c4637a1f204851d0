"""Teams, whose turn it is in them, and canned replies."""

from uuid import UUID

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.canned_reply import (
    AddCannedReply,
    CannedReplyDeleted,
    CannedReplySaved,
    ChangeCannedReply,
    DeleteCannedReply,
    canned_reply,
)
from domain.ids import name_id
from domain.team import (
    Candidate,
    ChangeTeam,
    CreateTeam,
    Crew,
    DeleteTeam,
    TeamChanged,
    TeamCreated,
    TeamDeleted,
    choose,
    team,
)
from tests.examples import WORKSPACE
from tests.spec import given

ANN, BOB, CID = (UUID(int=n) for n in (201, 202, 203))
that = {"workspace_id": WORKSPACE, "team_id": name_id(WORKSPACE, "team", "support")}
crew = Crew(name="Support", members=(ANN, BOB), capacity=2, assignment="round_robin")
larger = replace(crew, members=(ANN, BOB, CID))
created, deleted = TeamCreated(**that, crew=crew), TeamDeleted(**that)


def test_a_team_is_made_once_and_changed():
    given(team).when(CreateTeam(**that, crew=crew)).then(created)
    given(team, created).when(CreateTeam(**that, crew=larger)).refused("team_exists")
    given(team, created).when(ChangeTeam(**that, crew=larger)).then(
        TeamChanged(**that, crew=larger, before=crew)
    )


def test_a_deleted_teams_name_is_free_again():
    given(team, created).when(DeleteTeam(**that)).then(deleted)
    given(team, created, deleted).when(ChangeTeam(**that, crew=larger)).refused("not_found")
    given(team, created, deleted).when(CreateTeam(**that, crew=larger)).then(
        TeamCreated(**that, crew=larger)
    )
    given(team).when(DeleteTeam(**that)).refused("not_found")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": " "}, "invalid_name"),
        ({"members": (ANN, ANN)}, "invalid_members"),
        ({"members": tuple(UUID(int=n) for n in range(501))}, "invalid_members"),
        ({"capacity": 0}, "invalid_capacity"),
        ({"capacity": 1001}, "invalid_capacity"),
    ],
)
def test_a_team_that_makes_no_sense_is_refused(changed, code):
    given(team).when(CreateTeam(**that, crew=replace(crew, **changed))).refused(code)


def test_the_next_one_goes_to_whoever_has_room_and_has_waited_longest():
    full = Candidate(ANN, 2, 2)
    waited = Candidate(BOB, 1, 2, last_given=7)
    recent = Candidate(CID, 0, 2, last_given=8)
    assert choose([full, recent, waited]) == BOB
    assert choose([full, recent]) == CID
    assert choose([recent, waited, Candidate(ANN, 1, 2)]) == ANN
    assert choose([full]) is None
    assert choose([]) is None


@forall(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 5)), max_size=8), st.integers(0, 60))
def test_turns_fill_everybody_up_and_differ_by_one_at_most(people, conversations):
    given_to = {UUID(int=n): 0 for n, _ in enumerate(people)}
    last = {}
    for turn in range(1, conversations + 1):
        candidates = [
            Candidate(id_, open_ + given_to[id_], capacity, last.get(id_, 0))
            for id_, (open_, capacity) in zip(given_to, people, strict=True)
        ]
        chosen = choose(candidates)
        if chosen is None:
            assert all(c.open >= c.capacity for c in candidates)
            return
        given_to[chosen] += 1
        last[chosen] = turn
        room = {id_ for id_, (o, c) in zip(given_to, people, strict=True) if o + given_to[id_] < c}
        counts = [given_to[id_] for id_ in room]
        assert not counts or max(counts) - min(counts) <= 1


canned = {"workspace_id": WORKSPACE, "reply_id": name_id(WORKSPACE, "reply", "hours")}
saved = CannedReplySaved(**canned, short_code="hours", text="We are open from 9 to 5.")
gone = CannedReplyDeleted(**canned, short_code="hours")


def test_a_canned_reply_is_added_once_and_changed():
    add = AddCannedReply(**canned, short_code="hours", text=saved.text)
    given(canned_reply).when(add).then(saved)
    other = AddCannedReply(**canned, short_code="Hours", text="Closed.")
    given(canned_reply, saved).when(other).refused("reply_exists", "'hours'")
    given(canned_reply, saved).when(ChangeCannedReply(**canned, text="Closed.")).then(
        CannedReplySaved(**canned, short_code="hours", text="Closed.", before=saved.text)
    )


def test_a_deleted_canned_replys_code_is_free_again():
    given(canned_reply, saved).when(DeleteCannedReply(**canned)).then(gone)
    given(canned_reply, saved).when(DeleteCannedReply(**canned)).then(gone)
    deleted_one = given(canned_reply, saved, gone)
    deleted_one.when(ChangeCannedReply(**canned, text="x")).refused("not_found")
    deleted_one.when(AddCannedReply(**canned, short_code="hours", text="x")).then(
        CannedReplySaved(**canned, short_code="hours", text="x")
    )
    given(canned_reply).when(DeleteCannedReply(**canned)).refused("not_found", "rpl_")


@pytest.mark.parametrize(
    ("code", "text", "refusal"),
    [
        ("", "x", "invalid_short_code"),
        ("two words", "x", "invalid_short_code"),
        ("x" * 65, "x", "invalid_short_code"),
        ("hours", " ", "invalid_text"),
        ("hours", "x" * 4097, "invalid_text"),
    ],
)
def test_a_canned_reply_has_a_code_and_a_text(code, text, refusal):
    command = AddCannedReply(**canned, short_code=code, text=text)
    given(canned_reply).when(command).refused(refusal)
