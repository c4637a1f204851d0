"""The messages of a conversation: the window, who waits since when, and what order does not change."""

from datetime import timedelta
from itertools import chain
from uuid import UUID

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.conversation import (
    BotPaused,
    BusinessWrote,
    ConversationStarted,
    CustomerWrote,
    StartConversation,
    conversation,
)
from domain.conversation.state import WAITING
from domain.conversation.writing import SNIPPET
from domain.hours import Hours
from tests.chat_examples import (
    AGENT,
    CONVERSATION,
    DAY,
    FIRST,
    HOUR,
    SECOND,
    THIRD,
    answered,
    asked,
    business,
    customer,
    of_contact,
    opened,
    opening,
    resolved,
    started,
)
from tests.spec import NOW, given

SECOND_ = timedelta(seconds=1)
paused = BotPaused(**opened, until=NOW + HOUR + DAY, by=AGENT)


def test_the_first_message_starts_a_conversation():
    given(conversation).when(customer()).each_time(started, asked)


@pytest.mark.parametrize("by", ["customer", "business", "phone"])
def test_a_conversation_is_started_once_whoever_begins_it(by):
    command = StartConversation(**of_contact, by=by)
    given(conversation).when(command).then(ConversationStarted(**opening, by=by))
    given(conversation, started).when(command).then()


def test_the_next_message_is_counted_and_moves_the_window_but_not_the_wait():
    later = NOW + HOUR
    given(conversation, started, asked).when(customer(SECOND, later, text=" Hello?\n ")).each_time(
        replace(
            asked,
            message_id=SECOND,
            at=later,
            snippet="Hello?",
            inbound=2,
            window_until=later + DAY,
        )
    )


def test_a_message_that_comes_late_moves_nothing_back():
    early = NOW - HOUR
    given(conversation, started, asked).when(customer(SECOND, early)).each_time(
        replace(asked, message_id=SECOND, at=early, inbound=2, waiting_since=early, newest=False)
    )


def test_a_long_message_is_shown_by_its_beginning():
    [_, wrote] = conversation.decide(conversation.initial, customer(text="word " * 100), NOW)
    assert len(wrote.snippet) == SNIPPET
    assert wrote.snippet.endswith("…")


def test_a_time_without_offset_is_refused():
    given(conversation).when(customer(at=NOW.replace(tzinfo=None))).refused(
        "invalid_time", "offset"
    )


@pytest.mark.parametrize("status", ["resolved", "snoozed"])
def test_a_customers_message_opens_what_was_put_aside(status):
    moved = replace(resolved, status=status, resolution_ms=None)
    given(conversation, started, asked, moved).when(customer(SECOND, NOW + 3 * HOUR)).each_time(
        replace(
            asked,
            status="open",
            before=status,
            message_id=SECOND,
            at=NOW + 3 * HOUR,
            inbound=2,
            window_until=NOW + 3 * HOUR + DAY,
            waiting_since=NOW + 3 * HOUR if status == "resolved" else NOW,
        )
    )


def test_a_customers_message_leaves_pending_what_is_pending():
    moved = replace(resolved, status="pending", resolution_ms=None)
    state = conversation.fold([started, asked, moved])
    [wrote] = conversation.decide(state, customer(SECOND), NOW)
    assert (wrote.status, wrote.before) == ("pending", "pending")


def test_an_answer_to_what_is_resolved_leaves_it_resolved():
    state = conversation.fold([started, asked, resolved])
    [wrote, *_] = conversation.decide(state, business(user_id=AGENT), resolved.at + HOUR)
    assert (wrote.status, wrote.response_ms) == ("resolved", None)
    assert conversation.fold([wrote], state).opened_at == NOW


def test_a_persons_answer_says_how_long_the_customer_waited_and_stops_the_bot():
    given(conversation, started, asked).when(business(user_id=AGENT), NOW + HOUR).each_time(
        answered, paused
    )


def test_the_wait_is_counted_in_working_hours():
    half_past_nine = Hours(((NOW.weekday(), 9 * 60, 9 * 60 + 30),))
    command = business(user_id=AGENT, hours=half_past_nine)
    given(conversation, started, asked).when(command, NOW + HOUR).each_time(
        replace(answered, response_ms=1_800_000), paused
    )


def test_only_the_first_answer_is_a_response():
    given(conversation, started, asked, answered, paused).when(
        business(THIRD, user_id=AGENT), NOW + HOUR
    ).each_time(replace(answered, message_id=THIRD, response_ms=None))


