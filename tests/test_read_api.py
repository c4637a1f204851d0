import csv
import io
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from uuid_utils.compat import uuid7

from domain.campaign import Audience
from domain.contact import DeleteContact, LeaveGroup, OptOutContact, contact
from domain.contact_import import (
    FinishImport,
    RecordImportChunk,
    RowOutcome,
    StartImport,
    contact_import,
)
from domain.ids import message_id, show
from projections.checkpoints import checkpoints
from tests.read_site import read_site
from tests.stage import Stage


@pytest.fixture
def stage(tmp_path, read_database):
    with_facts = Stage(tmp_path, read_url=read_database)
    yield with_facts
    with_facts.close()


@pytest.fixture
def site(stage):
    with read_site(stage) as running:
        yield running


@pytest.fixture
def http(site, stage):
    return site.client(stage.ws)


def test_a_contact_is_shown_with_its_groups_and_version(stage, http):
    id_ = stage.contact("+6281234567890", first_name="Siti", attributes={"city": "Medan"})
    stage.group("VIP", id_)
    stage.project()
    answer = http.get(f"/v1/contacts/{show('contact', id_)}")
    body = answer.json()
    assert answer.status_code == 200
    assert (body["first_name"], body["attributes"]) == ("Siti", {"city": "Medan"})
    assert [g["name"] for g in body["groups"]] == ["VIP"]
    assert answer.headers["etag"] == f'"{body["version"]}"'
    assert body["opted_out"] is False


def test_every_answer_says_which_position_it_stands_for(stage, http):
    stage.contact("+6281234567890")
    stage.project()
    answer = http.get("/v1/contacts")
    meta = answer.json()["meta"]
    assert meta["position"] == stage.store.head() == int(answer.headers["blazz-position"])
    assert abs(datetime.now(UTC) - datetime.fromisoformat(meta["as_of"])) < timedelta(minutes=1)
    assert meta["lag_ms"] >= 0
    assert datetime.fromisoformat(meta["checked_at"]) >= datetime.fromisoformat(meta["as_of"])


def test_a_mark_in_the_log_is_a_sign_of_life_though_nothing_is_new(stage, http):
    stage.contact("+6281234567890")
    stage.project()
    before = http.get("/v1/contacts").json()["meta"]
    with stage.read.begin() as connection:
        moved = {"applied_at": datetime.now(UTC)}
        connection.execute(update(checkpoints).values(moved))
    after = http.get("/v1/contacts").json()["meta"]
    assert after["checked_at"] > before["checked_at"]
    assert (after["position"], after["as_of"]) == (before["position"], before["as_of"])


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("jür", ["Jürgen"]),
        ("jur mull", ["Jürgen"]),
        ("JÜRGEN@", []),
        ("محم", ["محمد"]),
        ("+62 812-3456", ["Siti"]),
        ("0812 3456 7890", ["Siti"]),
        ("812345678", ["Siti"]),
        ("0062 812", ["Siti"]),
        ("siti@mail", ["Siti"]),
        ("nobody", []),
    ],
)
def test_search_finds_by_the_beginnings_of_words(stage, http, search, found):
    stage.contact("+4915123456789", first_name="Jürgen", last_name="Müller")
    stage.contact("+966501234567", first_name="محمد", last_name="العتيبي")
    stage.contact("+6281234567890", first_name="Siti", email="siti@mail.example")
    stage.project()
    items = http.get("/v1/contacts", params={"search": search}).json()["items"]
    assert [c["first_name"] for c in items] == found


def test_a_group_lists_its_present_members_and_counts_them_exactly(stage, http):
    ids = stage.contacts([{"phone": f"+628123456789{n}"} for n in range(4)])
    group_id = stage.group("VIP", *ids)
    ws = stage.ws
    leave = LeaveGroup(workspace_id=ws, contact_id=ids[0], group_id=group_id)
    stage.do(contact, ids[0], leave)
    stage.do(contact, ids[1], DeleteContact(workspace_id=ws, contact_id=ids[1]))
    stage.project()
    listed = http.get("/v1/contacts", params={"group": show("group", group_id)}).json()["items"]
    assert {c["contact_id"] for c in listed} == {show("contact", i) for i in ids[2:]}
    (listed_group,) = http.get("/v1/groups").json()["items"]
    assert listed_group["contacts"] == 2
    shown = http.get(f"/v1/groups/{show('group', group_id)}").json()
    assert shown | {"meta": None} == listed_group | {"meta": None}


def test_a_timeline_tells_what_happened_latest_first(stage, http):
    id_ = stage.contact("+6281234567890")
    stage.group("VIP", id_)
    stage.project()
    items = http.get(f"/v1/contacts/{show('contact', id_)}/timeline").json()["items"]
    assert [item["position"] for item in items] == sorted(
        (item["position"] for item in items), reverse=True
    )
    assert len({item["kind"] for item in items}) == 2


def test_campaigns_show_their_figures_and_messages(stage, http):
    ids = stage.contacts([{"phone": f"+628123456789{n}"} for n in range(3)])
    campaign_id = stage.queued(Audience(kind="all"))
    shown = show("campaign", campaign_id)
    campaign = http.get(f"/v1/campaigns/{shown}").json()
    assert (campaign["status"], campaign["recipients"], campaign["queued"]) == ("running", 3, 3)
    assert campaign["delivery_rate"] is None
    assert campaign["failures"] == []
    rows = http.get(f"/v1/campaigns/{shown}/messages", params={"status": "queued"}).json()["items"]
    assert {row["message_id"] for row in rows} == {
        show("message", message_id(campaign_id, id_)) for id_ in ids
    }
    one = http.get(f"/v1/messages/{rows[0]['message_id']}").json()
    assert one["campaign_id"] == shown
    assert http.get("/v1/campaigns", params={"status": "draft"}).json()["items"] == []


