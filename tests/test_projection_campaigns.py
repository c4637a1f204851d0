"""Campaigns with their counters, and the message log."""

from msgspec.structs import replace

from domain.campaign import CampaignChanged
from projections import campaigns, messages
from tests.examples import (
    ACCOUNT,
    CAMPAIGN,
    CONTACT,
    MESSAGE,
    MONTH,
    TEMPLATE,
    WORKSPACE,
    accepted,
    attempted,
    drafted,
    launched,
    of_campaign,
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
    played,
    put_off,
    read,
    read_first,
    refused,
    resumed,
    scheduled,
    sent,
    suppressed,
    unknown,
    withheld,
)
from tests.read_models import at, built, changed
from tests.spec import NOW


def campaign_after(*facts):
    row = built(campaigns.projection, *facts).one(campaigns.campaigns)
    return changed(row, campaigns.campaigns)


def message_after(*facts):
    row = built(messages.projection, *facts).one(messages.messages)
    return changed(row, messages.messages)


def test_a_drafted_campaign_shows_its_plan():
    assert campaign_after(drafted) == {
        "name": "Spring",
        "status": "draft",
        "account_id": ACCOUNT,
        "template_id": TEMPLATE,
        "plan": (
            f'{{"account_id":"{ACCOUNT}","audience":{{"kind":"all"}},"name":"Spring",'
            f'"template_id":"{TEMPLATE}","variables":{{"1":"{{first_name}}"}}}}'
        ),
        "created_at": at(1),
        "version": 1,
    }


def test_a_changed_plan_replaces_the_old_one_and_nothing_else():
    change = CampaignChanged(**of_campaign, plan=replace(plan, name="Summer"), before=plan)
    row = campaign_after(drafted, scheduled, change)
    assert (row["name"], row["status"], row["due_at"], row["version"]) == (
        "Summer",
        "scheduled",
        LATER,
        3,
    )
    assert '"name":"Summer"' in row["plan"]


def test_a_campaign_shows_the_state_it_is_in_and_why():
    steps = [
        (launched, "running", None),
        (paused, "paused", "quality"),
        (resumed, "running", None),
        (cancelled, "cancelled", "mistake"),
        (broken, "failed", "template disabled"),
    ]
    for count, (_, status, reason) in enumerate(steps, 1):
        facts = [fact for fact, *_ in steps[:count]]
        row = built(campaigns.projection, *facts).one(campaigns.campaigns)
        assert (row["status"], row["reason"], row["launched_at"]) == (status, reason, at(1))


def test_recipients_grow_with_the_chunks_until_the_last():
    row = campaign_after(drafted, launched, chunk(1, through=CONTACT))
    assert (row["recipients"], row.get("audience_done")) == (2, None)
    row = campaign_after(drafted, launched, chunk(1, through=None, last=True, so_far=3), completed)
    assert (row["recipients"], row["audience_done"], row["status"]) == (3, 1, "completed")
    assert row["completed_at"] == at(4)


def test_message_facts_count_by_what_they_say_is_new_and_no_longer_so():
    row = campaign_after(queued, attempted, accepted, sent, delivered, read, played)
    assert row == {
        "queued_count": 1,
        "accepted_count": 1,
        "sent_count": 1,
        "delivered_count": 1,
        "read_count": 1,
        "played_count": 1,
        "delivery_ms_total": 2500,
    }


def test_time_to_delivery_is_corrected_when_the_delivery_is_reported_after_the_read():
    correction = replace(delivered, newly=(), delivery_ms=-1500)
    row = campaign_after(queued, attempted, accepted, read_first, correction)
    assert (row["delivered_count"], row["delivery_ms_total"]) == (1, 2500)


def test_what_turned_out_otherwise_is_no_longer_counted():
    row = campaign_after(queued, attempted, unknown, found_out)
    assert row == {"queued_count": 1, "accepted_count": 1, "sent_count": 1}


def test_last_failures_are_counted_by_code_with_the_last_reason():
    again = replace(failed, reason="number changed")
    tables = built(campaigns.projection, queued, put_off, refused, again)
    assert tables[campaigns.campaign_failures] == {
        (WORKSPACE, CAMPAIGN, 131026): {"messages": 2, "reason": "number changed"}
    }


def test_a_failure_that_turns_out_to_be_none_is_taken_off_its_code():
    late = replace(delivered, no_longer=("failed",), failed_code=131026)
    tables = built(campaigns.projection, queued, attempted, accepted, failed, late)
    assert tables[campaigns.campaign_failures][WORKSPACE, CAMPAIGN, 131026]["messages"] == 0


