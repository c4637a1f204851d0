"""WAHA numbers over the command API: connected by their session, allowed campaigns, steered."""

import pytest

from domain.ids import parse
from tests.command_site import command_site
from tests.test_command_api_accounts import launched

NAMED = {"provider": "waha", "session": "shop-1", "display_phone_number": "+62 811 222"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with command_site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def company(site):
    return site.workspace()


@pytest.fixture
def shop(company, request):
    return company.session(f"s{abs(hash(request.node.name))}")


def test_a_number_is_connected_by_the_name_of_its_session_once(site, company):
    made = company.post("/v1/accounts", NAMED | {"pace_ms": 10_000, "messages_per_day": 50})
    assert made.status_code == 201, made.text
    assert company.post("/v1/accounts", NAMED).json()["code"] == "account_exists"
    taken = site.workspace().post("/v1/accounts", NAMED)
    assert (taken.status_code, taken.json()["code"]) == (409, "number_taken")
    (record,) = company.store.load([parse("account", made.json()["id"])]).values()
    number = record[0].event
    assert (number.provider, number.phone_number_id, number.waba_id) == ("waha", "shop-1", "")
    assert (number.pace_ms, number.messages_per_day) == (10_000, 50)


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ({"session": ""}, "string_too_short", ""),
        ({"session": "7"}, "string_pattern_mismatch", "a letter, then letters"),
        ({"waba_id": "1"}, "provider_unclear", "waha has no waba_id"),
        ({"messages_per_second": 80}, "provider_unclear", "waha has no messages_per_second"),
        ({"provider": "cloud_api"}, "provider_unclear", "needs phone_number_id, waba_id"),
        ({"provider": "telegram"}, "literal_error", "waha"),
        ({"pace_ms": 999}, "greater_than_equal", "1000"),
        ({"messages_per_day": 5001}, "less_than_equal", "5000"),
    ],
)
def test_what_does_not_fit_the_provider_is_refused_in_words(company, body, code, words):
    answer = company.post("/v1/accounts", NAMED | body)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["code"]) == (422, code)
    assert words in error["detail"]
    assert company.facts() == []


def test_a_campaign_needs_the_workspaces_consent_to_the_risk(company, shop):
    template_id = company.template(shop)
    plan = company.plan(account_id=shop, template_id=template_id)
    refused = launched(company, plan)
    assert (refused.status_code, refused.json()["code"]) == (409, "campaigns_not_allowed")
    assert f"POST /v1/accounts/{shop}/allow-campaigns" in refused.json()["detail"]
    for _ in range(2):
        assert company.post(f"/v1/accounts/{shop}/allow-campaigns").status_code == 200
    drafted = company.post("/v1/campaigns", plan, Idempotency_Key="again").json()["id"]
    assert company.post(f"/v1/campaigns/{drafted}/launch").status_code == 200
    assert company.post(f"/v1/accounts/{shop}/forbid-campaigns").status_code == 200
    assert company.facts().count("CampaignsAllowed") == 1


def test_a_session_is_steered_by_whoever_manages_numbers(site, company, shop):
    for action in ("start", "start", "restart", "stop", "logout"):
        assert company.post(f"/v1/accounts/{shop}/session/{action}").status_code == 200
    assert company.facts().count("SessionAsked") == 4
    reader = site.workspace(scopes='["read","send"]')
    path = f"/v1/accounts/{shop}/session/start"
    assert (reader.post(path).status_code, site.workspace().post(path).status_code) == (403, 404)


def test_a_number_of_the_cloud_api_has_neither_session_nor_rules_of_waha(company):
    number = company.account()
    for path, code in (
        ("session/start", "no_session"),
        ("allow-campaigns", "campaigns_always_allowed"),
    ):
        answer = company.post(f"/v1/accounts/{number}/{path}")
        assert (answer.status_code, answer.json()["code"]) == (409, code)
