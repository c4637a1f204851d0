from concurrent.futures import ThreadPoolExecutor

import pytest

from domain.contact import ContactChanged
from domain.ids import parse
from tests.command_site import command_site, unknown

PHONE = "+6281234567890"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with command_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def company(site):
    return site.workspace()


def profile(company, id_):
    facts = [r.event for r in company.store.load([parse("contact", id_)]).popitem()[1]]
    return next(f.profile for f in reversed(facts) if hasattr(f, "profile"))


def test_a_contact_is_added_and_answered_with_a_receipt(company):
    answer = company.post("/v1/contacts", {"phone": "0812 3456-7890", "first_name": " Budi "})
    receipt = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/contacts/{receipt['id']}"
    assert answer.headers["Blazz-Position"] == str(receipt["position"])
    assert answer.headers["ETag"] == '"1"'
    assert receipt["version"] == 1
    assert company.facts() == ["ContactAdded", "IdentifierClaimed"]
    assert profile(company, receipt["id"]).phone == PHONE
    assert profile(company, receipt["id"]).first_name == "Budi"


def test_a_national_number_is_read_as_the_given_country_or_else_the_workspaces(site):
    german = site.workspace(country="DE")
    own = german.contact("0170 1234567")
    given = german.contact("0812 3456 7890", country="ID")
    assert profile(german, own).phone == "+491701234567"
    assert profile(german, given).phone == PHONE


def test_the_envelope_names_the_key_the_request_and_the_workspaces_zone(company):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    headers = {"Request_Id": "req-7", "traceparent": trace, "Idempotency_Key": "k"}
    id_ = company.post("/v1/contacts", {"phone": PHONE}, **headers).json()["id"]
    metadata = company.store.load([parse("contact", id_)]).popitem()[1][0].metadata
    assert metadata.actor == f"key:{company.key_id.hex}"
    assert (metadata.request_id, metadata.traceparent) == ("req-7", trace)
    assert (metadata.idempotency_key, metadata.time_zone) == ("k", "Asia/Jakarta")


def test_a_taken_number_is_refused_and_its_holder_named(company):
    holder = company.contact()
    refused = company.post("/v1/contacts", {"phone": PHONE})
    assert refused.status_code == 409
    assert refused.json()["code"] == "identifier_taken"
    assert holder in refused.json()["detail"]
    company.http.delete(f"/v1/contacts/{holder}")
    again = company.post("/v1/contacts", {"phone": PHONE})
    assert "deleted" in again.json()["detail"]
    assert again.status_code == 409


def test_of_parallel_requests_for_one_number_one_wins_and_all_others_learn_who(company):
    with ThreadPoolExecutor(20) as threads:
        answers = list(
            threads.map(lambda _: company.post("/v1/contacts", {"phone": PHONE}), range(20))
        )
    (created,) = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    refused = [answer.json() for answer in answers if answer.status_code != 201]
    assert {problem["code"] for problem in refused} == {"identifier_taken"}
    assert all(created in problem["detail"] for problem in refused)
    assert company.facts() == ["ContactAdded", "IdentifierClaimed"]


def test_two_companies_may_have_the_same_number(site):
    site.workspace().contact()
    site.workspace().contact()


def test_a_patch_replaces_what_it_names_and_null_clears(company):
    id_ = company.contact(first_name="Budi", email="b@x.id", attributes={"a": "1", "b": "2"})
    patch = {"last_name": "Santoso", "email": None, "attributes": {"a": None, "c": "3"}}
    answer = company.patch(f"/v1/contacts/{id_}", patch, 1)
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    now = profile(company, id_)
    assert (now.first_name, now.last_name, now.email) == ("Budi", "Santoso", "")
    assert now.attributes == {"b": "2", "c": "3"}
    company.patch(f"/v1/contacts/{id_}", {"attributes": None}, 2)
    assert profile(company, id_).attributes == {}


def test_an_empty_patch_changes_nothing(company):
    id_ = company.contact()
    answer = company.patch(f"/v1/contacts/{id_}", {}, 1)
    assert (answer.status_code, answer.json()["version"]) == (200, 1)


