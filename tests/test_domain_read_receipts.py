"""What a customer is told of having been read, and the number that tells nobody."""

from datetime import timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.account import (
    NumberConnected,
    NumberDisconnected,
    ReadReceiptsSwitched,
    SwitchReadReceipts,
    account,
)
from domain.conversation import ConversationReadBy, ReadConversation, check_typing, conversation
from domain.conversation.untold import UNTOLD
from domain.kernel import Rejected
from tests.chat_examples import AGENT, OTHER_AGENT, asked, here, opened, started
from tests.examples import ACCOUNT, WORKSPACE
from tests.spec import NOW, given

CHAT = here["conversation_id"]
FIRST, SECOND, THIRD = (UUID(int=n) for n in (901, 902, 903))
SECOND_LATER = NOW + timedelta(seconds=1)
ids = {"workspace_id": WORKSPACE, "account_id": ACCOUNT}
number = {"phone_number_id": "1055", "waba_id": "2066", "display_phone_number": "+62 21"}
connected = NumberConnected(**ids, **number, provider="cloud_api", name="", messages_per_second=80)


def wrote(message_id, inbound, at=NOW):
    return replace(asked, message_id=message_id, inbound=inbound, at=at)


three = (
    started,
    wrote(FIRST, 1),
    wrote(THIRD, 2, at=SECOND_LATER),
    wrote(SECOND, 3),
)
"""The customer's second message came last."""


def read(seen=None, user_id=AGENT, tell=True):
    return ReadConversation(**here, user_id=user_id, seen=seen, tell=tell)


def told(message_id, seen, was=0, user_id=AGENT):
    return ConversationReadBy(**opened, user_id=user_id, seen=seen, was=was, message_id=message_id)


def test_the_customer_is_told_of_the_newest_message_that_was_read():
    given(conversation, *three).when(read()).then(told(THIRD, 3))
    given(conversation, *three).when(read(seen=1)).then(told(FIRST, 1))


def test_nobody_is_told_twice_whoever_reads():
    first = told(FIRST, 1)
    given(conversation, *three, first).when(read(seen=1, user_id=OTHER_AGENT)).then(
        told(None, 1, user_id=OTHER_AGENT)
    )
    given(conversation, *three, first).when(read(user_id=OTHER_AGENT)).then(
        told(THIRD, 3, user_id=OTHER_AGENT)
    )
    given(conversation, *three, told(THIRD, 3)).when(read(seen=2, user_id=OTHER_AGENT)).then(
        told(None, 2, user_id=OTHER_AGENT)
    )


def test_what_a_program_marks_is_told_when_a_user_reads_it():
    by_program = told(None, 3)
    given(conversation, *three).when(read(tell=False)).then(by_program)
    given(conversation, *three, by_program).when(read(user_id=OTHER_AGENT)).then(
        told(THIRD, 3, user_id=OTHER_AGENT)
    )


def test_of_many_unread_messages_the_last_ones_are_known():
    many = [wrote(UUID(int=1000 + n), n) for n in range(1, UNTOLD + 11)]
    there = given(conversation, started, *many)
    there.when(read(seen=10)).then(told(None, 10))
    there.when(read(seen=11)).then(told(UUID(int=1011), 11))
    there.when(read()).then(told(UUID(int=1000 + UNTOLD + 10), UNTOLD + 10))


def test_a_number_tells_or_does_not_and_stays_so_when_it_is_connected_again():
    off, on = (ReadReceiptsSwitched(**ids, on=value) for value in (False, True))
    wanted = {value: SwitchReadReceipts(**ids, on=value) for value in (False, True)}
    given(account, connected).when(wanted[True]).then()
    given(account, connected).when(wanted[False]).then(off)
    gone = NumberDisconnected(**ids, reason="")
    given(account, connected, off, gone, connected).when(wanted[False]).then()
    given(account, connected, off).when(wanted[True]).then(on)
    given(account).when(wanted[False]).refused("not_found")


def test_typing_is_shown_under_the_newest_message_while_the_window_is_open():
    there = conversation.fold(three)
    assert check_typing(there, CHAT, NOW, windowed=True) == THIRD
    late = NOW + timedelta(days=2)
    assert check_typing(there, CHAT, late, windowed=False) == THIRD
    with pytest.raises(Rejected, match="24 hours old") as refusal:
        check_typing(there, CHAT, late, windowed=True)
    assert refusal.value.code == "window_closed"


@pytest.mark.parametrize(("windowed", "code"), [(True, "window_closed"), (False, "nothing_heard")])
def test_typing_is_not_shown_to_who_has_not_written(windowed, code):
    with pytest.raises(Rejected, match="has not written yet") as refusal:
        check_typing(conversation.fold([started]), CHAT, NOW, windowed=windowed)
    assert refusal.value.code == code