def test_an_automatic_answer_leaves_the_customer_waiting_and_the_bot_on():
    given(conversation, started, asked).when(business(automatic=True), NOW + HOUR).each_time(
        replace(answered, user_id=None, automatic=True, response_ms=None, waiting_since=NOW)
    )


def test_a_reaction_is_no_answer():
    given(conversation, started, asked).when(business(kind="reaction"), NOW + HOUR).each_time(
        replace(answered, kind="reaction", user_id=None, response_ms=None, waiting_since=NOW)
    )


def test_a_key_may_answer_and_does_not_stop_the_bot():
    given(conversation, started, asked).when(business(), NOW + HOUR).each_time(
        replace(answered, user_id=None)
    )


def test_an_answer_outside_the_window_is_refused_with_what_can_be_sent():
    command = business(user_id=AGENT)
    given(conversation, started, asked).when(command, NOW + DAY).refused(
        "window_closed", "approved template", (NOW + DAY).isoformat()
    )
    given(conversation, started).when(command).refused("window_closed", "not written yet")
    given(conversation, started, asked).when(command, NOW + DAY - SECOND_).each_time(
        replace(answered, at=NOW + DAY - SECOND_, response_ms=86_399_000),
        replace(paused, until=NOW + 2 * DAY - SECOND_),
    )


@pytest.mark.parametrize(
    "command",
    [business(kind="template"), business(windowed=False), business(from_phone=True, at=NOW)],
)
def test_templates_other_providers_and_the_phone_know_no_window(command):
    kinds = [type(fact) for fact in conversation.decide(conversation.initial, command, NOW)]
    assert kinds[:2] == [ConversationStarted, BusinessWrote]


def test_what_was_sent_from_the_phone_answers_what_came_before_it():
    at = NOW + HOUR
    wrote = replace(answered, user_id=None, from_phone=True)
    second = replace(asked, at=NOW + 2 * HOUR, inbound=2, message_id=THIRD)
    given(conversation, started, asked, second).when(
        business(from_phone=True, at=at), NOW + 3 * HOUR
    ).each_time(
        replace(wrote, waiting_since=NOW + 2 * HOUR, newest=False),
        BotPaused(**opened, until=at + DAY),
    )


def test_a_message_the_phone_has_answered_already_does_not_wait():
    wrote = replace(answered, user_id=None, from_phone=True, response_ms=None)
    [late] = conversation.decide(conversation.fold([started, wrote]), customer(), NOW)
    assert (late.waiting_since, late.newest) == (None, False)
    assert conversation.fold([started, wrote, late]).waiting == ()


def test_an_old_message_from_the_phone_does_not_stop_the_bot():
    command = business(from_phone=True, at=NOW - 2 * DAY)
    facts = conversation.decide(conversation.fold([started]), command, NOW)
    assert [type(fact) for fact in facts] == [BusinessWrote]


def test_of_very_many_unanswered_messages_the_first_and_the_last_are_known():
    state = conversation.initial
    for n in range(2 * WAITING):
        state = conversation.fold(
            conversation.decide(state, customer(UUID(int=n), NOW + n * SECOND_), NOW), state
        )
    assert len(state.waiting) == WAITING
    assert (state.waiting[0], state.waiting[-1]) == (NOW, NOW + (2 * WAITING - 1) * SECOND_)


reports = st.lists(
    st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=8, unique_by=lambda r: r[0]
)


@forall(st.data(), reports)
def test_the_order_in_which_messages_are_heard_of_does_not_matter(data, said):
    """What the customer and the phone wrote, at different times, whenever it is reported."""
    shuffled = data.draw(st.permutations(said))
    assert heard(said) == heard(shuffled)


def heard(said):
    state, facts = conversation.initial, []
    for at, from_phone in said:
        when, id_ = NOW + at * HOUR, UUID(int=at)
        command = business(id_, from_phone=True, at=when) if from_phone else customer(id_, when)
        new = conversation.decide(state, command, NOW)
        state = conversation.fold(new, state)
        facts.append(new)
    written = [f for f in chain(*facts) if isinstance(f, CustomerWrote | BusinessWrote)]
    last = [fact.message_id for fact in written if fact.newest][-1]
    same = (state.status, state.inbound, state.window_until, state.waiting, state.bot_until)
    return (*same, state.answered_until, state.last_at, last)


def test_ids_are_those_of_the_contact_and_the_number():
    assert {fact.conversation_id for fact in (started, asked, answered)} == {CONVERSATION}
    assert asked.message_id == FIRST
