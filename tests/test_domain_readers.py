"""Since when people read which numbers."""

from uuid import UUID

from domain.readers import BeginReading, ReadingBegan, readers
from tests.examples import ACCOUNT, WORKSPACE
from tests.spec import NOW, over_the_wire

ME, COLLEAGUE, OTHER = UUID(int=901), UUID(int=902), UUID(int=202)
me = {"workspace_id": WORKSPACE, "user_id": ME}


def began(era, *numbers, everything=False, user_id=ME):
    about = {"workspace_id": WORKSPACE, "user_id": user_id, "account_ids": numbers}
    return ReadingBegan(**about, everything=everything, era=era)


def follows(command, *facts):
    """Asked twice, it begins twice: it goes with another fact, and only where that is new."""
    found = readers.decide(readers.fold(facts), command, NOW)
    assert [over_the_wire(fact) for fact in found] == list(found)
    return found


def test_each_beginning_begins_an_era():
    number, everything = (
        BeginReading(**me, account_ids=(ACCOUNT,)),
        BeginReading(**me, everything=True),
    )
    assert follows(number) == [began(1, ACCOUNT)]
    assert follows(number, began(1, ACCOUNT)) == [began(2, ACCOUNT)]
    assert follows(everything, began(1, ACCOUNT)) == [began(2, ACCOUNT, everything=True)]


def test_who_begins_with_nothing_begins_nothing():
    assert follows(BeginReading(**me)) == []


def test_who_sees_more_by_another_role_keeps_what_they_had():
    kept = BeginReading(**me, everything=True, but=frozenset({ACCOUNT}))
    assert follows(kept, began(1, ACCOUNT, OTHER)) == [began(2, OTHER, everything=True)]


def test_a_numbers_own_beginning_comes_before_that_of_everything():
    state = readers.fold(
        [began(1, everything=True), began(2, ACCOUNT), began(3, user_id=COLLEAGUE)]
    )
    assert (state.since(ME, ACCOUNT), state.since(ME, OTHER)) == (2, 1)
    assert state.since(COLLEAGUE, ACCOUNT) == 0
