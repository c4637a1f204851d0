"""The dashboard's figures and the figures of each day."""

from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from domain import contact as con
from domain import template as tpl
from domain.group import GroupCreated
from domain.workspace import WorkspaceCreated
from projections import daily, dashboard
from projections.stages import Counters, changes
from tests.examples import (
    CONTACT,
    GROUP,
    TEMPLATE,
    WORKSPACE,
    accepted,
    added,
    attempted,
    drafted,
    launched,
    queued,
    submitted,
)
from tests.projection_facts import (
    broken,
    cancelled,
    completed,
    delivered,
    failed,
    found_out,
    paused,
    read,
    read_first,
    refused,
    resumed,
    scheduled,
    sent,
    unknown,
)
from tests.read_models import built, changed

TODAY = date(2026, 3, 1)
of_contact = {"workspace_id": WORKSPACE, "contact_id": CONTACT}
of_template = {"workspace_id": WORKSPACE, "template_id": TEMPLATE}
opened = WorkspaceCreated(
    workspace_id=WORKSPACE, name="Toko", time_zone="UTC", country="ID", language="id"
)
deleted = con.ContactDeleted(**of_contact, groups=())
restored = con.ContactRestored(**of_contact, groups=(), was_deleted=True, was_blocked=True)
blocked = con.ContactBlocked(**of_contact)
opted_out = con.ContactOptedOut(**of_contact, source="api")
opted_in = con.ContactOptedIn(**of_contact, source="api", was_opted_out=True)


def figures(*facts):
    row = built(dashboard.projection, *facts).one(dashboard.workspace_dashboard)
    return changed(row, dashboard.workspace_dashboard)


def days(*facts, **options):
    tables = built(daily.projection, *facts, **options)
    rows = tables[daily.daily_analytics].items()
    return {day: changed(row, daily.daily_analytics) for (_, day), row in rows}


def test_a_new_workspace_has_noughts():
    assert figures(opened) == {}


def test_contacts_are_counted_while_they_live():
    assert figures(added) == {"contacts": 1}
    assert figures(added, deleted) == {}
    assert figures(added, blocked, deleted, restored) == {"contacts": 1}
    assert figures(added, blocked) == {"contacts": 1, "blocked": 1}


def test_opted_out_counts_who_is_so_now():
    assert figures(added, opted_out) == {"contacts": 1, "opted_out": 1}
    assert figures(added, opted_out, opted_in) == {"contacts": 1}
    expressly = replace(opted_in, was_opted_out=False)
    assert figures(added, expressly) == {"contacts": 1}


def test_groups_and_approved_templates_are_counted():
    assert figures(GroupCreated(workspace_id=WORKSPACE, group_id=GROUP, name="VIP")) == {
        "contact_groups": 1
    }
    approved = tpl.TemplateApproved(**of_template, was="submitted")
    assert figures(submitted, approved) == {"templates_approved": 1}
    for fact in (tpl.TemplatePaused, tpl.TemplateRejected, tpl.TemplateDisabled):
        assert figures(approved, fact(**of_template, reason="", was="approved")) == {}
    disabled = tpl.TemplateDisabled(**of_template, reason="", was="paused")
    assert figures(approved, disabled) == {"templates_approved": 1}


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ([], "draft"),
        ([scheduled], "scheduled"),
        ([scheduled, replace(scheduled, was="scheduled")], "scheduled"),
        ([launched], "running"),
        ([scheduled, replace(launched, was="scheduled")], "running"),
        ([launched, paused], "paused"),
        ([launched, paused, resumed], "running"),
        ([launched, completed], "completed"),
        ([launched, cancelled], "cancelled"),
        ([launched, paused, broken], "failed"),
    ],
)
def test_a_campaign_counts_in_the_state_it_is_in(facts, state):
    assert figures(drafted, *facts) == {f"campaigns_{state}": 1}


def test_messages_count_in_every_stage_they_reached():
    assert figures(queued, attempted) == {"messages_queued": 1, "messages_pending": 1}
    assert figures(queued, attempted, unknown, found_out, read_first) == {
        "messages_queued": 1,
        "messages_accepted": 1,
        "messages_sent": 2,
        "messages_delivered": 1,
        "messages_read": 1,
    }


def test_only_stages_with_a_column_are_counted():
    assert changes(refused, Counters({"failed": "failures"})) == {"failures": 1}


def test_a_day_counts_what_happened_on_it():
    assert days(drafted, added, opted_out, queued, attempted, accepted, completed) == {
        TODAY: {
            "campaigns_created": 1,
            "new_contacts": 1,
            "opt_outs": 1,
            "messages_queued": 1,
            "messages_accepted": 1,
            "campaigns_completed": 1,
        }
    }


def test_reports_count_on_the_day_the_provider_names():
    before, after = datetime(2026, 2, 28, 23, 59, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    assert days(replace(sent, at=before), replace(read, at=after)) == {
        date(2026, 2, 28): {"messages_sent": 1},
        date(2026, 3, 2): {"messages_read": 1},
    }


def test_days_are_cut_in_the_zone_of_the_workspace():
    late = replace(sent, at=datetime(2026, 2, 28, 23, 59, tzinfo=UTC))
    assert days(late, time_zone="Asia/Jakarta") == {TODAY: {"messages_sent": 1}}
    early = replace(sent, at=datetime(2026, 3, 1, 1, tzinfo=UTC))
    assert days(early, time_zone="America/Lima") == {date(2026, 2, 28): {"messages_sent": 1}}


def test_a_failure_taken_back_is_taken_from_the_day_it_turned_out_otherwise():
    tomorrow = datetime(2026, 3, 2, tzinfo=UTC)
    delivery = replace(delivered, no_longer=("failed",), at=tomorrow)
    assert days(failed, delivery) == {
        TODAY: {"messages_failed": 1},
        date(2026, 3, 2): {"messages_delivered": 1, "messages_failed": -1},
    }


def test_the_people_a_day_reached_are_counted_once_each():
    tables = built(daily.projection, sent, sent, accepted, read)
    assert tables[daily.daily_contacts] == {(WORKSPACE, TODAY, CONTACT): {"messages": 2}}


def test_a_fact_that_changes_no_count_leaves_the_day_alone():
    assert days(attempted, replace(read, newly=())) == {}
