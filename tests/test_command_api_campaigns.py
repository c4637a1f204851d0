from datetime import UTC, datetime

import pytest

from commands.execute import Ask, execute
from domain.account import PauseNumber, account
from domain.ids import parse
from domain.kernel import Metadata
from domain.template import ApproveTemplate, template
from tests.command_site import command_site, unknown


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with command_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def company(site):
    return site.workspace()


def last(company, kind, shown):
    return company.store.load([parse(kind, shown)]).popitem()[1][-1].event


def draft(company, **changed):
    """A campaign with its plan, whose template is approved."""
    plan = company.plan(**changed)
    approve(company, plan["template_id"])
    answer = company.post("/v1/campaigns", plan, Idempotency_Key="draft")
    return answer.json()["id"], plan


def approve(company, template_id):
    id_ = parse("template", template_id)
    command = ApproveTemplate(workspace_id=company.workspace_id, template_id=id_)
    execute(company.store, [Ask(template, id_, command)], Metadata(), datetime.now(UTC))


def pointers(answer):
    assert answer.status_code == 422, answer.text
    return {error["pointer"]: error["code"] for error in answer.json()["errors"]}


def test_a_number_is_connected_once_in_the_installation(site, company):
    body = {"phone_number_id": "77", "waba_id": "1", "display_phone_number": "+62 811 1"}
    first = company.post("/v1/accounts", body)
    again = company.post("/v1/accounts", body)
    other = company.post("/v1/accounts", {**body, "name": "Other"})
    stranger = site.workspace().post("/v1/accounts", body)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (409, "account_exists")
    assert (stranger.status_code, stranger.json()["code"]) == (409, "number_taken")


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"phone_number_id": "x1"}, "/phone_number_id"),
        ({"waba_id": ""}, "/waba_id"),
        ({"display_phone_number": "call"}, "/display_phone_number"),
        ({"messages_per_second": 0}, "/messages_per_second"),
        ({"messages_per_second": "80"}, "/messages_per_second"),
        ({"messages_per_second": True}, "/messages_per_second"),
        ({"messages_per_second": 1.5}, "/messages_per_second"),
    ],
)
def test_a_wrong_account_is_refused(company, changed, pointer):
    body = {"phone_number_id": "1", "waba_id": "1", "display_phone_number": "+62 811 1"}
    assert list(pointers(company.post("/v1/accounts", {**body, **changed}))) == [pointer]


def test_a_whole_number_written_with_a_point_is_one(company):
    body = {"phone_number_id": "78", "waba_id": "1", "display_phone_number": "+62 811 1"}
    assert company.post("/v1/accounts", {**body, "messages_per_second": 20.0}).is_success


def test_a_template_belongs_to_a_number_of_the_workspace(site, company):
    text = {"name": "hi", "language": "en", "category": "UTILITY", "body": "Hi"}
    for account_id in (unknown("account"), site.workspace().account()):
        answer = company.post("/v1/templates", {"account_id": account_id, **text})
        assert pointers(answer) == {"/account_id": "unknown"}


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"name": "Hello World"}, "/name"),
        ({"language": "english"}, "/language"),
        ({"category": "SPAM"}, "/category"),
        ({"body": ""}, "/body"),
        ({"body": "x" * 1025}, "/body"),
        ({"header_kind": "gif"}, "/header_kind"),
        ({"footer": "x" * 61}, "/footer"),
        ({"buttons": ["x" * 26]}, "/buttons/0"),
        ({"buttons": ["x"] * 11}, "/buttons"),
        ({"account_id": "acc_1"}, "/account_id"),
    ],
)
def test_a_wrong_template_is_refused(company, changed, pointer):
    text = {"name": "hi", "language": "en", "category": "UTILITY", "body": "Hi"}
    body = {"account_id": unknown("account"), **text, **changed}
    assert list(pointers(company.post("/v1/templates", body))) == [pointer]


def test_a_template_with_broken_placeholders_is_refused_by_its_rules(company):
    account_id = company.account()
    text = {"name": "hi", "language": "en", "category": "UTILITY", "body": "Hi {{1}"}
    answer = company.post("/v1/templates", {"account_id": account_id, **text})
    assert (answer.status_code, answer.json()["code"]) == (409, "template_variables_invalid")


def test_a_campaign_is_drafted_with_its_plan(company):
    group = company.post("/v1/groups", {"name": "VIP"}).json()["id"]
    link = "https://example.com/a.png?x=1"
    id_, given = draft(company, audience={"kind": "groups", "groups": [group]}, header_link=link)
    plan = last(company, "campaign", id_).plan
    assert (plan.name, plan.variables, plan.header_link) == ("Eid", {"1": "{first_name}"}, link)
    assert plan.account_id == parse("account", given["account_id"])
    assert plan.audience.groups == (parse("group", group),)


def test_everything_a_campaign_names_must_be_the_workspaces_own(site, company):
    other = site.workspace()
    plan = {
        "name": "Eid",
        "account_id": other.account(),
        "template_id": unknown("template"),
        "audience": {"kind": "contacts", "contacts": [company.contact(), other.contact()]},
    }
    answer = company.post("/v1/campaigns", plan, Idempotency_Key="k")
    assert pointers(answer) == {
        "/account_id": "unknown",
        "/template_id": "unknown",
        "/audience/contacts/1": "unknown",
    }


