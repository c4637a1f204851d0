"""Files of replies: handed to the provider before their message is tried, once, and as they are."""

import asyncio
import hashlib

import pytest
import uuid_utils.compat as uuids

from domain.ids import show
from domain.message import Attached, Content, MessageRejected, QueueMessage, message
from projections.messages import messages
from tests.file_examples import OGG, PDF, PNG
from tests.senders import sending
from tests.simulators import simulator, until
from tests.stage import Stage
from tests.test_waha_sending import through
from tests.uploads_gate import gate
from tests.waha_simulators import SESSION, waha

ANA, BUDI = "+4915577700001", "+4915577700002"


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    stage.contact_id = stage.contact(ANA)
    stage.follow()
    yield stage
    stage.close()


@pytest.fixture(scope="module")
def provider():
    with simulator() as process:
        yield process


def kept(stage, data=PNG, mime_type="image/png"):
    """A file as an upload leaves it."""

    async def chunks():
        yield data

    found = asyncio.run(stage.files.put(stage.ws, chunks(), len(data)))
    about = {"file_id": uuids.uuid7(), "mime_type": mime_type}
    return Attached(**about, sha256=found.sha256, size=found.size)


def reply(stage, to=ANA, account_id=None, **content):
    id_ = uuids.uuid7()
    command = QueueMessage(
        workspace_id=stage.ws,
        message_id=id_,
        campaign_id=None,
        contact_id=stage.contact_id,
        account_id=account_id or stage.account,
        to=to,
        content=Content(**{"kind": "text", "text": "Yes"} | content),
        priority=1,
    )
    stage.do(message, id_, command)
    return id_


def image(stage, file, to=ANA, **more):
    return reply(stage, to, kind="image", text="look", file=file, **more)


def status(stage, id_):
    return next((row.status for row in stage.rows(messages, messages.c.message_id == id_)), "")


def gone(stage, *ids):
    stage.await_(lambda: all(stage.state(message, i).wamid for i in ids), "acceptance")


def line(provider, id_):
    [found] = [one for one in provider.ledger() if one["callback_data"] == show("message", id_)]
    return found


def bytes_at(provider, media_id):
    """What a phone would show."""
    about = provider.get(media_id).json()
    answer = provider.http.get(about["url"])
    assert answer.headers["content-type"] == about["mime_type"]
    return answer.content


@pytest.mark.parametrize(
    ("kind", "data", "mime_type"),
    [
        ("image", PNG, "image/png"),
        ("document", PDF, "application/pdf"),
        ("audio", OGG, "audio/ogg; codecs=opus"),
    ],
)
def test_a_file_arrives_as_it_was_uploaded(stage, provider, kind, data, mime_type):
    named = {"filename": 'März"; name="type'} if kind == "document" else {}
    file = kept(stage, data, mime_type)
    with sending(stage, provider.url):
        id_ = reply(stage, kind=kind, text="", file=file, **named)
        gone(stage, id_)
    assert bytes_at(provider, line(provider, id_)["media_id"]) == data
    assert stage.names(id_)[:3] == ["MessageQueued", "MessageAttempted", "MessageAccepted"]


def test_a_file_is_handed_over_once_for_all_messages_of_a_number(stage, provider):
    other = stage.number("206540352242922", "100000000000001")
    file = kept(stage)
    with gate(provider.url) as before, sending(stage, before.url):
        ids = [image(stage, file, f"+49155777{n:05}") for n in range(5)]
        ids.append(image(stage, file, BUDI, account_id=other))
        gone(stage, *ids)
    *first, second = (line(provider, id_)["media_id"] for id_ in ids)
    assert len(set(first)) == 1
    assert second not in first
    assert before.seen == 2


def test_a_file_that_the_provider_has_dropped_is_handed_over_again(stage, provider):
    file = kept(stage)
    with sending(stage, provider.url):
        first = image(stage, file)
        gone(stage, first)
        old = line(provider, first)["media_id"]
        assert provider.http.delete(f"/v23.0/{old}").status_code == 200
        second = image(stage, file, BUDI)
        gone(stage, second)
    new = line(provider, second)["media_id"]
    assert new != old
    assert bytes_at(provider, new) == PNG
    assert stage.names(second).count("MessageAttempted") == 2


def test_while_a_file_is_on_its_way_others_leave_and_what_follows_it_waits(stage, provider):
    with gate(provider.url) as before, sending(stage, before.url):
        before.let = "hold"
        file = image(stage, kept(stage))
        until(lambda: before.seen, "the upload")
        behind, elsewhere = reply(stage, text="see above"), reply(stage, BUDI)
        gone(stage, elsewhere)
        assert stage.names(file) == stage.names(behind) == ["MessageQueued"]
        before.let = "through"
        gone(stage, file, behind)
    wanted = [show("message", id_) for id_ in (elsewhere, file, behind)]
    order = [one["callback_data"] for one in provider.ledger()]
    assert [shown for shown in order if shown in wanted] == wanted


@pytest.mark.parametrize("trouble", ["break", "away"])
def test_a_message_whose_file_cannot_be_handed_over_now_is_put_off_and_sent_once(
    stage, provider, trouble
):
    with gate(provider.url if trouble == "break" else "http://127.0.0.1:1") as before:
        before.let = "break" if trouble == "break" else "through"
        with sending(stage, before.url):
            id_ = image(stage, kept(stage))
            stage.await_(lambda: "MessageRejected" in stage.names(id_), "being put off")
            before.let, before.behind = "through", provider.url
            gone(stage, id_)
    put_off = next(e for e in stage.events(id_) if isinstance(e, MessageRejected))
    assert put_off.error_class == "B"
    assert put_off.retry_at is not None
    assert bytes_at(provider, line(provider, id_)["media_id"]) == PNG


def test_a_message_whose_file_is_gone_fails_with_the_reason_and_others_leave(stage, provider):
    file = kept(stage)
    lost = Attached(file_id=file.file_id, sha256="0" * 64, size=file.size, mime_type=file.mime_type)
    with sending(stage, provider.url):
        id_ = image(stage, lost)
        gone(stage, reply(stage, BUDI))
        stage.await_(lambda: "MessageRejected" in stage.names(id_), "its failure")
    refused = stage.events(id_)[-1]
    assert (refused.error_class, refused.retry_at) == ("M", None)
    assert "the storage has no file" in refused.reason
    assert show("message", id_) not in {one["callback_data"] for one in provider.ledger()}


def test_through_waha_a_file_goes_along_with_its_message(stage):
    with waha() as provider:
        provider.started()
        shop = stage.session(SESSION, pace_ms=1000)
        with sending(stage, "", connect=through(provider)[0]):
            file = kept(stage, PDF, "application/pdf")
            about = {"kind": "document", "text": "April", "filename": "Preise.pdf"}
            id_ = reply(stage, account_id=shop, file=file, **about)
            gone(stage, id_)
            lost = Attached(
                file_id=file.file_id, sha256="0" * 64, size=1, mime_type="application/pdf"
            )
            failed = reply(stage, BUDI, account_id=shop, **about, file=lost)
            stage.await_(lambda: "MessageRejected" in stage.names(failed), "its failure")
        [sent] = provider.ledger()
    assert (sent["type"], sent["body"]) == ("sendFile", "April")
    assert sent["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert "the storage has no file" in stage.events(failed)[-1].reason
