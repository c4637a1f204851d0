from concurrent.futures import ThreadPoolExecutor

import pytest

from commands.import_upload import CHUNK
from domain.contact_import import ImportChunkRecorded
from domain.ids import parse
from tests.command_site import command_site


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with command_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def company(site):
    return site.workspace()


def file(count, start=0, header="phone,first_name,city"):
    lines = (f"+62812{start + n:08d},Name {n},Bogor" for n in range(count))
    return "\n".join([header, *lines, ""]).encode()


def counts(answer):
    assert answer.status_code in {200, 201}, answer.text
    return tuple(answer.json()["counts"].values())


def profiles(company):
    records = company.store.read(0, 100_000)
    ids = dict.fromkeys(r.stream_id for r in records if r.workspace_id == company.workspace_id)
    found = company.store.load(list(ids))
    return {
        recorded.event.profile.phone: recorded.event.profile
        for stream in found.values()
        for recorded in stream
        if hasattr(recorded.event, "profile")
    }


def test_every_row_gets_an_outcome_and_every_contact_its_facts(company):
    company.contact("+6281200000009", first_name="Old")
    content = (
        "Telepon;Nama Depan;Grup;Kota\n"
        "0812-0000-0001;Budi;VIP|Bogor;Bogor\n"
        "bad;X;;\n"
        "0812 0000 0009;New;VIP;\n"
        "+6281200000001;Again;;\n"
        "0812-0000-0009x;;;\n"
    )
    answer = company.upload(content, filename="k.csv")
    body = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/imports/{body['id']}"
    assert answer.headers["Blazz-Position"] == str(body["position"])
    assert (body["status"], body["rows"]) == ("finished", 5)
    assert body["counts"] == {"created": 1, "updated": 1, "duplicate": 1, "invalid": 2}
    assert [(p["line"], p["column"], p["value"], p["code"]) for p in body["problems"]] == [
        (3, "Telepon", "bad", "phone_characters"),
        (6, "Telepon", "0812-0000-0009x", "phone_characters"),
    ]
    found = profiles(company)
    assert found["+6281200000001"].attributes == {"Kota": "Bogor"}
    assert found["+6281200000009"].first_name == "New"
    facts = company.facts()
    assert facts[2] == "ImportStarted"
    assert facts[-2:] == ["ImportChunkRecorded", "ImportFinished"]
    assert facts.count("GroupCreated") == 2
    assert facts.count("ContactJoinedGroup") == 3


def test_the_same_file_again_changes_nothing(company):
    company.upload(file(3), key="a")
    before = profiles(company)
    again = company.upload(file(3), key="b")
    assert counts(again) == (0, 0, 3, 0)
    assert profiles(company) == before
    assert company.facts().count("ContactChanged") == 0


def test_empty_cells_leave_what_is_known_and_attributes_are_merged(company):
    company.contact("+6281200000001", first_name="Budi", attributes={"a": "1"})
    answer = company.upload("phone,first_name,last_name,b\n+6281200000001,,Santoso,2\n")
    assert counts(answer) == (0, 1, 0, 0)
    now = profiles(company)["+6281200000001"]
    assert (now.first_name, now.last_name) == ("Budi", "Santoso")
    assert now.attributes == {"a": "1", "b": "2"}


def test_a_deleted_contact_is_not_brought_back_by_a_file(company):
    id_ = company.contact("+6281200000001")
    company.http.delete(f"/v1/contacts/{id_}")
    answer = company.upload(file(2))
    assert counts(answer) == (1, 0, 0, 1)
    (problem,) = answer.json()["problems"]
    assert (problem["code"], problem["column"]) == ("contact_deleted", "phone")
    assert problem["value"]
    assert id_ in problem["reason"]


def test_what_the_contact_could_not_hold_is_told_for_its_row(company):
    many = {f"a{n}": "x" for n in range(50)}
    company.contact("+6281200000001", attributes=many)
    answer = company.upload("phone,one_more\n+6281200000001,x\n+6281200000002,x\n")
    assert counts(answer) == (1, 0, 0, 1)
    assert answer.json()["problems"][0]["code"] == "too_many_attributes"