def test_a_campaign_says_why_messages_were_held_back(stage, http):
    ids = stage.contacts([{"phone": f"+628123456789{n}"} for n in range(3)])
    stage.do(contact, ids[0], OptOutContact(workspace_id=stage.ws, contact_id=ids[0]))
    stage.project()
    campaign_id = stage.queued(Audience(kind="contacts", contacts=tuple(ids)))
    campaign = http.get(f"/v1/campaigns/{show('campaign', campaign_id)}").json()
    assert (campaign["queued"], campaign["suppressed"]) == (2, 1)
    assert campaign["suppressions"] == [{"reason": "opted_out", "messages": 1}]


def test_contacts_are_told_apart_by_whether_they_opted_out(stage, http):
    ids = stage.contacts([{"phone": f"+628123456789{n}"} for n in range(3)])
    stage.do(contact, ids[0], OptOutContact(workspace_id=stage.ws, contact_id=ids[0]))
    stage.project()
    for asked, expected in (("true", ids[:1]), ("false", ids[1:])):
        items = http.get("/v1/contacts", params={"opted_out": asked}).json()["items"]
        assert {c["contact_id"] for c in items} == {show("contact", i) for i in expected}


def test_imports_are_listed_newest_first(stage, http):
    ids = [uuid7() for _ in range(3)]
    for id_ in ids:
        command = StartImport(workspace_id=stage.ws, import_id=id_, filename="a.csv")
        stage.do(contact_import, id_, command)
    stage.project()
    items = http.get("/v1/imports").json()["items"]
    assert [item["import_id"] for item in items] == [show("import", i) for i in reversed(ids)]
    one = http.get(f"/v1/imports/{items[0]['import_id']}").json()
    assert one | {"meta": None} == items[0] | {"meta": None}


def test_the_plan_of_a_campaign_is_shown_as_it_is_asked_for(stage, http):
    contact_id = stage.contact("+6281234567890")
    audience = Audience(kind="contacts", contacts=(contact_id,))
    campaign_id = stage.draft(audience)
    stage.project()
    assert http.get(f"/v1/campaigns/{show('campaign', campaign_id)}").json()["plan"] == {
        "name": "Spring",
        "account_id": show("account", stage.account),
        "template_id": show("template", stage.template),
        "audience": {
            "kind": "contacts",
            "groups": [],
            "contacts": [show("contact", contact_id)],
        },
        "variables": {"1": "{first_name}"},
        "header_link": None,
    }


def test_days_without_anything_are_zeros(stage, http):
    stage.contact("+6281234567890")
    stage.project()
    today = datetime.now(UTC).date()
    days = {"from": str(today - timedelta(2)), "to": str(today + timedelta(1))}
    items = http.get("/v1/analytics/daily", params=days).json()["items"]
    assert [item["new_contacts"] for item in items] == [0, 0, 1, 0]


def test_the_dashboard_numbers_and_templates_are_there(stage, http):
    contact_id = stage.contact("+6281234567890")
    command = OptOutContact(workspace_id=stage.ws, contact_id=contact_id)
    stage.do(contact, contact_id, command)
    stage.project()
    dashboard = http.get("/v1/dashboard").json()
    assert (dashboard["templates_approved"], dashboard["contacts"]) == (1, 1)
    assert repr(dashboard["opted_out"]) == "1"
    account = f"/v1/accounts/{show('account', stage.account)}"
    template = f"/v1/templates/{show('template', stage.template)}"
    assert http.get("/v1/accounts").json()["items"][0]["status"] == "connected"
    assert http.get(account).json()["status"] == "connected"
    assert http.get("/v1/templates").json()["items"][0]["variables"] == ["1"]
    assert http.get(template).headers["etag"] == '"2"'


def test_import_rows_come_as_csv_in_which_no_cell_is_a_formula(stage, http):
    import_id = uuid7()
    about = {"workspace_id": stage.ws, "import_id": import_id}
    bad = RowOutcome(
        line=3, outcome="invalid", column="phone", value="=cmd()", code="x", reason="a, b"
    )
    rows = (RowOutcome(line=2, outcome="duplicate"), bad)
    for command in (
        StartImport(**about, filename="a.csv"),
        RecordImportChunk(**about, chunk=1, rows=rows),
        FinishImport(**about),
    ):
        stage.do(contact_import, import_id, command)
    stage.project()
    path = f"/v1/imports/{show('import', import_id)}"
    assert http.get(path).json()["invalid"] == 1
    lines = list(csv.DictReader(io.StringIO(http.get(f"{path}/rows.csv").text)))
    assert [line["line"] for line in lines] == ["2", "3"]
    assert (lines[1]["value"], lines[1]["reason"]) == ("'=cmd()", "a, b")


def test_a_read_waits_for_the_position_of_a_write(stage, http):
    id_ = stage.contact("+6281234567890")
    head = stage.store.head()
    threading.Timer(0.3, stage.project).start()
    headers = {"Blazz-Min-Position": str(head), "Prefer": "wait=5"}
    answer = http.get(f"/v1/contacts/{show('contact', id_)}", headers=headers)
    assert answer.status_code == 200
    assert answer.json()["meta"]["position"] >= head


def test_a_read_that_would_wait_too_long_says_how_far_it_is(stage, http):
    position = stage.store.head()
    headers = {"Blazz-Min-Position": str(position + 5), "Prefer": "wait=0"}
    started = time.monotonic()
    answer = http.get("/v1/contacts", headers=headers)
    assert time.monotonic() - started < 2
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["code"] == "projection_behind"
    assert f"reached {position}" in answer.json()["detail"]
