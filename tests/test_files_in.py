"""A customer's file comes in: fetched from the provider, kept, shown in the transcript, given out."""

import hashlib
from base64 import b64encode

import pytest

from domain.ids import show
from tests.files_site import ANA, PNG, FilesSite, customer_sends, files_site, provider_files
from tests.read_site import read_site
from tests.simulators import until
from tests.stage import Stage
from tests.waha_simulators import SESSION, WahaReceiver, waha


@pytest.fixture
def site(tmp_path):
    with files_site(tmp_path) as site:
        yield site


@pytest.fixture
def client(site):
    with read_site(site.stage) as reading:
        yield reading.client(site.stage.ws)


def messages(site, client):
    (conversation,) = client.get("/v1/conversations").json()["items"]
    path = f"/v1/conversations/{conversation['conversation_id']}/messages"
    return client.get(path).json()["items"]


def test_a_customers_picture_is_wanted_then_stored_and_given_out_byte_for_byte(site, client):
    customer_sends(site, text="look")
    (item,) = messages(site, client)
    file = item["file"]
    assert item["text"] == "look"
    assert (file["status"], file["mime_type"]) == ("wanted", "image/png")
    assert client.get(f"/v1/files/{file['id']}").json()["code"] == "file_not_here"
    (row,) = site.ended()
    assert not site.wanted()
    (item,) = messages(site, client)
    assert item["file"] == file | {"status": "stored", "size": len(PNG)}
    assert file["id"] == show("file", row.file_id)
    answer = client.get(f"/v1/files/{file['id']}")
    assert answer.status_code == 200, answer.text
    assert answer.content == PNG
    assert answer.headers["etag"] == f'"{hashlib.sha256(PNG).hexdigest()}"'
    assert answer.headers["content-type"] == "image/png"


def test_a_picture_at_waha_comes_in_just_the_same(tmp_path):
    receiver, stage = WahaReceiver(), Stage(tmp_path)
    stage.session(SESSION)
    with waha() as running:
        site = FilesSite(stage, provider_files(waha=running.url))
        running.started(receiver.url)
        file = {"mime_type": "image/png", "data": b64encode(PNG).decode(), "filename": "a.png"}
        running.person("write", f"+{ANA}", text="look", file=file)
        until(lambda: receiver.payloads("message"), "the webhook")
        site.take(*(hook.raw for hook in receiver.hooks), source="waha")
        (row,) = site.ended()
        assert (row.status, row.filename, row.mime_type) == ("stored", "a.png", "image/png")
        assert row.sha256 == hashlib.sha256(PNG).hexdigest()
    receiver.down()
    stage.close()
