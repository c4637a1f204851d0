"""Which facts make a file wanted, shown and told of."""

from uuid import UUID

from domain.file import FileNotFetched, FileStored, FileWantedAgain
from domain.ids import inbound_file_id
from domain.inbound import InboundEdited, InboundReceived, Media, Received
from domain.kernel import Recorded
from projections import live
from projections.files import file_uses, files, files_wanted, projection
from projections.live import live_items
from tests.examples import WORKSPACE
from tests.histories import METADATA
from tests.read_models import Tables
from tests.spec import NOW

MESSAGE, TALK, CONTACT, NUMBER, FILE = (UUID(int=n) for n in range(1, 6))
ABOUT = {
    "workspace_id": WORKSPACE,
    "message_id": MESSAGE,
    "conversation_id": TALK,
    "contact_id": CONTACT,
    "account_id": NUMBER,
    "provider_id": "wamid.1",
    "at": NOW,
    "sender": {},
}


def picture(**media):
    return Received(kind="image", media=Media(**media))


def tables_of(*facts, of=projection):
    tables = Tables()
    log = [Recorded(n, FILE, n, NOW, METADATA, fact) for n, fact in enumerate(facts, 1)]
    tables.apply(of.rows(log))
    return tables


def test_a_message_without_a_file_wants_none():
    tables = tables_of(InboundReceived(**ABOUT, content=Received(kind="text", text="hi")))
    assert not any(tables[table] for table in (files, file_uses, files_wanted))


def test_a_message_and_each_edit_that_is_shown_want_a_file_of_their_own():
    content = picture(media_id="1")
    tables = tables_of(
        InboundReceived(**ABOUT, content=content),
        InboundEdited(**ABOUT, content=content, edit_id="e1"),
        InboundEdited(**ABOUT, content=content, edit_id="e0", superseded=True),
    )
    assert len(tables[files_wanted]) == len(tables[files]) == len(tables[file_uses]) == 2


def test_a_type_and_a_name_without_end_do_not_break_the_row():
    content = picture(media_id="1", mime_type="x" * 9000, filename="y" * 9000)
    (row,) = tables_of(InboundReceived(**ABOUT, content=content))[files].values()
    assert (len(row["mime_type"]), len(row["filename"])) == (255, 9000)


def test_what_was_given_up_is_kept_in_case_it_is_wanted_again():
    came = InboundReceived(**ABOUT, content=picture(media_id="1"))
    whose = {"workspace_id": WORKSPACE, "file_id": inbound_file_id(MESSAGE), "message_id": MESSAGE}
    whose |= {"conversation_id": TALK, "account_id": NUMBER}
    given_up, again = FileNotFetched(**whose, why="HTTP 500"), FileWantedAgain(**whose)
    tables = tables_of(came, given_up)
    assert tables.one(files)["status"] == "failed"
    assert (tables.one(files_wanted)["position"], tables.one(files_wanted)["media_id"]) == (0, "1")
    tables = tables_of(came, given_up, again)
    assert (tables.one(files)["status"], tables.one(files)["why"]) == ("wanted", None)
    assert (tables.one(files_wanted)["position"], tables.one(files_wanted)["media_id"]) == (3, "1")


def test_screens_are_told_of_a_file_that_has_come_but_of_no_upload():
    kept = {"workspace_id": WORKSPACE, "file_id": FILE, "sha256": "ab" * 32, "size": 1}
    kept |= {"mime_type": "image/png"}
    whose = {"message_id": MESSAGE, "conversation_id": TALK, "account_id": NUMBER}
    came = FileStored(**kept, **whose, origin="inbound")
    uploaded = FileStored(**kept, user_id=CONTACT, origin="upload")
    (item,) = tables_of(uploaded, came, of=live.projection)[live_items].values()
    assert (item["topic"], item["kind"]) == ("messages", "file_stored")
    assert (item["conversation_id"], item["message_id"]) == (TALK, MESSAGE)
