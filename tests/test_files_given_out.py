"""Files leave the read API: to whom, as what, which part, and never as something that runs."""

import asyncio
from hashlib import sha256
from uuid import UUID

import pytest

from domain import message as msg
from domain.file import StoreFile, file
from domain.ids import show
from domain.inbound import EditMessage, Media, Received
from tests.chat_people import joined
from tests.chat_stage import ChatReads, chat_site
from tests.read_site import read_site
from tests.stage import Stage
from tests.talks import ME, minutes

BYTES = bytes(range(256)) * 4000


@pytest.fixture
def site(tmp_path):
    with chat_site(tmp_path) as running:
        yield running


async def _chunks(data):
    yield data


def stored(stage, data=BYTES, mime_type="image/png", filename="", **about):
    """A file with these bytes; its path at the read API."""
    kept = asyncio.run(stage.files.put(stage.ws, _chunks(data), len(data)))
    about = {"workspace_id": stage.ws, "file_id": UUID(int=len(data)), **about}
    of_file = {"sha256": kept.sha256, "size": kept.size, "mime_type": mime_type}
    origin = "upload" if "user_id" in about else "inbound"
    command = StoreFile(**about, **of_file, filename=filename, origin=origin)
    stage.do(file, about["file_id"], command)
    stage.project()
    return f"/v1/files/{show('file', about['file_id'])}"


def came(stage, talk, wamid="wamid.1", **of_file):
    """With a message of a customer; its path."""
    media = Media(media_id="1", mime_type="image/png")
    stage.tell(talk.customer(wamid, minutes(1), "", "image", media=media))
    return stored(stage, **talk.of_file(talk.heard(wamid)), **of_file)


@pytest.mark.parametrize(
    ("asked", "status", "first", "last"),
    [
        ({}, 200, 0, len(BYTES)),
        ({"Range": "bytes=0-0"}, 206, 0, 1),
        ({"Range": "bytes=1000-400000"}, 206, 1000, 400001),
        ({"Range": "bytes=1023000-"}, 206, 1023000, len(BYTES)),
        ({"Range": "bytes=-10"}, 206, len(BYTES) - 10, len(BYTES)),
        ({"Range": "bytes=5-99999999"}, 206, 5, len(BYTES)),
        ({"Range": "bytes=1-2,5-6"}, 200, 0, len(BYTES)),
        ({"Range": "bytes=9-3"}, 200, 0, len(BYTES)),
        ({"Range": "lines=1-2"}, 200, 0, len(BYTES)),
        ({"Range": "bytes=1-2", "If-Range": '"another"'}, 200, 0, len(BYTES)),
        ({"Range": "bytes=1-2", "If-Range": f'"{sha256(BYTES).hexdigest()}"'}, 206, 1, 3),
    ],
)
def test_the_part_that_is_asked_for_is_given(site, asked, status, first, last):
    stage, reading = site
    path = came(stage, stage.talk())
    answer = reading.client.get(path, headers=asked)
    assert answer.status_code == status, answer.text
    assert answer.content == BYTES[first:last]
    assert answer.headers["content-length"] == str(last - first)
    if status == 206:
        assert answer.headers["content-range"] == f"bytes {first}-{last - 1}/{len(BYTES)}"
    head = reading.client.head(path, headers=asked)
    assert (head.status_code, head.content) == (status, b"")
    shown = ("content-length", "etag", "content-type", "content-range")
    assert [head.headers.get(h) for h in shown] == [answer.headers.get(h) for h in shown]


def test_what_the_asker_has_is_not_sent_again_and_a_part_beyond_the_end_is_refused(site):
    stage, reading = site
    path = came(stage, stage.talk())
    tag = reading.client.get(path).headers["etag"]
    again = reading.client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    beyond = reading.client.get(path, headers={"Range": f"bytes={len(BYTES)}-"})
    assert (beyond.status_code, beyond.json()["code"]) == (416, "range_unsatisfiable")
    assert beyond.headers["content-range"] == f"bytes */{len(BYTES)}"


@pytest.mark.parametrize(
    ("mime_type", "filename", "kind", "disposition"),
    [
        ("image/png", "a.png", "image/png", 'inline; filename="a.png"'),
        ("audio/ogg; codecs=opus", "v.ogg", "audio/ogg", 'inline; filename="v.ogg"'),
        ("application/pdf", "b c.pdf", "application/pdf", 'attachment; filename="b c.pdf"'),
        ("text/html", "x.html", "application/octet-stream", 'attachment; filename="x.html"'),
        ("image/svg+xml", "x.svg", "application/octet-stream", 'attachment; filename="x.svg"'),
        (
            "text/plain",
            '../../a"b\r\nSet-Cookie: x.txt',
            "text/plain",
            (
                'attachment; filename="_.._a_bSet-Cookie_ x.txt"; '
                "filename*=UTF-8''_.._a%22bSet-Cookie%3A%20x.txt"
            ),
        ),
        (
            "application/pdf",
            "Fatura şubat.pdf",
            "application/pdf",
            "attachment; filename=\"Fatura _ubat.pdf\"; filename*=UTF-8''Fatura%20%C5%9Fubat.pdf",
        ),
    ],
)
def test_a_file_leaves_as_what_it_may_be_and_runs_nowhere(
    site, mime_type, filename, kind, disposition
):
    stage, reading = site
    path = came(stage, stage.talk(), mime_type=mime_type, filename=filename)
    headers = reading.client.get(path).headers
    assert (headers["content-type"], headers["content-disposition"]) == (kind, disposition)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["cache-control"] == "private, no-store"