def test_a_new_number_is_claimed_and_the_old_one_released_in_one_commit(company):
    id_ = company.contact()
    company.patch(f"/v1/contacts/{id_}", {"phone": "0812 3456 7000"}, 1)
    assert company.facts()[2:] == ["ContactChanged", "IdentifierClaimed", "IdentifierReleased"]
    other = company.contact(PHONE)
    taken = company.patch(f"/v1/contacts/{other}", {"phone": "+6281234567000"}, 1)
    assert (taken.status_code, taken.json()["code"]) == (409, "identifier_taken")
    assert id_ in taken.json()["detail"]


def test_a_number_cannot_be_cleared(company):
    id_ = company.contact()
    refused = company.patch(f"/v1/contacts/{id_}", {"phone": None}, 1)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/phone"


def test_a_change_needs_the_version_that_was_read(company):
    id_ = company.contact()
    missing = company.http.patch(f"/v1/contacts/{id_}", json={"first_name": "A"})
    assert (missing.status_code, missing.json()["code"]) == (428, "if_match_missing")
    stale = company.patch(f"/v1/contacts/{id_}", {"first_name": "A"}, 7)
    assert (stale.status_code, stale.json()["code"]) == (412, "version_stale")
    assert "version 1 now" in stale.json()["detail"]
    for tag in ("17", 'W/"1"', "*", '"1", "2"', '""'):
        wrong = company.http.patch(f"/v1/contacts/{id_}", json={}, headers={"If-Match": tag})
        assert (wrong.status_code, wrong.json()["code"]) == (400, "if_match_invalid")
    assert company.facts() == ["ContactAdded", "IdentifierClaimed"]


def test_of_two_changes_made_from_one_version_the_second_is_refused(company):
    id_ = company.contact()
    with ThreadPoolExecutor(8) as threads:
        patches = [{"first_name": f"n{i}"} for i in range(8)]
        answers = list(threads.map(lambda p: company.patch(f"/v1/contacts/{id_}", p, 1), patches))
    assert sorted(a.status_code for a in answers) == [200] + [412] * 7
    assert company.facts().count(ContactChanged.__name__) == 1


def test_deleting_and_steering_honour_a_version_when_one_is_given(company):
    id_ = company.contact()
    path, stale = f"/v1/contacts/{id_}", {"If-Match": '"9"'}
    assert company.http.delete(path, headers=stale).status_code == 412
    assert company.http.post(f"{path}/block", headers=stale).status_code == 412
    assert company.http.delete(path, headers={"If-Match": '"1"'}).status_code == 200


def test_consent_block_deletion_and_restoring(company):
    path = f"/v1/contacts/{company.contact()}"
    for verb, body in (
        ("opt-out", {"reason": "asked by phone"}),
        ("opt-in", None),
        ("block", {"reason": "spam"}),
    ):
        assert company.post(f"{path}/{verb}", body).status_code == 200
        assert company.http.post(f"{path}/{verb}").status_code == 200
    assert company.http.delete(path).status_code == 200
    assert company.post(f"{path}/opt-in").json()["code"] == "contact_deleted"
    assert company.post(f"{path}/restore").status_code == 200
    assert company.facts()[2:] == [
        "ContactOptedOut",
        "ContactOptedIn",
        "ContactBlocked",
        "ContactDeleted",
        "ContactRestored",
    ]


def test_a_group_exists_once_whatever_the_case_of_its_name(company):
    made = company.post("/v1/groups", {"name": " Pelanggan "})
    again = company.post("/v1/groups", {"name": "Pelanggan"})
    other = company.post("/v1/groups", {"name": "PELANGGAN"})
    assert made.status_code == again.status_code == 201
    assert made.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (409, "group_exists")


def test_joining_and_leaving_twice_changes_nothing(company):
    group_id = company.post("/v1/groups", {"name": "VIP"}).json()["id"]
    path = f"/v1/groups/{group_id}/contacts/{company.contact()}"
    for act in (company.http.put, company.http.delete):
        first, second = act(path), act(path)
        assert first.status_code == 200
        assert first.json() == second.json()
    assert company.facts()[3:] == ["ContactJoinedGroup", "ContactLeftGroup"]


def test_group_and_contact_must_exist_for_a_membership(company):
    group_id = company.post("/v1/groups", {"name": "VIP"}).json()["id"]
    member = company.contact()
    for group, contact in ((unknown("group"), member), (group_id, unknown("contact"))):
        path = f"/v1/groups/{group}/contacts/{contact}"
        for act in (company.http.put, company.http.delete):
            assert (act(path).status_code, act(path).json()["code"]) == (404, "not_found")
