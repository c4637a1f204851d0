"""How much of a number may be under way: more as long as answers keep coming, less after complaints."""

import time

import pytest

from commands.policies.flow import (
    FIRST_WINDOW,
    LEAST_WINDOW,
    RESERVED,
    WIDEN_BY,
    WIDEST_WINDOW,
    Flow,
)
from commands.policies.ports import Accepted, Refused, Unknown
from tests.peers import Peer
from tests.senders import sending
from tests.simulators import until
from tests.stage import Stage

TAKEN, THROTTLED = Accepted("wamid.A", "491"), Refused("T", 130429, "too many")
CALM_S = 0.2
FAST, LATER = 100_000, 1000.0
"""A rate that never limits, and an instant at which no pause goes on any more."""


@pytest.fixture
def flow():
    return Flow(FAST, -60.0)


def window(flow, now=0.0):
    room, _ = flow.room(0, now, calm=True)
    return room


def widened(flow, times):
    for _ in range(times):
        flow.heed(TAKEN, window(flow), 0.0)
    return flow


def test_the_window_widens_by_answers_that_come_while_it_is_full(flow):
    assert window(flow) == FIRST_WINDOW
    assert window(widened(flow, 1)) == FIRST_WINDOW + WIDEN_BY
    assert window(widened(flow, 1)) == FIRST_WINDOW + 2 * WIDEN_BY
    assert window(widened(flow, 50)) == WIDEST_WINDOW, "and no further"


def test_it_stays_as_it_is_while_there_is_room_in_it(flow):
    for under_way in range(FIRST_WINDOW):
        flow.heed(TAKEN, under_way, 0.0)
    assert window(flow) == FIRST_WINDOW


def test_each_complaint_halves_it_down_to_a_few(flow):
    widened(flow, 50)
    found = []
    for n in range(9):
        flow.heed(THROTTLED, 10, n * LATER)
        flow.heed(TAKEN, 0, n * LATER)
        found.append(window(flow, (n + 1) * LATER - 1))
    assert found[:3] == [WIDEST_WINDOW // 2, WIDEST_WINDOW // 4, WIDEST_WINDOW // 8]
    assert found[-1] == LEAST_WINDOW


def test_after_a_complaint_one_message_tries_and_its_answer_opens_the_window_again(flow):
    flow.heed(THROTTLED, 10, 0.0)
    assert flow.room(0, 0.0, calm=True) == (0, 1)
    assert flow.room(0, LATER, calm=True) == (1, 1)
    assert flow.room(1, LATER, calm=True)[0] == 0
    flow.heed(TAKEN, 1, LATER)
    assert window(flow, LATER) == FIRST_WINDOW // 2


@pytest.mark.parametrize("answer", [Refused("B", 0, "no connection"), Unknown("no answer")])
def test_a_provider_that_is_away_is_left_alone_but_the_window_stays(flow, answer):
    widened(flow, 1)
    for _ in range(5):
        flow.heed(answer, 10, 0.0)
    assert window(flow) == 0
    flow.heed(TAKEN, 1, LATER)
    assert window(flow, LATER) == FIRST_WINDOW + WIDEN_BY


def test_what_is_under_way_takes_its_room_and_replies_have_some_beside_it(flow):
    assert flow.room(20, 0.0, calm=True)[0] == FIRST_WINDOW - 20
    assert flow.room(FIRST_WINDOW, 0.0, calm=True)[0] == 0
    assert flow.room_for_replies(FIRST_WINDOW, 0.0) == RESERVED
    assert flow.room_for_replies(FIRST_WINDOW + RESERVED, 0.0) == 0
    flow.heed(THROTTLED, 10, 0.0)
    assert flow.room_for_replies(0, 0.0) == 0, "not even replies while the provider complains"


def test_after_a_calm_one_goes_at_once_and_later_ones_wait_for_company(flow):
    assert flow.room(0, 0.0, calm=True)[1] == 1
    assert flow.room(0, 0.0, calm=False)[1] == FIRST_WINDOW // 2
    widened(flow, 1)
    assert flow.room(0, 0.0, calm=False)[1] == (FIRST_WINDOW + WIDEN_BY) // 2


def test_a_number_has_no_more_room_than_its_rate_lets_through():
    slow = Flow(8, 0.0)
    assert window(slow, 60.0) == 2
    slow.take(2, 8, 60.0)
    assert (window(slow, 60.0), slow.wait_s(60.0)) == (0, pytest.approx(1 / 8))


class Waves:
    """A provider that answers all who wait at once, whenever no more come, and then lets wait again."""

    def __init__(self, peer):
        self._peer, self._answered = peer, 0
        self._seen, self._since = 0, time.monotonic()

    def waiting(self):
        """At least so many wait for their answer."""
        asked, now = len(self._peer.asked), time.monotonic()
        if asked != self._seen:
            self._seen, self._since = asked, now
        elif now - self._since > CALM_S:
            self._peer.held.set()
            self._peer.held.clear()
            self._answered, self._since = len(self._peer.asked), now
        return asked - self._answered


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


@pytest.fixture
def peer():
    peer = Peer()
    yield peer
    peer.close()


def test_a_sender_puts_more_on_the_wire_when_a_full_window_is_answered(stage, peer):
    stage.contacts([{"phone": f"+4915500{n:05}"} for n in range(600)])
    stage.queued()
    stage.follow()
    peer.answers = [(200, {"messages": [{"id": f"wamid.{n}"}]}) for n in range(600)]
    peer.held.clear()
    waves = Waves(peer)

    with sending(stage, peer.url) as stop:
        until(lambda: waves.waiting() > FIRST_WINDOW, "more than a first window on the wire")
        stop.set()
        peer.held.set()