def test_a_group_is_found_whatever_its_case(company):
    company.post("/v1/groups", {"name": "VIP"})
    answer = company.upload("phone,groups\n+6281200000001,vip;Vip\n+6281200000002,VIP\n")
    assert counts(answer) == (2, 0, 0, 0)
    assert company.facts().count("GroupCreated") == 1
    assert company.facts().count("ContactJoinedGroup") == 2


def test_numbers_are_read_as_the_workspaces_country_or_as_the_one_asked_for(site):
    german = site.workspace(country="DE")
    assert counts(german.upload("phone\n0170 1234567\n", key="a")) == (1, 0, 0, 0)
    assert counts(german.upload("phone\n081234567890\n", key="b", country="ID")) == (1, 0, 0, 0)
    assert set(profiles(german)) == {"+491701234567", "+6281234567890"}


def test_many_rows_become_chunks_of_one_commit_each(company):
    answer = company.upload(file(2 * CHUNK + 1))
    assert counts(answer) == (2 * CHUNK + 1, 0, 0, 0)
    chunks = company.store.load([parse("import", answer.json()["id"])]).popitem()[1]
    recorded = [r.event for r in chunks if isinstance(r.event, ImportChunkRecorded)]
    assert [len(chunk.rows) for chunk in recorded] == [CHUNK, CHUNK, 1]
    assert recorded[2].rows[0].line == 2 * CHUNK + 2


def test_only_the_first_hundred_problems_are_in_the_answer(company):
    answer = company.upload("phone\n" + "bad\n" * 150)
    assert counts(answer) == (0, 0, 0, 150)
    assert len(answer.json()["problems"]) == 100


def test_a_dry_run_gives_the_same_report_and_stores_nothing(company):
    content = file(CHUNK + 3) + b"bad,,\n" + file(1)[22:]
    dry = company.upload(content, dry_run="true")
    assert dry.status_code == 200
    assert dry.json()["dry_run"] is True
    assert company.facts() == []
    real = company.upload(content).json()
    same = ("status", "reason", "rows", "counts", "problems")
    assert [dry.json()[name] for name in same] == [real[name] for name in same]


def test_a_repeated_import_gets_the_same_answer_and_has_one_effect(company):
    first = company.upload(file(5) + b"bad\n")
    facts = company.facts()
    again = company.upload(file(5) + b"bad\n")
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert company.facts() == facts


def test_a_key_used_for_another_file_or_other_parameters_is_refused(company):
    company.upload(file(5))
    for answer in (company.upload(file(6)), company.upload(file(5), country="DE")):
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_equal_imports_at_once_have_one_effect(company):
    content = file(CHUNK + 20)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: company.upload(content), range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    facts = company.facts()
    assert facts.count("ContactAdded") == CHUNK + 20
    assert (facts.count("ImportStarted"), facts.count("ImportChunkRecorded")) == (1, 2)
    assert facts.count("ImportFinished") == 1


def test_two_imports_of_the_same_people_at_once_make_each_contact_once(company):
    content = file(300)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda key: company.upload(content, key=key), "abcd"))
    assert sum(counts(answer)[0] for answer in answers) == 300
    assert company.facts().count("ContactAdded") == 300


def test_an_import_may_run_while_its_contacts_are_being_changed(company):
    company.upload(file(200), key="a")
    ids = [r.stream_id for r in company.store.read(0, 100_000) if r.type == "ContactAdded"]
    mine = [f"/v1/contacts/con_{i.hex}/opt-out" for i in ids[-200:]]
    with ThreadPoolExecutor(8) as threads:
        steering = [threads.submit(company.post, path) for path in mine]
        changed = company.upload(file(200).replace(b"Bogor", b"Bandung"), key="b")
        assert all(answer.result().status_code == 200 for answer in steering)
    assert counts(changed) == (0, 200, 0, 0)
    assert {p.attributes["city"] for p in profiles(company).values()} == {"Bandung"}
