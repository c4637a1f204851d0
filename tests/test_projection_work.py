"""What the policies and the sender still have to do."""

import msgspec
from msgspec.structs import replace

from domain.campaign import Plan
from domain.message import Content
from projections import queue, work
from tests.examples import (
    ACCOUNT,
    CAMPAIGN,
    CONTACT,
    MESSAGE,
    WORKSPACE,
    accepted,
    attempted,
    content,
    launched,
    plan,
    queued,
)
from tests.projection_facts import (
    LATER,
    broken,
    called_off,
    cancelled,
    chunk,
    completed,
    delivered,
    expired,
    failed,
    found_out,
    paused,
    put_off,
    refused,
    resumed,
    scheduled,
    sent,
    suppressed,
    unknown,
    withheld,
)
from tests.read_models import at, built
from tests.spec import NOW

LANE = (ACCOUNT, CAMPAIGN)


def audience(*facts):
    return built(work.projection, *facts)[work.audience_work]


def lane(*facts):
    return built(queue.projection, *facts)[queue.lanes].get(LANE)


def waiting(*facts):
    return built(queue.projection, *facts)[queue.send_queue].get((*LANE, MESSAGE))


def test_a_scheduled_campaign_is_due_until_it_is_launched_or_called_off():
    due = {(WORKSPACE, CAMPAIGN): {"due_at": LATER}}
    assert built(work.projection, scheduled)[work.schedule] == due
    for end in (launched, cancelled, broken):
        assert not built(work.projection, scheduled, end)[work.schedule]


def test_a_launch_opens_the_audience_at_its_position():
    row = audience(scheduled, launched)[WORKSPACE, CAMPAIGN]
    assert msgspec.json.decode(row.pop("plan"), type=Plan) == plan
    assert row == {
        "account_id": ACCOUNT,
        "launched_position": 2,
        "next_chunk": 1,
        "through": None,
        "active": 1,
        "done": 0,
        "status": "running",
    }


def test_each_chunk_moves_the_audience_on():
    (row,) = audience(launched, chunk(1, through=CONTACT)).values()
    assert (row["next_chunk"], row["through"], row["done"]) == (2, CONTACT, 0)


def test_an_empty_last_chunk_ends_the_audience_where_it_was():
    last = chunk(2, through=None, last=True)
    (row,) = audience(launched, chunk(1, through=CONTACT), last).values()
    assert (row["next_chunk"], row["through"], row["done"]) == (3, CONTACT, 1)


def test_a_paused_campaign_rests_and_a_resumed_one_goes_on():
    (row,) = audience(launched, paused).values()
    assert (row["active"], row["status"]) == (0, "paused")
    (row,) = audience(launched, paused, resumed).values()
    assert (row["active"], row["status"]) == (1, "running")


def test_pausing_after_the_last_chunk_does_not_open_the_audience_again():
    (row,) = audience(launched, chunk(1, through=None, last=True), paused, resumed).values()
    assert (row["active"], row["done"]) == (1, 1)


def test_nothing_is_left_of_the_audience_when_the_campaign_has_ended():
    for end in (completed, cancelled, broken):
        assert not audience(launched, end)


def test_a_lane_follows_its_campaign():
    assert lane(launched) == {
        "workspace_id": WORKSPACE,
        "state": "running",
        "pending_count": 0,
        "audience_done": 0,
    }
    assert lane(launched, paused)["state"] == "paused"
    assert lane(launched, paused, resumed)["state"] == "running"
    assert lane(launched, chunk(1, through=None, last=True))["audience_done"] == 1
    assert lane(launched, completed) is None


def test_a_lane_that_ended_keeps_what_is_still_to_be_cancelled():
    row = lane(launched, queued, cancelled)
    assert (row["state"], row["pending_count"]) == ("cancelled", 1)
    assert lane(launched, queued, cancelled, called_off)["pending_count"] == 0
    assert lane(launched, paused, broken)["state"] == "failed"


def test_a_campaign_that_never_ran_leaves_no_lane():
    assert lane(scheduled, replace(cancelled, was="scheduled")) is None
    assert lane(replace(broken, was="draft")) is None


def test_a_queued_message_waits_with_all_that_sending_it_takes():
    row = waiting(launched, queued)
    assert msgspec.json.decode(row.pop("content"), type=Content) == content
    assert row == {
        "workspace_id": WORKSPACE,
        "contact_id": CONTACT,
        "state": "queued",
        "to_phone": queued.to,
        "priority": 5,
        "due_at": at(2),
        "attempt": 1,
        "attempted_at": None,
        "queued_position": 2,
        "month": queued.month,
    }
    assert lane(launched, queued)["pending_count"] == 1


def test_a_message_under_way_stays_until_its_outcome_is_known():
    row = waiting(queued, attempted)
    assert (row["state"], row["attempt"], row["attempted_at"]) == ("sending", 1, NOW)
    assert lane(queued, attempted)["pending_count"] == 1


def test_a_refused_message_waits_for_its_next_attempt():
    row = waiting(queued, attempted, put_off)
    assert (row["state"], row["attempt"], row["due_at"]) == ("queued", 2, LATER)
    assert row["content"]
    assert lane(queued, attempted, put_off)["pending_count"] == 1


def test_an_unknown_outcome_waits_to_be_cleared_up():
    assert waiting(queued, attempted, unknown)["state"] == "unknown"
    assert lane(queued, attempted, unknown)["pending_count"] == 0
    assert waiting(queued, attempted, unknown, found_out) is None
    assert waiting(queued, attempted, unknown, expired) is None


def test_a_message_with_an_outcome_waits_no_more():
    early = replace(sent, no_longer=("pending",))
    for end in (accepted, refused, withheld, called_off, early):
        assert waiting(queued, attempted, end) is None
        assert lane(queued, attempted, end)["pending_count"] == 0


def test_facts_after_the_outcome_touch_neither_queue_nor_lane():
    for fact in (sent, delivered, failed, suppressed):
        assert built(queue.projection, fact).content == {}


def test_messages_outside_campaigns_share_a_lane_that_always_runs():
    tables = built(queue.projection, replace(queued, campaign_id=None))
    assert tables[queue.lanes] == {
        (ACCOUNT, queue.NO_CAMPAIGN): {
            "workspace_id": WORKSPACE,
            "state": "running",
            "pending_count": 1,
            "audience_done": 0,
        }
    }
    assert list(tables[queue.send_queue]) == [(ACCOUNT, queue.NO_CAMPAIGN, MESSAGE)]
