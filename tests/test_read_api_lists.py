from uuid import UUID

import pytest

from domain.campaign import Audience
from domain.ids import show
from tests.read_site import read_site
from tests.stage import Stage

NOBODY = UUID(int=7)


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    with_facts = Stage(tmp_path_factory.mktemp("stage"))
    with_facts.contacts([{"phone": f"+6281234567{n:03}"} for n in range(25)])
    with_facts.campaign_id = with_facts.queued(Audience(kind="all"))
    yield with_facts
    with_facts.close()


@pytest.fixture(scope="module")
def site(stage):
    with read_site(stage) as running:
        yield running


@pytest.fixture(scope="module")
def http(site, stage):
    return site.client(stage.ws)


@pytest.fixture(scope="module")
def stranger(site, stage):
    return site.client(stage.new_workspace())


def pages(http, path, **query):
    items, answer = [], http.get(path, params=query).json()
    while True:
        items.append(answer["items"])
        if answer["next_url"] is None:
            assert answer["next"] is None
            return items
        answer = http.get(answer["next_url"]).json()


def test_pages_follow_each_other_without_loss_or_repeat(http):
    found = pages(http, "/v1/contacts", limit=7)
    assert [len(page) for page in found] == [7, 7, 7, 4]
    ids = [contact["contact_id"] for page in found for contact in page]
    assert len(set(ids)) == 25
    assert ids == sorted(ids, reverse=True)


def test_pages_lose_and_repeat_nothing_while_contacts_are_added(site, stage):
    ws = stage.new_workspace()
    before = stage.contacts([{"phone": f"+628222345{n:04}"} for n in range(20)], ws)
    http = site.client(ws)
    first = http.get("/v1/contacts", params={"limit": 8}).json()
    stage.contacts([{"phone": f"+628333345{n:04}"} for n in range(10)], ws)
    stage.project()
    seen, answer = [c["contact_id"] for c in first["items"]], first
    while answer["next_url"]:
        answer = http.get(answer["next_url"]).json()
        seen += [c["contact_id"] for c in answer["items"]]
    assert sorted(seen) == sorted(show("contact", id_) for id_ in before)


def test_a_cursor_of_another_list_filter_or_workspace_is_refused(http, stranger, stage):
    cursor = http.get("/v1/contacts", params={"limit": 5}).json()["next"]
    path = f"/v1/campaigns/{show('campaign', stage.campaign_id)}/messages"
    for client, where, query in (
        (http, path, {}),
        (http, "/v1/contacts", {"search": "ana"}),
        (stranger, "/v1/contacts", {}),
        (http, "/v1/contacts", {"after": cursor[:-2] + "xx"}),
        (http, "/v1/contacts", {"after": "ä"}),
    ):
        answer = client.get(where, params={"after": cursor, **query})
        assert answer.status_code == 400, (where, query)
        assert answer.json()["code"] == "invalid_cursor"


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"limit": "0"}, "?limit"),
        ({"limit": "101"}, "?limit"),
        ({"limit": "x"}, "?limit"),
        ({"limit": "0001000"}, "?limit"),
        ({"group": ""}, "?group"),
        ({"serach": "ana"}, "?serach"),
        ({"search": " , "}, "?search"),
        ({"search": "a b c d e f g"}, "?search"),
        ({"search": "x" * 201}, "?search"),
        ({"group": "grp_1"}, "?group"),
        ({"opted_out": "yes"}, "?opted_out"),
        ({"opted_out": ""}, "?opted_out"),
        ([("search", "a"), ("search", "b")], "?search"),
    ],
)
def test_a_parameter_that_cannot_be_honoured_is_refused(http, query, pointer):
    answer = http.get("/v1/contacts", params=query)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-01-01"},
        {"from": "2026-01-01", "to": "yesterday"},
        {"from": "20260101", "to": "20260102"},
        {"from": "2026-W01-1", "to": "2026-01-02"},
        {"from": "2026-01-02", "to": "2026-01-01"},
        {"from": "2020-01-01", "to": "2026-01-01"},
    ],
)
def test_a_range_of_days_must_be_one(http, query):
    assert http.get("/v1/analytics/daily", params=query).status_code == 422


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({}, ["missing", "missing"]),
        ({"from": "x", "to": "2026-02-30"}, ["invalid_value", "invalid_value"]),
        ({"to": "y"}, ["missing", "invalid_value"]),
    ],
)
def test_both_days_are_told_to_be_wrong_at_once(http, query, codes):
    errors = http.get("/v1/analytics/daily", params=query).json()["errors"]
    assert [error["pointer"] for error in errors] == ["?from", "?to"]
    assert [error["code"] for error in errors] == codes


def test_an_empty_search_is_none_and_an_empty_status_is_no_status(http):
    assert len(http.get("/v1/contacts?search=&limit=100").json()["items"]) == 25
    assert http.get("/v1/campaigns?status=").status_code == 422


@pytest.mark.parametrize("position", ["-1", "x", "1" * 19, "1.5"])
def test_a_position_that_is_none_is_refused(http, position):
    answer = http.get("/v1/contacts", headers={"Blazz-Min-Position": position})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_position")


def test_nothing_new_is_answered_with_304(http):
    tag = http.get("/v1/contacts").headers["etag"]
    again = http.get("/v1/contacts", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert http.get("/v1/groups", headers={"If-None-Match": tag}).status_code == 200


def test_another_workspace_finds_nothing_by_our_ids(http, stranger, stage):
    contact = http.get("/v1/contacts").json()["items"][0]["contact_id"]
    campaign = show("campaign", stage.campaign_id)
    message = http.get(f"/v1/campaigns/{campaign}/messages").json()["items"][0]["message_id"]
    for path, id_ in (
        ("/v1/contacts/{}", contact),
        ("/v1/contacts/{}/timeline", contact),
        ("/v1/campaigns/{}", campaign),
        ("/v1/campaigns/{}/messages", campaign),
        ("/v1/messages/{}", message),
    ):
        assert http.get(path.format(id_)).status_code == 200, path
        theirs = stranger.get(path.format(id_))
        nobodys = stranger.get(path.format(id_[:-8] + "00000000"))
        assert theirs.status_code == 404, path
        assert theirs.json()["code"] == nobodys.json()["code"] == "not_found"
    for path in (
        "/v1/contacts",
        "/v1/campaigns",
        "/v1/accounts",
        "/v1/templates",
        "/v1/groups",
        "/v1/imports",
    ):
        assert stranger.get(path).json()["items"] == [], path


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/contacts/{show('contact', NOBODY)}",
        f"/v1/contacts/{show('contact', NOBODY)}/timeline",
        f"/v1/campaigns/{show('campaign', NOBODY)}/messages",
        f"/v1/messages/{show('message', NOBODY)}",
        f"/v1/imports/{show('import', NOBODY)}/rows.csv",
        "/v1/contacts/con_xyz",
        f"/v1/contacts/{show('campaign', NOBODY)}",
        "/v1/nothing",
    ],
)
def test_what_is_not_there_is_404(http, path):
    answer = http.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_read_api_only_reads(http):
    answer = http.post("/v1/contacts", json={})
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


def test_a_key_without_the_read_scope_reads_nothing(site, stage):
    answer = site.client(stage.ws, scopes=("write",)).get("/v1/contacts")
    assert answer.status_code == 403
