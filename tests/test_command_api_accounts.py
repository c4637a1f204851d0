"""A number is paused, resumed and disconnected over the API, and a launch says what it needs."""

from datetime import UTC, datetime

import pytest

from commands.execute import Ask, execute
from domain.ids import parse
from domain.kernel import Metadata
from domain.template import ApproveTemplate, template
from tests.command_site import command_site, unknown


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with command_site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def company(site):
    return site.workspace()


def launched(company, plan):
    """The answer to launching such a campaign, its template approved."""
    id_ = parse("template", plan["template_id"])
    command = ApproveTemplate(workspace_id=company.workspace_id, template_id=id_)
    execute(company.store, [Ask(template, id_, command)], Metadata(), datetime.now(UTC))
    drafted = company.post("/v1/campaigns", plan, Idempotency_Key="draft")
    assert drafted.status_code == 201, drafted.text
    return company.post(f"/v1/campaigns/{drafted.json()['id']}/launch")


def test_a_number_is_paused_resumed_disconnected_and_connected_again(company):
    id_ = company.account("4242")
    for verb in ("pause", "resume", "disconnect"):
        for _ in range(2):
            assert company.post(f"/v1/accounts/{id_}/{verb}").status_code == 200
    refused = company.post(f"/v1/accounts/{id_}/resume")
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    assert company.account("4242") == id_
    assert company.facts() == [
        "NumberConnected", "NumberPaused", "NumberResumed", "NumberDisconnected", "NumberConnected",
    ]  # fmt: skip


def test_numbers_are_stopped_by_whoever_may_send_in_their_own_workspace(site, company):
    id_ = company.account()
    writer = site.workspace(scopes='["read","write"]')
    for verb in ("pause", "resume", "disconnect"):
        assert writer.post(f"/v1/accounts/{id_}/{verb}").status_code == 403
        assert site.workspace().post(f"/v1/accounts/{id_}/{verb}").status_code == 404
        path = f"/v1/accounts/{unknown('account')}/{verb}"
        assert company.post(path).status_code == 404


def test_a_launch_from_a_paused_number_says_why_it_is_paused(company):
    plan = company.plan()
    company.post(f"/v1/accounts/{plan['account_id']}/pause", {"reason": "payment is due"})
    answer = launched(company, plan)
    assert (answer.status_code, answer.json()["code"]) == (409, "account_not_connected")
    assert "paused (payment is due); resume the number" in answer.json()["detail"]


def test_a_launch_refuses_a_template_of_another_number(company):
    answer = launched(company, company.plan(account_id=company.account()))
    assert answer.json()["code"] == "template_of_another_number"


def test_a_template_with_a_file_in_its_header_needs_the_address_of_it(company):
    plan = company.plan()
    text = {"name": "pic", "language": "en", "category": "UTILITY", "body": "Hi {{1}}"}
    body = {**text, "account_id": plan["account_id"], "header_kind": "image"}
    made = company.post("/v1/templates", body).json()["id"]
    answer = launched(company, {**plan, "template_id": made})
    assert answer.json()["code"] == "header_link_missing"


def test_a_header_link_without_a_file_in_the_header_is_refused(company):
    answer = launched(company, company.plan(header_link="https://files.test/a.png"))
    assert answer.json()["code"] == "header_link_unexpected"


@pytest.mark.parametrize("body", [[], "x", 7])
def test_a_body_that_is_no_object_is_refused_in_plain_words(company, body):
    (error,) = company.post("/v1/contacts", body).json()["errors"]
    assert error["detail"] == "the body must be a JSON object"


def test_a_form_is_told_in_words_and_not_as_a_pattern(company):
    body = {"phone_number_id": "x", "waba_id": "1", "display_phone_number": "+62 811 1"}
    (error,) = company.post("/v1/accounts", body).json()["errors"]
    assert (error["pointer"], error["detail"]) == ("/phone_number_id", "must be 1 to 32 digits")


def test_a_year_out_of_range_is_refused_with_the_years(company):
    path = f"/v1/campaigns/{company.campaign()}/schedule"
    (error,) = company.post(path, {"at": "2999-01-31T09:00:00Z"}).json()["errors"]
    assert (error["pointer"], error["detail"]) == ("/at", "must be in the years 2000 to 2099")
