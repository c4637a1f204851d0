"""POST /v1/files over HTTP: what is taken, what is refused, and that nothing stays of the latter."""

import hashlib
import json
import time
from http.client import HTTPConnection

import pytest

from domain.file_heads import STATIC_STICKER, TYPES, fits
from domain.ids import parse
from domain.media import MEBIBYTE
from tests.command_site import command_site
from tests.file_examples import BEGINNINGS, JPEG, MOVING, OGG, PDF, PNG, WEBP, upload, uploaded

OTHERS = {
    "text/plain": PDF,
    "audio/ogg": b"OggS" + bytes(24) + b"\x01vorbis" + bytes(60),
    "image/webp": b"RIFF\x00\x00\x00\x00WAVE" + bytes(40),
    "audio/mpeg": b"\xff\xf1\x50\x80" + bytes(20),
}
"""What is the nearest to the type without being it; a picture of another type else."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="module")
def site(folder):
    with command_site(folder) as running:
        yield running


@pytest.fixture
def company(site):
    return site.workspace()


@pytest.fixture
def kept(folder, company):
    """What the storage has: of the company, and of what is only arriving."""

    def look():
        found = (path for path in (folder / "files").rglob("*") if path.is_file())
        ours = (company.workspace_id.hex, "arriving")
        return [path for path in found if path.relative_to(folder / "files").parts[0] in ours]

    return look


def refused(answer, status, code):
    problem = answer.json()
    said = [error["code"] for error in problem.get("errors", ())] or [problem["code"]]
    assert (answer.status_code, said[0]) == (status, code), answer.text
    return problem["detail"]


def test_a_file_is_kept_under_its_sum_and_its_facts_say_what_it_is(company, kept):
    answer = upload(company.http, PDF, "application/pdf", filename="Preisliste März.pdf")
    body = answer.json()
    digest = hashlib.sha256(PDF).hexdigest()
    assert (body["mime_type"], body["size"], body["sha256"], body["filename"]) == (
        "application/pdf",
        len(PDF),
        digest,
        "Preisliste März.pdf",
    )
    assert answer.headers["Location"] == f"/v1/files/{body['id']}"
    [path] = kept()
    assert (path.name, path.read_bytes()) == (digest, PDF)
    [fact] = [r.event for r in company.store.load([parse("file", body["id"])]).popitem()[1]]
    assert (fact.origin, fact.sha256, fact.user_id) == ("upload", digest, None)


@pytest.mark.parametrize("mime_type", sorted(TYPES))
def test_every_type_that_may_be_sent_is_known_by_its_beginning(mime_type):
    assert fits(mime_type, BEGINNINGS[mime_type])
    other = OTHERS.get(mime_type, JPEG if mime_type != "image/jpeg" else PNG)
    assert not fits(mime_type, other)


def test_the_same_request_again_is_answered_the_same_and_keeps_nothing_more(company, kept):
    first, again = (upload(company.http, PNG, filename="a.png") for _ in range(2))
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert company.facts() == ["FileStored"]
    assert len(kept()) == 1
    refused(upload(company.http, PNG + b"x", filename="a.png"), 422, "idempotency_key_reused")
    refused(upload(company.http, PNG, filename="b.png"), 422, "idempotency_key_reused")
    assert len(kept()) == 1


def test_the_same_file_twice_is_two_files_with_the_bytes_kept_once(company, kept):
    assert uploaded(company.http, key="one") != uploaded(company.http, key="two")
    assert len(kept()) == 1


def test_a_voice_message_says_its_codec(company):
    answer = upload(company.http, OGG, "audio/ogg")
    assert answer.json()["mime_type"] == "audio/ogg; codecs=opus"


@pytest.mark.parametrize(
    ("content", "mime_type", "status", "code", "words"),
    [
        (b"", "image/png", 422, "file_empty", "at least one byte"),
        (JPEG, "image/png", 422, "file_mislabelled", "image/png"),
        (b"<html>" + bytes(9), "text/plain", 422, "file_mislabelled", "text/plain"),
        (PNG, "application/zip", 415, "content_type_unsupported", "application/pdf"),
        (PNG, "", 415, "content_type_unsupported", "missing"),
        (PNG + bytes(5 * MEBIBYTE), "image/png", 413, "file_too_large", str(5 * MEBIBYTE)),
        (WEBP + bytes(STATIC_STICKER), "image/webp", 413, "file_too_large", "does not move"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_nothing_of_it_stays(
    company, kept, content, mime_type, status, code, words
):
    assert words in refused(upload(company.http, content, mime_type), status, code)
    assert (company.facts(), kept()) == ([], [])


def test_a_picture_that_moves_may_be_larger_as_a_sticker(company):
    assert upload(company.http, MOVING + bytes(STATIC_STICKER), "image/webp").status_code == 201


def test_a_file_that_grows_too_large_on_its_way_is_refused_and_nothing_of_it_stays(company, kept):
    def growing():
        yield PNG
        for _ in range(6):
            yield bytes(MEBIBYTE)

    answer = upload(company.http, growing())
    assert str(5 * MEBIBYTE) in refused(answer, 413, "file_too_large")
    assert (company.facts(), kept()) == ([], [])


def begun(site, company, size, content=b""):
    """An upload announced with that size, of which no more has been sent than that."""
    connection = HTTPConnection(site.url.removeprefix("http://"), timeout=20)
    connection.putrequest("POST", "/v1/files")
    headers = {"Authorization": f"Bearer {company.key}", "Idempotency-Key": "cut"}
    headers |= {"Content-Type": "image/png", "Content-Length": str(size)}
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(content)
    return connection


def test_a_file_announced_as_too_large_is_refused_before_it_is_sent(site, company):
    connection = begun(site, company, 5 * MEBIBYTE + 1)
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (413, "file_too_large")
    connection.close()


def test_of_a_file_that_breaks_off_nothing_stays(site, company, kept):
    connection = begun(site, company, 2 * MEBIBYTE, PNG + bytes(MEBIBYTE))
    until(kept, "its arrival")
    connection.close()
    until(lambda: not kept(), "its end")
    assert company.facts() == []


def until(reached, what):
    deadline = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def test_an_upload_needs_a_key_and_knows_its_query(company):
    answer = company.http.post("/v1/files", content=PNG, headers={"Content-Type": "image/png"})
    refused(answer, 400, "idempotency_key_missing")
    refused(upload(company.http, name="a.png"), 422, "unknown")
    refused(upload(company.http, filename="a\nb.png"), 422, "control_character")
    refused(upload(company.http, filename="a" * 241), 422, "string_too_long")


def test_while_the_storage_takes_nothing_uploads_are_to_be_tried_again(tmp_path):
    (tmp_path / "files").write_text("where a folder should be")
    with command_site(tmp_path) as site:
        company = site.workspace()
        answer = upload(company.http)
        refused(answer, 503, "storage_away")
        assert answer.headers["Retry-After"] == "5"
        (tmp_path / "files").unlink()
        assert upload(company.http).status_code == 201
