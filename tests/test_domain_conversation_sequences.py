"""Whatever is asked of a conversation in whatever order: its facts fit together, and nothing twice."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given as forall
from hypothesis import strategies as st

from domain.conversation import (
    AddNote,
    AssignConversation,
    CustomerWrote,
    LabelConversation,
    PauseBot,
    PrioritiseConversation,
    ReadConversation,
    RemoveNote,
    ReopenConversation,
    ResolveConversation,
    ResumeBot,
    SetPending,
    SnoozeConversation,
    StartConversation,
    WakeConversation,
    conversation,
)
from domain.kernel import Rejected
from tests.chat_examples import AGENT, HOUR, TEAM, business, customer, here, of_contact
from tests.spec import NOW, over_the_wire

hours = st.integers(-3, 30).map(lambda n: NOW + n * HOUR)
users = st.sampled_from([AGENT, None])
labels = st.sampled_from([(), ("VIP",), ("vip", "a"), ("b",)])
notes = st.sampled_from([UUID(int=1), UUID(int=2)])
WRITES = st.one_of(
    st.builds(lambda at: customer(at=at), hours),
    st.builds(
        lambda at, user, kind, automatic: business(
            at=at, user_id=user, kind=kind, automatic=automatic
        ),
        hours,
        users,
        st.sampled_from(["text", "template", "reaction"]),
        st.booleans(),
    ),
    hours.map(lambda at: business(at=at, from_phone=True)),
)
WORK = st.one_of(
    st.sampled_from(
        [
            StartConversation(**of_contact, by="customer"),
            ResolveConversation(**here, user_id=AGENT),
            ReopenConversation(**here),
            SetPending(**here),
            WakeConversation(**here),
            ResumeBot(**here),
        ]
    ),
    hours.map(lambda at: SnoozeConversation(**here, until=at)),
    hours.map(lambda at: PauseBot(**here, until=at)),
    users.map(lambda user: AssignConversation(**here, user_id=user, team_id=TEAM)),
    st.sampled_from(["none", "high"]).map(lambda p: PrioritiseConversation(**here, priority=p)),
    st.builds(lambda add, gone: LabelConversation(**here, add=add, remove=gone), labels, labels),
    notes.map(lambda id_: AddNote(**here, note_id=id_, text="x")),
    notes.map(lambda id_: RemoveNote(**here, note_id=id_)),
    st.integers(0, 4).map(lambda seen: ReadConversation(**here, user_id=AGENT, seen=seen)),
)


@forall(st.lists(st.tuples(WRITES | WORK, st.integers(0, 3)), max_size=25))
def test_facts_follow_from_one_another_and_no_mark_goes_back(requests):
    state, now, inbound = conversation.initial, NOW, 0
    for command, pause in requests:
        now += timedelta(hours=pause)
        try:
            facts = conversation.decide(state, command, now)
        except Rejected:
            continue
        for fact in facts:
            assert over_the_wire(fact) == fact
            assert fact.before in (state.status, "absent")
            assert (fact.assignee_id, fact.assigned_team_id) == (state.user_id, state.team_id)
            after = conversation.evolve(state, fact)
            assert after.status == fact.status
            check_marks(state, after)
            state = after
        inbound += sum(isinstance(fact, CustomerWrote) for fact in facts)
        if not hasattr(command, "message_id"):
            assert conversation.decide(state, command, now) == []
    assert state.inbound == inbound


def check_marks(before, after):
    """What only goes forward, and what belongs together."""
    assert after.window_until is None or after.window_until >= (
        before.window_until or NOW - 2 * HOUR
    )
    assert all(after.seen[user] >= seen for user, seen in before.seen.items())
    assert all(seen <= after.inbound for seen in after.seen.values())
    assert (after.snoozed_until is not None) == (after.status == "snoozed")
    assert list(after.waiting) == sorted(after.waiting)
    if after.status == "resolved":
        assert before.status != "resolved" or after.opened_at == before.opened_at