def test_messages_held_back_are_counted_by_reason():
    again = replace(suppressed, reason="blocked")
    tables = built(campaigns.projection, suppressed, queued, put_off, withheld, again)
    assert tables[campaigns.campaign_suppressions] == {
        (WORKSPACE, CAMPAIGN, "opted_out"): {"messages": 1},
        (WORKSPACE, CAMPAIGN, "blocked"): {"messages": 2},
    }


def test_a_message_held_back_stays_counted_when_an_earlier_attempt_is_reported():
    late = replace(sent, newly=("accepted", "sent"), no_longer=("suppressed",))
    tables = built(campaigns.projection, queued, put_off, withheld, late)
    reasons = tables[campaigns.campaign_suppressions]
    assert reasons == {(WORKSPACE, CAMPAIGN, "blocked"): {"messages": 1}}


def test_a_reason_longer_than_its_column_is_cut():
    wordy = replace(suppressed, reason="x" * 101)
    tables = built(campaigns.projection, wordy)
    assert list(tables[campaigns.campaign_suppressions]) == [(WORKSPACE, CAMPAIGN, "x" * 100)]


def test_a_message_without_a_campaign_gives_no_reason():
    tables = built(campaigns.projection, replace(suppressed, campaign_id=None))
    assert not tables[campaigns.campaign_suppressions]


def test_a_failure_report_after_the_delivery_is_no_failure():
    tables = built(campaigns.projection, replace(failed, status="delivered", newly=()))
    assert not tables[campaigns.campaign_failures]
    assert not tables[campaigns.campaigns]


def test_messages_outside_campaigns_move_no_campaign():
    alone = [replace(fact, campaign_id=None) for fact in (queued, accepted, failed)]
    assert built(campaigns.projection, *alone).content == {}


def test_a_queued_message_is_logged_with_its_text():
    assert message_after(queued) == {
        "campaign_id": CAMPAIGN,
        "contact_id": CONTACT,
        "account_id": ACCOUNT,
        "to_phone": "+6281234567890",
        "kind": "template",
        "body": "Halo Ana",
        "status": "queued",
        "queued_at": at(1),
        "version": 1,
    }


def test_a_message_shows_when_it_got_where():
    row = message_after(queued, attempted, accepted, sent, delivered, read, played)
    assert (row["status"], row["attempts"], row["wamid"]) == ("played", 1, "wamid.1")
    assert (row["attempted_at"], row["accepted_at"]) == (NOW, at(3))
    assert {row[f"{stage}_at"] for stage in ("sent", "delivered", "read", "played")} == {LATER}


def test_stages_implied_by_a_read_have_its_instant_until_their_own_is_reported():
    row = message_after(queued, attempted, accepted, read_first)
    assert (row["sent_at"], row["delivered_at"], row["read_at"]) == (LATER, LATER, LATER)
    late = replace(delivered, status="read", newly=(), at=NOW)
    row = message_after(queued, attempted, accepted, read_first, late)
    assert (row["status"], row["delivered_at"], row["read_at"]) == ("read", NOW, LATER)


def test_a_message_that_waits_for_another_attempt_shows_the_refusal():
    row = message_after(queued, attempted, put_off)
    assert (row["status"], row["error_class"], row["error_code"]) == ("queued", "T", 130429)
    assert (row["reason"], row.get("failed_at")) == ("too fast", None)


def test_a_message_that_failed_says_when_and_why():
    row = message_after(queued, attempted, refused)
    assert (row["status"], row["reason"], row["failed_at"]) == ("failed", "not on WhatsApp", at(3))
    row = message_after(queued, attempted, accepted, failed)
    assert (row["error_code"], row["reason"], row["failed_at"]) == (131026, "undeliverable", LATER)


def test_a_message_that_never_left_says_why():
    assert message_after(suppressed) == {
        "campaign_id": CAMPAIGN,
        "contact_id": CONTACT,
        "account_id": ACCOUNT,
        "status": "suppressed",
        "reason": "opted_out",
        "version": 1,
    }
    row = message_after(queued, called_off)
    assert (row["status"], row["reason"]) == ("cancelled", "campaign cancelled")
    row = message_after(queued, attempted, unknown, expired)
    assert (row["status"], row["reason"]) == ("expired", "timeout")


def test_the_message_log_is_keyed_by_workspace_message_and_month():
    log = built(messages.projection, queued, attempted)[messages.messages]
    assert list(log) == [(WORKSPACE, MESSAGE, MONTH)]
