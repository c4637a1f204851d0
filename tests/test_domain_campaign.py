"""Rules of a campaign: from its draft to its launch."""

from datetime import datetime, timedelta, timezone
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.campaign import (
    Audience,
    CampaignChanged,
    CampaignDrafted,
    CampaignLaunched,
    CampaignScheduled,
    CancelCampaign,
    ChangeCampaign,
    CompleteCampaign,
    DraftCampaign,
    FailCampaign,
    LaunchCampaign,
    PauseCampaign,
    QueueAudience,
    ResumeCampaign,
    ScheduleCampaign,
    campaign,
)
from tests.examples import (
    ACCOUNT,
    CONTACT,
    DAY,
    GROUP,
    OTHER_CONTACT,
    SECOND,
    drafted,
    launched,
    of_campaign,
    plan,
)
from tests.spec import NOW, given

ids = {name: of_campaign[name] for name in ("workspace_id", "campaign_id")}
summer = replace(plan, name="Summer", account_id=OTHER_CONTACT)
due = NOW + DAY
scheduled = CampaignScheduled(**of_campaign, due_at=due, was="draft")
launch = LaunchCampaign(
    **ids, template_status="approved", template_variables=("1",), account_status="connected"
)
chunk = {"chunk": 1, "queued": 1, "suppressed": 0, "through": CONTACT, "last": False}


def people(n):
    return tuple(UUID(int=number) for number in range(n))


def test_a_campaign_is_drafted_once():
    given(campaign).when(DraftCampaign(**ids, plan=plan)).then(drafted)
    given(campaign, drafted).when(DraftCampaign(**ids, plan=plan)).then()
    other = given(campaign, drafted).when(DraftCampaign(**ids, plan=summer))
    other.refused("campaign_exists", "cmp_")


@pytest.mark.parametrize(
    "command",
    [
        ChangeCampaign(**ids, plan=plan),
        ScheduleCampaign(**ids, due_at=due),
        launch,
        QueueAudience(**ids, **chunk),
        PauseCampaign(**ids),
        ResumeCampaign(**ids),
        CancelCampaign(**ids),
        CompleteCampaign(**ids),
        FailCampaign(**ids, reason="x"),
    ],
)
def test_nothing_can_be_asked_of_an_absent_campaign(command):
    given(campaign).when(command).refused("not_found", "there is no campaign cmp_")


@pytest.mark.parametrize(
    ("wrong", "code", "word"),
    [
        ({"name": ""}, "invalid_name", "campaign"),
        ({"name": "n" * 129}, "invalid_name", "129"),
        ({"audience": Audience(kind="groups")}, "invalid_audience", "at least one group"),
        (
            {"audience": Audience(kind="groups", groups=(GROUP,), contacts=(CONTACT,))},
            "invalid_audience",
            "1 groups and 1 contacts",
        ),
        (
            {"audience": Audience(kind="groups", groups=(GROUP, GROUP))},
            "invalid_audience",
            "groups once; 1 are repetitions",
        ),
        ({"audience": Audience(kind="contacts")}, "invalid_audience", "1 to 10000"),
        (
            {"audience": Audience(kind="contacts", contacts=(CONTACT, CONTACT))},
            "invalid_audience",
            "contacts once",
        ),
        (
            {"audience": Audience(kind="contacts", contacts=people(10_001))},
            "invalid_audience",
            "10001 contacts",
        ),
        (
            {"audience": Audience(kind="contacts", contacts=(CONTACT,), groups=(GROUP,))},
            "invalid_audience",
            "no groups",
        ),
        ({"audience": Audience(kind="all", groups=(GROUP,))}, "invalid_audience", "kind all"),
        ({"audience": Audience(kind="all", contacts=(CONTACT,))}, "invalid_audience", "kind all"),
    ],
)
def test_a_plan_has_a_name_and_a_clear_audience(wrong, code, word):
    asked = replace(plan, **wrong)
    given(campaign).when(DraftCampaign(**ids, plan=asked)).refused(code, word)
    given(campaign, drafted).when(ChangeCampaign(**ids, plan=asked)).refused(code, word)


@pytest.mark.parametrize(
    "audience",
    [
        Audience(kind="groups", groups=(GROUP, CONTACT)),
        Audience(kind="contacts", contacts=(CONTACT,)),
        Audience(kind="contacts", contacts=people(10_000)),
    ],
)
def test_an_audience_may_be_groups_or_up_to_ten_thousand_contacts(audience):
    asked = replace(plan, audience=audience)
    expected = CampaignDrafted(**of_campaign, plan=asked)
    given(campaign).when(DraftCampaign(**ids, plan=asked)).then(expected)


def test_a_plan_is_changed_until_the_launch():
    changed = CampaignChanged(
        **{**of_campaign, "account_id": summer.account_id}, plan=summer, before=plan
    )
    change = ChangeCampaign(**ids, plan=summer)
    given(campaign, drafted).when(change).then(changed)
    given(campaign, drafted, scheduled).when(change).then(changed)
    given(campaign, drafted).when(ChangeCampaign(**ids, plan=plan)).then()
    given(campaign, drafted, launched).when(change).refused("wrong_state", "running")


