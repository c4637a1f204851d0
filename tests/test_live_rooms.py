"""What waits for each listener, and when: rooms by themselves, their time given from outside."""

import asyncio

import pytest
from uuid_utils.compat import uuid7

from domain.access import Principal, Problem
from read_api.live.items import Item
from read_api.live.marks import Mark, mark_of
from read_api.live.room import CALM_S, WAITING, Listener, Room, Uncounted
from read_api.live.topics import Topics, View

WORKSPACE, CAMPAIGN, OTHER = uuid7(), uuid7(), uuid7()
WHO = Principal(workspace_id=WORKSPACE, permissions=frozenset(), user_id=uuid7())
ALL = Topics(frozenset({"contacts", "campaigns", "notifications"}), frozenset(), frozenset())


async def all_of(_, ids):
    return ids


def listener(mark=0, claim=all_of):
    made = Listener(View(WHO, ALL, None), claim)
    made.mark = Mark(mark, mark)
    return made


def room(*listeners, through=0):
    made = Room(WORKSPACE, 0)
    made.begin(through)
    made.listeners |= set(listeners)
    return made


def change(position):
    return Item(WORKSPACE, position, "contacts", "contact_added", plain=b"item")


def move(position, campaign=CAMPAIGN):
    topic, kind = "campaigns", "campaign_progress"
    return Item(WORKSPACE, position, topic, kind, campaign_id=campaign, moved=True, plain=b"move")


def taken(one):
    """(id, event) of all that waits for the listener."""

    async def take():
        one.ping()  # so that there is something
        return await one.taken()

    parts = asyncio.run(take()).decode().removesuffix(": ping\r\n\r\n").split("id: ")[1:]
    return [tuple(part.split("\r\n")) for part in parts]


def test_a_campaign_is_told_at_most_once_in_its_time_and_then_as_it_stands():
    ana = listener()
    place = room(ana)
    place.take([], [move(1)], 1, now=0.0)
    for position in range(2, 50):
        place.take([], [move(position)], position, now=CALM_S * position / 100)
    assert taken(ana) == [("1", "move")]
    assert place.calm(CALM_S)
    assert taken(ana) == [("49", "move")]


def test_an_item_does_not_wait_for_the_moves_before_it_and_its_id_remembers_them():
    ana = listener()
    place = room(ana)
    place.take([], [move(1)], 1, now=0.0)
    place.take([change(3)], [move(2)], 4, now=0.1)
    assert taken(ana) == [("1", "move"), ("3-1", "item")]
    place.take([change(5)], [move(6, OTHER)], 6, now=0.15)
    place.calm(0.2)
    # In the order of the moves; the last one leaves nothing to remember.
    assert taken(ana) == [("5-1", "item"), ("5-2", "move"), ("6", "move")]


def test_a_move_that_was_told_while_missed_ones_were_read_is_not_told_again():
    ana = listener()
    place = room(ana)
    place.take([], [move(1)], 1, now=0.0)
    place.take([], [move(2)], 2, now=0.1)
    late = listener(mark=2)  # it has read how the campaign stands at 2
    place.listeners.add(late)
    place.calm(0.2)
    assert taken(ana) == [("1", "move"), ("2", "move")]
    place.take([], [move(3)], 3, now=0.4)
    assert taken(late) == [("3", "move")]


def test_what_waits_for_a_listener_is_bounded_and_still_sent_before_it_ends():
    ana = listener()
    place = room(ana)
    for position in range(1, WAITING + 10):
        place.take([change(position)], [], position, now=0.0)
    assert ana.over == "slow"
    sent = taken(ana)
    assert len(sent) == WAITING
    assert ana.control("cut", reason=ana.over).startswith(f"id: {WAITING}\r\n".encode())
    assert asyncio.run(ana.taken()) is None


def test_one_who_may_not_listen_any_more_is_sent_nothing_of_what_waits():
    ana = listener()
    place = room(ana)
    place.take([change(1)], [], 1, now=0.0)
    ana.cut("access")
    assert asyncio.run(ana.taken()) is None


def test_what_waits_is_not_sent_to_one_who_may_not_see_it_any_more():
    ana, number = listener(), uuid7()
    place = room(ana)
    of_number = change(1)._replace(account_id=number)
    place.take([of_number, change(2)], [], 2, now=0.0)
    ana.view = ana.view._replace(accounts=frozenset())
    assert taken(ana) == [("2", "item")]


def test_one_who_is_slow_and_then_may_not_listen_any_more_is_sent_nothing_either():
    ana = listener()
    room(ana).take([change(position) for position in range(1, WAITING + 2)], [], WAITING, now=0.0)
    assert ana.over == "slow"
    ana.cut("access")
    assert (asyncio.run(ana.taken()), ana.over) == (None, "access")


def test_a_stream_ends_where_it_is_if_nobody_knows_how_often_a_notification_was_sent():
    async def unknown(who, ids):
        raise Uncounted

    ana = listener(mark=1, claim=unknown)
    place = room(ana)
    notice = change(2)._replace(user_id=WHO.user_id, notice="conversation_assigned")
    place.take([notice, change(3)], [], 3, now=0.0)
    assert asyncio.run(ana.taken()) is None
    assert (ana.over, ana.mark) == ("unavailable", Mark(1, 1))


@pytest.mark.parametrize("text", ["12", "12-7"])
def test_an_id_is_read_as_it_is_written(text):
    assert str(mark_of(text)) == text


@pytest.mark.parametrize("text", ["", "-", "12-", "-7", "1" * 19, "12-x", " 12", "١٢"])
def test_what_is_no_id_is_refused(text):
    with pytest.raises(Problem) as refused:
        mark_of(text)
    assert refused.value.code == "event_id_invalid"
