"""The rules of a file: stored once, given up at most once and not for ever."""

from uuid import UUID

from domain.file import (
    FetchAgain,
    FileNotFetched,
    FileShown,
    FileStored,
    FileWantedAgain,
    GiveUpFile,
    ShowFile,
    StoreFile,
    file,
)
from tests.spec import given

FILE, MESSAGE, TALK, NUMBER, ANN = (UUID(int=n) for n in range(1, 6))
WS = {"workspace_id": UUID(int=9)}
WHOSE = {
    **WS,
    "file_id": FILE,
    "message_id": MESSAGE,
    "conversation_id": TALK,
    "account_id": NUMBER,
}
BYTES = {"sha256": "ab" * 32, "size": 7, "mime_type": "image/png", "filename": "a.png"}

stored = FileStored(**WHOSE, **BYTES, origin="inbound")
given_up = FileNotFetched(**WHOSE, why="it is gone")
store = StoreFile(**WHOSE, **BYTES, origin="inbound")
give_up = GiveUpFile(**WHOSE, why="it is gone")


def test_a_file_is_stored_with_all_that_is_known_of_it():
    given(file).when(store).then(stored)


def test_storing_it_again_changes_nothing_even_with_other_bytes():
    given(file, stored).when(store).then()
    given(file, stored).when(StoreFile(**WHOSE, **BYTES | {"size": 8}, origin="inbound")).then()


def test_a_file_is_given_up_once():
    given(file).when(give_up).then(given_up)
    given(file, given_up).when(give_up).then()


def test_what_was_given_up_may_be_stored_all_the_same():
    given(file, given_up).when(store).then(stored)


def test_what_is_stored_is_not_given_up():
    given(file, stored).when(give_up).then()


def test_what_was_given_up_is_wanted_again_once_and_may_be_given_up_again():
    again, ask = FileWantedAgain(**WHOSE, by=ANN), FetchAgain(**WS, file_id=FILE, by=ANN)
    given(file, given_up).when(ask).then(again)
    given(file, given_up, again).when(ask).then()
    given(file, given_up, again).when(give_up).then(given_up)
    given(file, given_up, again).when(store).then(stored)


def test_what_nobody_gave_up_or_nobody_has_any_more_is_not_wanted_again():
    ask = FetchAgain(**WS, file_id=FILE)
    given(file).when(ask).refused("not_found")
    given(file, stored).when(ask).refused("wrong_state", "stored", "given up")
    gone = FileNotFetched(**WHOSE, why="404: it is gone", gone=True)
    given(file, gone).when(ask).refused("not_with_provider", "404: it is gone", "send it again")


def test_where_a_file_stands_is_said_once_per_number():
    show, shown = (kind(**WS, file_id=FILE, account_id=TALK) for kind in (ShowFile, FileShown))
    given(file, stored).when(show).then(shown)
    given(file, stored).when(ShowFile(**WS, file_id=FILE, account_id=NUMBER)).then()


def test_a_reason_without_end_is_cut():
    long = GiveUpFile(**WHOSE, why="x" * 10_000)
    given(file).when(long).then(FileNotFetched(**WHOSE, why="x" * 500))


def test_an_uploaded_file_belongs_to_whoever_uploaded_it():
    about = {**WS, "file_id": FILE, "user_id": ANN, **BYTES}
    given(file).when(StoreFile(**about, origin="upload")).then(FileStored(**about, origin="upload"))
    state = file.fold([FileStored(**about, origin="upload")])
    assert (state.status, state.user_id, state.workspace_id) == ("stored", ANN, WS["workspace_id"])