def test_changing_a_scheduled_campaign_keeps_its_schedule():
    changed = CampaignChanged(**of_campaign, plan=summer, before=plan)
    past = given(campaign, drafted, scheduled, changed)
    past.when(ScheduleCampaign(**ids, due_at=due)).then()
    assert past.state.status == "scheduled"
    assert past.state.due_at == due


def test_a_campaign_is_scheduled_and_rescheduled():
    given(campaign, drafted).when(ScheduleCampaign(**ids, due_at=due)).then(scheduled)
    given(campaign, drafted, scheduled).when(ScheduleCampaign(**ids, due_at=due)).then()
    later = ScheduleCampaign(**ids, due_at=due + DAY)
    moved = CampaignScheduled(**of_campaign, due_at=due + DAY, was="scheduled")
    given(campaign, drafted, scheduled).when(later).then(moved)


def test_repeating_a_schedule_that_has_come_due_changes_nothing():
    past = given(campaign, drafted, scheduled)
    past.when(ScheduleCampaign(**ids, due_at=due), now=due + DAY).then()


def test_a_schedule_is_kept_in_utc():
    jakarta = timezone(timedelta(hours=7))
    asked = ScheduleCampaign(**ids, due_at=due.astimezone(jakarta))
    given(campaign, drafted).when(asked).then(scheduled)


@pytest.mark.parametrize("due_at", [NOW, NOW - SECOND])
def test_a_schedule_is_in_the_future(due_at):
    asked = given(campaign, drafted).when(ScheduleCampaign(**ids, due_at=due_at))
    asked.refused("due_in_the_past", due_at.isoformat(), NOW.isoformat())


def test_a_schedule_says_which_offset_from_utc_it_means():
    local = datetime(2027, 1, 1)  # noqa: DTZ001
    asked = given(campaign, drafted).when(ScheduleCampaign(**ids, due_at=local))
    asked.refused("invalid_due_at", "2027-01-01T00:00:00")


def test_a_running_campaign_is_not_scheduled():
    asked = given(campaign, drafted, launched).when(ScheduleCampaign(**ids, due_at=due))
    asked.refused("wrong_state", "running", "draft or scheduled")


def test_a_campaign_is_launched_once():
    given(campaign, drafted).when(launch).then(launched)
    on_time = CampaignLaunched(**of_campaign, plan=plan, was="scheduled")
    given(campaign, drafted, scheduled).when(launch).then(on_time)
    given(campaign, drafted, launched).when(launch).then()
    unapproved = replace(launch, template_status="paused")
    given(campaign, drafted, launched).when(unapproved).then()


def test_a_launch_fixes_the_plan_as_it_was_last_changed():
    changed = CampaignChanged(**of_campaign, plan=summer, before=plan)
    expected = CampaignLaunched(
        **{**of_campaign, "account_id": summer.account_id}, plan=summer, was="draft"
    )
    given(campaign, drafted, changed).when(launch).then(expected)


@pytest.mark.parametrize(
    ("wrong", "code", "word"),
    [
        ({"template_status": "submitted"}, "template_not_approved", "submitted"),
        ({"template_status": "paused"}, "template_not_approved", "paused"),
        ({"account_status": "disconnected"}, "account_not_connected", "disconnected"),
        ({"account_status": "paused"}, "account_not_connected", "paused; resume the number"),
        (
            {"account_status": "paused", "account_reason": "red"},
            "account_not_connected",
            "paused (red); resume the number",
        ),
        ({"template_account": UUID(int=9)}, "template_of_another_number", "the same number"),
        ({"template_header": "image"}, "header_link_missing", "kind image"),
        ({"template_header": "image", "account_links": False}, "link_not_taken", "WAHA"),
        ({"template_variables": ("1", "2", "3")}, "missing_variables", "2, 3"),
        ({"template_variables": ()}, "unknown_variables", "it has none"),
        ({"template_variables": ("name",)}, "missing_variables", "name"),
    ],
)
def test_a_launch_needs_template_number_and_variables(wrong, code, word):
    given(campaign, drafted).when(replace(launch, **wrong)).refused(code, word)
    given(campaign, drafted, scheduled).when(replace(launch, **wrong)).refused(code, word)


@pytest.mark.parametrize("kind", ["", "text"])
def test_a_header_link_needs_a_template_with_a_file_in_its_header(kind):
    linked = replace(plan, header_link="https://files.test/a.png")
    past = given(campaign, CampaignDrafted(**of_campaign, plan=linked))
    told = replace(launch, template_account=plan.account_id)
    past.when(replace(told, template_header=kind)).refused("header_link_unexpected", "take")
    past.when(replace(told, template_header="image")).then(
        CampaignLaunched(**of_campaign, plan=linked, was="draft")
    )


def test_a_header_link_leads_to_a_public_place():
    inside = replace(plan, header_link="http://169.254.169.254/latest")
    command = DraftCampaign(**ids, plan=inside)
    given(campaign).when(command).refused("private_link", "169.254.169.254")


def test_every_text_of_the_plan_is_used_by_the_template():
    asked = replace(plan, variables={"1": "a", "2": "b"})
    past = given(campaign, CampaignDrafted(**of_campaign, plan=asked))
    past.when(launch).refused("unknown_variables", "no variables 2", "it has 1")


def test_the_ids_of_a_fact_are_those_it_is_counted_by():
    fact = campaign.decide(campaign.initial, DraftCampaign(**ids, plan=plan), NOW)[0]
    assert fact.account_id == ACCOUNT
