"""The rules of a file."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, assert_never

from msgspec.structs import asdict

from domain.file.commands import FetchAgain, FileCommand, GiveUpFile, ShowFile, StoreFile
from domain.file.events import (
    FileEvent,
    FileNotFetched,
    FileShown,
    FileStored,
    FileWantedAgain,
)
from domain.file.state import File, evolve
from domain.ids import show
from domain.kernel import Decider, Rejected
from domain.refusals import not_found, wrong_state

LONGEST_WHY: Final = 500


def decide(file: File, command: FileCommand, now: datetime) -> Sequence[FileEvent]:
    """The first time it is stored counts; what was fetched twice is the same."""
    del now  # no rule of a file depends on the time
    match command:
        case StoreFile():
            if file.status == "stored":
                return []
            return [FileStored(**asdict(command))]
        case GiveUpFile():
            if file.status not in ("absent", "wanted_again"):
                return []
            return [FileNotFetched(**asdict(command) | {"why": command.why[:LONGEST_WHY]})]
        case FetchAgain():
            return _fetch_again(file, command)
        case ShowFile():
            if command.account_id in {file.account_id, *file.shown}:
                return []
            return [FileShown(**asdict(command))]
        case _:
            assert_never(command)


def _fetch_again(file: File, command: FetchAgain) -> Sequence[FileEvent]:
    given_up = file.given_up
    if file.status == "stored":
        raise wrong_state("file", "stored", "be fetched again", "given up")
    if given_up is None:
        raise not_found("file", command.file_id)
    if file.status == "wanted_again":
        return []
    if given_up.gone:
        raise Rejected(
            "not_with_provider",
            f"the provider does not give {show('file', command.file_id)} any more, however often it"
            f" is asked: {given_up.why}; ask the customer to send it again",
        )
    return [
        FileWantedAgain(
            workspace_id=command.workspace_id,
            file_id=command.file_id,
            message_id=given_up.message_id,
            conversation_id=given_up.conversation_id,
            account_id=given_up.account_id,
            by=command.by,
        )
    ]


file: Decider[File, FileCommand, FileEvent] = Decider("file", File(), decide, evolve)