@pytest.mark.parametrize(
    ("changed", "pointer", "code"),
    [
        ({"name": "  "}, "/name", "blank"),
        ({"name": "x" * 129}, "/name", "string_too_long"),
        ({"audience": {"kind": "some"}}, "/audience/kind", "literal_error"),
        ({"audience": {"kind": "groups"}}, "/audience", "audience_unclear"),
        ({"audience": {"kind": "all", "contacts": ["con_" + "0" * 32]}}, "/audience", "audience_unclear"),
        ({"audience": {"kind": "groups", "groups": ["grp_" + "0" * 32] * 2}}, "/audience", "repeated"),
        ({"audience": {"kind": "groups", "groups": ["VIP"]}}, "/audience/groups/0", "id_invalid"),
        ({"variables": {"first name": "x"}}, "/variables/first name", "string_pattern_mismatch"),
        ({"variables": {"1": 7}}, "/variables/1", "string_type"),
        ({"header_link": "ftp://example.com/a"}, "/header_link", "link_invalid"),
        ({"header_link": "javascript:alert(1)"}, "/header_link", "link_invalid"),
        ({"header_link": "https://"}, "/header_link", "link_invalid"),
        ({"header_link": "https://me:pw@example.com/"}, "/header_link", "link_invalid"),
        ({"header_link": "https://example.com:x/"}, "/header_link", "link_invalid"),
        ({"header_link": "https://exa mple.com/"}, "/header_link", "link_invalid"),
    ],
)  # fmt: skip
def test_a_wrong_plan_is_refused(company, changed, pointer, code):
    plan = {
        "name": "Eid",
        "account_id": unknown("account"),
        "template_id": unknown("template"),
        "audience": {"kind": "all"},
        **changed,
    }
    found = pointers(company.post("/v1/campaigns", plan, Idempotency_Key="k"))
    assert found in ({pointer: code}, {f"{pointer}/[key]": code})
    assert company.facts() == []


def test_a_plan_is_changed_by_a_merge_patch(company):
    id_, _ = draft(company, header_link="https://example.com/a.png")
    patch = {"name": "Idul Fitri", "variables": {"1": None, "2": "x"}, "header_link": None}
    answer = company.patch(f"/v1/campaigns/{id_}", patch, 1)
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    plan = last(company, "campaign", id_).plan
    assert (plan.name, plan.variables, plan.header_link) == ("Idul Fitri", {"2": "x"}, "")
    for text in ("a\u0000", "x" * 1025):
        refused = company.patch(f"/v1/campaigns/{id_}", {"variables": {"2": text}}, 2)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (
            422,
            "/variables/2",
        )
    company.patch(f"/v1/campaigns/{id_}", {"variables": None}, 2)
    assert last(company, "campaign", id_).plan.variables == {}


def test_a_change_is_checked_like_a_draft(company):
    id_, _ = draft(company)
    path = f"/v1/campaigns/{id_}"
    named = {
        "template_id": unknown("template"),
        "audience": {"kind": "groups", "groups": [unknown("group")]},
    }
    assert pointers(company.patch(path, named, 1)) == {
        "/template_id": "unknown",
        "/audience/groups/0": "unknown",
    }
    for field in ("name", "account_id", "template_id", "audience"):
        assert list(pointers(company.patch(path, {field: None}, 1))) == [f"/{field}"]
    assert company.patch(path, {"name": "New"}, 9).status_code == 412


def test_a_campaign_is_launched_paused_resumed_and_cancelled(company):
    id_, _ = draft(company)
    path = f"/v1/campaigns/{id_}"
    for verb in ("launch", "pause", "resume", "cancel"):
        for _ in range(2):
            assert company.post(f"{path}/{verb}").status_code == 200
    assert company.facts()[-5:] == [
        "CampaignDrafted", "CampaignLaunched", "CampaignPaused", "CampaignResumed",
        "CampaignCancelled",
    ]  # fmt: skip
    refused = company.post(f"{path}/launch")
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")


def test_a_campaign_needs_an_approved_template_a_connected_number_and_all_variables(company):
    plan = company.plan(variables={})
    id_ = company.post("/v1/campaigns", plan, Idempotency_Key="k").json()["id"]
    path = f"/v1/campaigns/{id_}/launch"
    assert company.post(path).json()["code"] == "template_not_approved"
    approve(company, plan["template_id"])
    assert company.post(path).json()["code"] == "missing_variables"
    company.patch(f"/v1/campaigns/{id_}", {"variables": {"1": "x"}}, 1)
    number = parse("account", plan["account_id"])
    pause = PauseNumber(workspace_id=company.workspace_id, account_id=number, reason="red")
    execute(company.store, [Ask(account, number, pause)], Metadata(), datetime.now(UTC))
    assert company.post(path).json()["code"] == "account_not_connected"


def test_a_campaign_is_scheduled_for_an_instant_with_an_offset(company):
    id_, _ = draft(company)
    path = f"/v1/campaigns/{id_}/schedule"
    assert company.post(path, {"at": "2090-01-31T09:00:00+07:00"}).status_code == 200
    assert last(company, "campaign", id_).due_at == datetime(2090, 1, 31, 2, tzinfo=UTC)
    past = company.post(path, {"at": "2020-01-31T09:00:00Z"})
    assert (past.status_code, past.json()["code"]) == (409, "due_in_the_past")


@pytest.mark.parametrize(
    "at",
    [
        "2090-01-31T09:00:00", "2090-01-31", "2090-02-30T09:00:00Z", "2090-01-31T09:00:60Z",
        "9999-12-31T23:59:59-14:00", "tomorrow", 3784000000, None, "2090-01-31T09:00:00+25:00",
    ],
)  # fmt: skip
def test_an_instant_without_offset_or_sense_is_refused(company, at):
    path = f"/v1/campaigns/{company.campaign()}/schedule"
    assert pointers(company.post(path, {"at": at})) == {"/at": "instant_invalid"}


def test_a_schedule_needs_an_instant(company):
    path = f"/v1/campaigns/{company.campaign()}/schedule"
    assert pointers(company.post(path, {})) == {"/at": "required"}