def test_a_file_without_a_name_gets_one_by_which_it_opens(site):
    stage, reading = site
    path = came(stage, stage.talk())
    named = f'inline; filename="{path.rpartition("/")[2]}.png"'
    assert reading.client.get(path).headers["content-disposition"] == named


def test_only_those_who_see_the_conversation_get_its_files(site):
    stage, reading = site
    hidden = stage.number("106540352242999", "1", shown="+15550000002")
    path = came(stage, stage.talk("+6281234567891", hidden))
    with_it, without_it = (
        reading.person(joined(stage.store, stage.ws, name, "agent", numbers))
        for name, numbers in (("ani", [hidden]), ("budi", [stage.account]))
    )
    stage.project()
    assert with_it.get(path).content == BYTES
    assert without_it.get(path).json()["code"] == "not_found"
    assert reading.client.get(path).status_code == 200
    other = stage.new_workspace()
    stranger = reading.site.client(other)
    assert stranger.get(path).json()["code"] == "not_found"


def test_an_uploaded_file_is_its_uploaders_until_it_is_in_a_conversation(site):
    stage, reading = site
    uploader = joined(stage.store, stage.ws, "ani", "agent", [stage.account])
    path, ani = stored(stage, user_id=uploader), reading.person(uploader)
    budi = reading.person(joined(stage.store, stage.ws, "budi", "agent", [stage.account]))
    stage.project()
    assert ani.get(path).content == BYTES
    assert budi.get(path).status_code == 404
    assert reading.client.get(path).status_code == 200
    talk = stage.talk()
    attached = msg.Attached(
        file_id=UUID(int=len(BYTES)),
        sha256=sha256(BYTES).hexdigest(),
        size=len(BYTES),
        mime_type="image/png",
    )
    stage.tell(
        talk.customer("wamid.9", minutes(1), "hi"),
        talk.reply(UUID(int=77), "here", ME, windowed=False, kind="image", file=attached),
    )
    assert budi.get(path).content == BYTES
    (sent,) = [item for item in reading.said(talk) if item["direction"] == "out"]
    assert (sent["file"]["status"], sent["file"]["size"]) == ("stored", len(BYTES))


def test_an_edited_message_shows_the_file_of_its_edit_and_a_revoked_one_none(site):
    stage, reading = site
    talk = stage.talk()
    first = came(stage, talk, data=BYTES[:100])
    message_id = talk.heard("wamid.1")
    content = Received(kind="image", media=Media(media_id="2", mime_type="image/png"))
    edit = talk._report(EditMessage, "wamid.1", minutes(2), content=content, edit_id="e1")
    stage.tell([edit])
    (item,) = reading.said(talk)
    assert item["file"]["status"] == "wanted"
    edited_id = UUID(hex=item["file"]["id"].removeprefix("fil_"))
    about = talk.of_file(message_id) | {"file_id": edited_id}
    second = stored(stage, data=BYTES[:200], **about)
    (item,) = reading.said(talk)
    assert (item["file"]["status"], item["file"]["size"]) == ("stored", 200)
    assert reading.get(second).content == BYTES[:200]
    assert reading.get(first).content == BYTES[:100]
    stage.tell(talk.revoke("wamid.1", minutes(3)))
    (item,) = reading.said(talk)
    assert item["file"] is None
    assert {reading.get(path).status_code for path in (first, second)} == {404}


def test_bytes_that_the_storage_has_lost_are_told(site):
    stage, reading = site
    path = came(stage, stage.talk())
    (lost,) = (stage.files._folder / stage.ws.hex).glob("*/*")
    lost.unlink()
    assert reading.get(path).status_code == 410
    assert reading.get(path).json()["code"] == "file_gone"


def test_only_bytes_of_the_same_workspace_are_the_same_file(tmp_path):
    stage = Stage(tmp_path)
    digest = sha256(BYTES).hexdigest()
    with read_site(stage) as site:
        mine = ChatReads(site)
        path = stored(stage, user_id=ME)
        other = stage.new_workspace()
        about = {"workspace_id": other, "file_id": UUID(int=5), "user_id": ME, "origin": "upload"}
        of_file = {"sha256": digest, "size": len(BYTES), "mime_type": "image/png"}
        stage.do(file, UUID(int=5), StoreFile(**about, **of_file))
        theirs = site.client(other)
        assert mine.get(path).status_code == 200
        answer = theirs.get(f"/v1/files/{show('file', UUID(int=5))}")
        assert answer.json()["code"] == "file_gone"
    stage.close()
