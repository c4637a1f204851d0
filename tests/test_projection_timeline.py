"""What a contact's timeline tells, and what it leaves to other read models."""

import json

import pytest
from msgspec.structs import replace

from domain import contact as con
from domain.ids import show
from projections import timeline
from tests.examples import (
    CAMPAIGN,
    CONTACT,
    GROUP,
    MESSAGE,
    MONTH,
    WORKSPACE,
    accepted,
    added,
    ana,
    attempted,
    queued,
)
from tests.projection_facts import (
    LATER,
    called_off,
    delivered,
    expired,
    failed,
    played,
    put_off,
    read,
    refused,
    sent,
    suppressed,
    unknown,
)
from tests.read_models import at, built

of_contact = {"workspace_id": WORKSPACE, "contact_id": CONTACT}
of_group = {**of_contact, "group_id": GROUP, "membership": 1}
renamed = replace(ana, first_name="Anna", email="")
shown_group = {"group_id": show("group", GROUP)}
no_groups = {"groups": (), "was_deleted": True, "was_blocked": False}
opted_in = con.ContactOptedIn(**of_contact, source="api", was_opted_out=True)
opted_out = con.ContactOptedOut(**of_contact, source="webhook", reason="STOP")


@pytest.mark.parametrize(
    ("fact", "kind", "detail"),
    [
        (added, "added", {"source": "api"}),
        (
            con.ContactChanged(**of_contact, profile=renamed, before=ana),
            "changed",
            {"changed": ["first_name", "email"]},
        ),
        (con.ContactJoinedGroup(**of_group), "group_joined", shown_group),
        (con.ContactLeftGroup(**of_group), "group_left", shown_group),
        (opted_in, "opted_in", {"source": "api"}),
        (opted_out, "opted_out", {"source": "webhook", "reason": "STOP"}),
        (con.ContactBlocked(**of_contact, reason="spam"), "blocked", {"reason": "spam"}),
        (con.ContactDeleted(**of_contact, groups=()), "deleted", {}),
        (con.ContactRestored(**of_contact, **no_groups), "restored", {}),
    ],
)
def test_contact_facts_are_told_with_what_matters_of_them(fact, kind, detail):
    tables = built(timeline.projection, fact)
    assert list(tables[timeline.contact_timeline]) == [(WORKSPACE, CONTACT, 1, MONTH)]
    row = tables.one(timeline.contact_timeline)
    assert (row["kind"], row["at"], row["message_id"]) == (kind, at(1), None)
    assert json.loads(row["detail"]) == detail


@pytest.mark.parametrize(
    ("fact", "kind", "when", "detail"),
    [
        (queued, "message_queued", at(1), {"kind": "template", "template": "spring_sale"}),
        (sent, "message_sent", LATER, {}),
        (delivered, "message_delivered", LATER, {}),
        (read, "message_read", LATER, {}),
        (played, "message_played", LATER, {}),
        (failed, "message_failed", LATER, {"code": 131026, "reason": "undeliverable"}),
        (refused, "message_failed", at(1), {"code": 131026, "reason": "not on WhatsApp"}),
        (suppressed, "message_suppressed", at(1), {"reason": "opted_out"}),
        (called_off, "message_cancelled", at(1), {"reason": "campaign cancelled"}),
        (unknown, "message_unknown", at(1), {"reason": "timeout"}),
        (expired, "message_expired", at(1), {}),
    ],
)
def test_message_facts_are_told_with_their_own_instant(fact, kind, when, detail):
    row = built(timeline.projection, fact).one(timeline.contact_timeline)
    assert (row["kind"], row["at"]) == (kind, when)
    assert (row["campaign_id"], row["message_id"]) == (CAMPAIGN, MESSAGE)
    assert json.loads(row["detail"]) == detail


def test_attempts_and_waiting_are_not_told():
    assert built(timeline.projection, attempted, put_off, accepted).content == {}


def test_facts_stand_in_the_order_of_the_log():
    tables = built(timeline.projection, added, queued, attempted, sent)
    keys = [(WORKSPACE, CONTACT, position, MONTH) for position in (1, 2, 4)]
    assert list(tables[timeline.contact_timeline]) == keys


def test_a_timeline_never_repeats_what_a_message_said():
    content = replace(queued.content, text="a secret")
    row = built(timeline.projection, replace(queued, content=content)).one(
        timeline.contact_timeline
    )
    assert "secret" not in row["detail"]
