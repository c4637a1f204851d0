"""What a team does with a conversation: states, assignment, labels, notes, read marks, the bot."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from domain.conversation import (
    AddNote,
    AssignConversation,
    BotPaused,
    BotResumed,
    ConversationAssigned,
    ConversationLabelled,
    ConversationMoved,
    ConversationPrioritised,
    ConversationReadBy,
    LabelConversation,
    NoteAdded,
    NoteRemoved,
    PauseBot,
    PrioritiseConversation,
    ReadConversation,
    RemoveNote,
    ReopenConversation,
    ResolveConversation,
    ResumeBot,
    SetPending,
    SnoozeConversation,
    WakeConversation,
    conversation,
)
from domain.conversation.marking import LABELS, NOTE_LENGTH, NOTES
from domain.hours import Hours
from tests.chat_examples import (
    AGENT,
    DAY,
    HOUR,
    NOTE,
    OTHER_AGENT,
    TEAM,
    answered,
    asked,
    customer,
    here,
    of_contact,
    opened,
    resolved,
    started,
)
from tests.spec import NOW, given

LATER = NOW + 2 * HOUR
there = given(conversation, started, asked)
paused = BotPaused(**opened, until=NOW + HOUR, by=AGENT)


def moved(status, before="open", **more):
    return ConversationMoved(**of_contact, status=status, before=before, at=LATER, **more)


@pytest.mark.parametrize(
    "command",
    [
        ResolveConversation(**here),
        AssignConversation(**here, user_id=AGENT),
        AddNote(**here, note_id=NOTE, text="Rings twice"),
        ReadConversation(**here, user_id=AGENT),
    ],
)
def test_nothing_is_done_with_a_conversation_that_is_not_there(command):
    given(conversation).when(command).refused("not_found", "cnv_")


def test_resolving_says_how_long_it_was_open_in_working_hours():
    command = ResolveConversation(**here, user_id=AGENT)
    there.when(command, LATER).then(resolved)
    hour = Hours(((NOW.weekday(), 9 * 60, 10 * 60),))
    there.when(ResolveConversation(**here, user_id=AGENT, hours=hour), LATER).then(
        replace(resolved, resolution_ms=3_600_000)
    )


def test_resolving_ends_a_persons_taking_over_from_the_bot():
    resumed = BotResumed(**of_contact, status="resolved", before="resolved", by=AGENT)
    given(conversation, started, asked, paused).when(
        ResolveConversation(**here, user_id=AGENT), LATER
    ).then(resolved, resumed)


def test_after_reopening_the_response_and_the_resolution_are_counted_anew():
    again = NOW + DAY
    reopened = conversation.fold([started, asked, resolved])
    wrote = conversation.decide(reopened, customer(at=again), again)
    state = conversation.fold(wrote, reopened)
    assert (state.waiting_since, state.opened_at) == (again, again)
    [done] = conversation.decide(state, ResolveConversation(**here), again + HOUR)
    assert done.resolution_ms == 3_600_000


def test_a_late_message_opens_it_no_earlier_than_it_was_resolved():
    state = conversation.fold([started, asked, resolved])
    state = conversation.fold(conversation.decide(state, customer(at=NOW - DAY), LATER), state)
    assert state.opened_at == resolved.at


def test_being_pending_or_snoozed_is_part_of_being_open():
    snoozed = moved("snoozed", until=LATER + HOUR)
    state = conversation.fold([started, asked, moved("pending"), snoozed, answered])
    assert state.opened_at == NOW


def test_a_person_reopens_what_was_resolved_or_put_aside():
    command = ReopenConversation(**here, user_id=AGENT)
    given(conversation, started, asked, resolved).when(command, LATER).then(
        moved("open", "resolved", user_id=AGENT)
    )
    there.when(command).then()
    there.when(SetPending(**here), LATER).then(moved("pending"))


def test_a_snoozed_conversation_wakes_at_its_time_and_not_before():
    until = LATER + HOUR
    command = SnoozeConversation(**here, until=until, user_id=AGENT)
    snoozed = moved("snoozed", until=until, user_id=AGENT)
    there.when(command, LATER).then(snoozed)
    asleep = given(conversation, started, asked, snoozed)
    asleep.when(WakeConversation(**here), until - timedelta(seconds=1)).then()
    asleep.when(WakeConversation(**here), until).then(replace(moved("open", "snoozed"), at=until))
    there.when(WakeConversation(**here), until).then()


def test_a_snoozed_conversation_may_be_snoozed_longer():
    snoozed = moved("snoozed", until=LATER + HOUR)
    command = SnoozeConversation(**here, until=LATER + DAY)
    given(conversation, started, asked, snoozed).when(command, LATER).then(
        moved("snoozed", "snoozed", until=LATER + DAY)
    )


@pytest.mark.parametrize("until", [NOW, NOW - HOUR, (NOW + HOUR).replace(tzinfo=None)])
def test_the_past_is_no_time_to_wake_up(until):
    there.when(SnoozeConversation(**here, until=until)).refused("invalid_until", "future")
    there.when(PauseBot(**here, until=until)).refused("invalid_until", "future")


def test_what_is_resolved_is_not_snoozed():
    given(conversation, started, asked, resolved).when(
        SnoozeConversation(**here, until=NOW + DAY)
    ).refused("wrong_state", "resolved")


def test_an_assignment_says_who_had_it_before():
    nobody = {"was_user_id": None, "was_team_id": None}
    first = ConversationAssigned(
        **opened, **nobody, user_id=AGENT, team_id=TEAM, how="manual", by=OTHER_AGENT
    )
    command = AssignConversation(**here, user_id=AGENT, team_id=TEAM, by=OTHER_AGENT)
    there.when(command).then(first)
    given(conversation, started, asked, first).when(AssignConversation(**here)).then(
        ConversationAssigned(
            **opened,
            assignee_id=AGENT,
            assigned_team_id=TEAM,
            user_id=None,
            team_id=None,
            was_user_id=AGENT,
            was_team_id=TEAM,
            how="manual",
        )
    )


def test_a_priority_is_set_once():
    there.when(PrioritiseConversation(**here, priority="high", by=AGENT)).then(
        ConversationPrioritised(**opened, priority="high", was="none", by=AGENT)
    )
    there.when(PrioritiseConversation(**here, priority="none")).then()


labelled = ConversationLabelled(
    **opened, labels=("VIP", "refund"), added=("VIP", "refund"), removed=()
)


def test_labels_are_the_same_whatever_their_case():
    there.when(LabelConversation(**here, add=(" refund ", "VIP"))).then(labelled)
    tagged = given(conversation, started, asked, labelled)
    tagged.when(LabelConversation(**here, add=("vip",), remove=("Unknown",))).then()
    tagged.when(LabelConversation(**here, add=("new",), remove=("vip",), by=AGENT)).then(
        ConversationLabelled(
            **opened, labels=("new", "refund"), added=("new",), removed=("VIP",), by=AGENT
        )
    )
    tagged.when(LabelConversation(**here, add=("vip",), remove=("VIP",))).then()


def test_a_conversation_has_at_most_fifty_labels():
    many = tuple(f"label {n}" for n in range(LABELS))
    tagged = given(conversation, started, asked, labelled)
    tagged.when(LabelConversation(**here, add=many)).refused("too_many_labels", "52")
    ten_thousand = tuple(f"label {n}" for n in range(10_000))
    tagged.when(LabelConversation(**here, add=ten_thousand)).refused("too_many_labels", "10000")
    tagged.when(LabelConversation(**here, add=(" ",))).refused("invalid_name", "label")


def test_a_note_is_added_and_removed_once():
    note = NoteAdded(**opened, note_id=NOTE, text="Rings twice", at=NOW, by=AGENT)
    there.when(AddNote(**here, note_id=NOTE, text="Rings twice", by=AGENT)).then(note)
    noted = given(conversation, started, asked, note)
    removal = NoteRemoved(**opened, note_id=NOTE, by=AGENT)
    noted.when(RemoveNote(**here, note_id=NOTE, by=AGENT)).then(removal)
    there.when(RemoveNote(**here, note_id=NOTE)).refused("not_found", "nte_")


@pytest.mark.parametrize("text", ["", " \n", "x" * (NOTE_LENGTH + 1)])
def test_a_note_says_something_and_not_too_much(text):
    there.when(AddNote(**here, note_id=NOTE, text=text)).refused("invalid_note", str(NOTE_LENGTH))


def test_the_notes_of_a_conversation_have_an_end():
    ids = [type(NOTE)(int=n) for n in range(NOTES)]
    notes = [NoteAdded(**opened, note_id=id_, text="x", at=NOW) for id_ in ids]
    state = conversation.fold([started, asked, *notes])
    crowded = given(conversation)
    crowded.state = state
    crowded.when(AddNote(**here, note_id=ids[0], text="x")).then()
    crowded.when(AddNote(**here, note_id=type(NOTE)(int=NOTES), text="x")).refused(
        "too_many_notes", str(NOTES)
    )


def test_a_read_mark_goes_forward_only_and_not_beyond_what_came_in():
    second = replace(asked, inbound=2)
    of_two = given(conversation, started, asked, second)
    first_read = ConversationReadBy(**opened, user_id=AGENT, seen=1, was=0)
    of_two.when(ReadConversation(**here, user_id=AGENT, seen=1)).then(first_read)
    half = given(conversation, started, asked, second, first_read)
    half.when(ReadConversation(**here, user_id=AGENT)).then(
        ConversationReadBy(**opened, user_id=AGENT, seen=2, was=1)
    )
    half.when(ReadConversation(**here, user_id=AGENT, seen=0)).then()
    half.when(ReadConversation(**here, user_id=AGENT, seen=3)).refused("invalid_seen", "2", "3")
    half.when(ReadConversation(**here, user_id=OTHER_AGENT, seen=1)).then(
        ConversationReadBy(**opened, user_id=OTHER_AGENT, seen=1, was=0)
    )


def test_the_bot_is_paused_and_resumed():
    there.when(PauseBot(**here, until=NOW + HOUR, by=AGENT)).then(paused)
    there.when(PauseBot(**here)).then(BotPaused(**opened, until=NOW + DAY))
    there.when(ResumeBot(**here)).then()
    given(conversation, started, asked, paused).when(ResumeBot(**here, by=AGENT)).then(
        BotResumed(**opened, by=AGENT)
    )
