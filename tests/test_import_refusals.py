"""Files that cannot be imported, or not to their end, and imports that are cut off."""

import json
import time
from datetime import UTC, datetime
from http.client import HTTPConnection

import pytest

from commands.import_run import Import, Run
from commands.import_upload import CHUNK, Upload
from domain.ids import name_id, parse
from domain.kernel import Metadata
from tests.command_site import command_site
from tests.test_import import counts, file


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with command_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def company(site):
    return site.workspace()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\n\n", "file_empty"),
        (b"phone,name\n", "file_empty"),
        (b"name,city\nBudi,Bogor\n", "phone_column_missing"),
        (b"+6281234567890,Budi\n", "phone_column_missing"),
        (b"phone,telepon\n1,2\n", "column_repeated"),
        (b"phone," + b",".join(b"c%d" % n for n in range(100)) + b"\n1\n", "too_many_columns"),
        (b"phone,na\xefve\n1,2\n", "encoding"),
        ("phone\n1\n".encode("utf-16-le"), "encoding"),
        (b"PK\x03\x04\x14\x00\x06\x00" + bytes(200), "encoding"),
        (b'"phone,name\n1,2\n', "quote_open"),
        (b"x" * 70_000, "row_too_long"),
    ],
)
def test_a_file_that_is_no_contact_file_is_refused_and_nothing_stored(company, content, code):
    for more in ({}, {"dry_run": "true"}):
        answer = company.upload(content, **more)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
        assert answer.json()["errors"][0]["code"] == code
    assert company.facts() == []
    assert company.upload(file(1)).status_code == 201


def test_a_file_that_breaks_off_is_imported_up_to_there_and_the_import_has_failed(company):
    content = file(CHUNK + 2) + b"+6281299999999,M\xfcller,\n" + file(9)
    answer = company.upload(content)
    body = answer.json()
    assert counts(answer) == (CHUNK + 2, 0, 0, 0)
    assert body["status"] == "failed"
    assert f"line {CHUNK + 4}" in body["reason"]
    assert company.facts()[-1] == "ImportFailed"
    again = company.upload(content)
    assert again.content == answer.content
    dry = company.upload(content, dry_run="true").json()
    assert (dry["status"], dry["reason"]) == ("failed", body["reason"])


def test_a_quotation_mark_left_open_fails_the_import_with_its_line(company):
    body = company.upload(b'phone,name\n+6281200000001,A\n+6281200000002,"B\n').json()
    assert body["status"] == "failed"
    assert "line 3" in body["reason"]
    assert body["counts"]["created"] == 1


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"dry_run": "maybe"}, "?dry_run"),
        ({"country": "id"}, "?country"),
        ({"country": "XX"}, "?country"),
        ({"filename": "a\nb"}, "?filename"),
        ({"filename": "x" * 256}, "?filename"),
        ({"dryrun": "true"}, "?dryrun"),
        ({"country": ["ID", "DE"]}, "?country"),
    ],
)
def test_a_wrong_parameter_is_refused(company, query, pointer):
    answer = company.upload(file(1), **query)
    assert answer.status_code == 422
    first = answer.json()["errors"][0]
    assert first["pointer"] == pointer
    assert f"{pointer}: {first['detail']}" in answer.json()["detail"]
    assert company.facts() == []


def test_only_a_dry_run_needs_no_idempotency_key(company):
    kind = {"Content-Type": "text/csv"}
    path = "/v1/contacts/import"
    dry = company.http.post(f"{path}?dry_run=true", content=file(1), headers=kind)
    assert (dry.status_code, dry.json()["rows"]) == (200, 1)
    real = company.http.post(path, content=file(1), headers=kind)
    assert (real.status_code, real.json()["code"]) == (400, "idempotency_key_missing")
    assert company.facts() == []


def test_a_contact_file_must_say_that_it_is_csv(company):
    headers = {"Idempotency-Key": "k", "Content-Type": "application/vnd.ms-excel"}
    answer = company.http.post("/v1/contacts/import", content=file(1), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "content_type_unsupported")
    fine = {**headers, "Content-Type": "text/csv; charset=utf-8; header=present"}
    assert company.http.post("/v1/contacts/import", content=file(1), headers=fine).is_success


def test_an_import_that_was_cut_off_goes_on_where_it_stood(company):
    content = file(2 * CHUNK + 10)

    def broken():
        yield content[: len(content) * 2 // 3]
        until = time.monotonic() + 10
        while "ImportChunkRecorded" not in company.facts() and time.monotonic() < until:
            time.sleep(0.02)
        raise ConnectionResetError

    headers = {"Content-Type": "text/csv", "Idempotency-Key": "k"}
    with pytest.raises(ConnectionResetError):
        company.http.post("/v1/contacts/import", content=broken(), headers=headers)
    assert company.facts().count("ImportChunkRecorded") == 1
    answer = company.upload(content, key="k")
    assert counts(answer) == (2 * CHUNK + 10, 0, 0, 0)
    facts = company.facts()
    assert facts.count("ContactAdded") == 2 * CHUNK + 10
    assert (facts.count("ImportStarted"), facts.count("ImportChunkRecorded")) == (1, 3)


def begun(company, rows, filename=""):
    """An import whose process has died after its first chunk."""
    id_ = name_id(company.workspace_id, "import", "k")
    what = Import(company.workspace_id, id_, filename, Metadata())
    upload = Upload(Run(company.store, lambda: datetime.now(UTC), what, dry=False), "ID")
    upload.feed(rows)
    assert company.facts().count("ImportChunkRecorded") == 1


def test_a_begun_import_is_not_continued_with_another_file(company):
    begun(company, file(CHUNK))
    other = b"\n" + file(CHUNK)
    for answer in (company.upload(other, key="k"), company.upload(file(3), key="k")):
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    renamed = company.upload(file(CHUNK), key="k", filename="other.csv")
    assert renamed.json()["code"] == "idempotency_key_reused"
    assert counts(company.upload(file(CHUNK), key="k")) == (CHUNK, 0, 0, 0)


def test_a_file_above_64_mib_is_refused_before_it_is_read(company):
    connection = HTTPConnection(company.http.base_url.host, company.http.base_url.port)
    connection.putrequest("POST", "/v1/contacts/import")
    for name, value in {
        "Authorization": f"Bearer {company.key}",
        "Content-Type": "text/csv",
        "Idempotency-Key": "k",
        "Content-Length": "67108865",
    }.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    assert json.loads(answer.read())["code"] == "body_too_large"
    connection.close()
    assert company.facts() == []


def test_a_file_that_grows_too_large_on_its_way_fails_its_import(company):
    chunk = file(CHUNK)

    def endless():
        yield chunk
        for _ in range(1100):
            yield b"x" * 65_000 + b"\n"

    answer = company.upload(endless())
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    facts = company.facts()
    assert facts.count("ContactAdded") == CHUNK
    assert facts[-1] == "ImportFailed"


def test_a_file_has_a_greatest_number_of_rows(company, monkeypatch):
    monkeypatch.setattr("commands.import_upload.ROWS", CHUNK + 10)
    body = company.upload(file(2 * CHUNK)).json()
    assert (body["status"], body["rows"]) == ("failed", CHUNK + 10)
    assert str(CHUNK + 10) in body["reason"]


def test_the_import_is_known_by_its_key(company):
    id_ = company.upload(file(1), key="k").json()["id"]
    assert parse("import", id_) == name_id(company.workspace_id, "import", "k")
