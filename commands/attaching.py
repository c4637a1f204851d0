"""From a file's id in the body of a reply to what the message takes along."""

from typing import Final
from uuid import UUID

from commands.chats import sees
from commands.command import Wanted
from domain.access import FieldError, Problem
from domain.file import File, FileNotFetched, FileStored, file
from domain.ids import show
from domain.message import Attached

POINTER: Final = "/file_id"


def attached(wanted: Wanted, file_id: UUID) -> tuple[Attached, str]:
    """What is known of it, and its name. Problem 422 unless it is there, for whoever asks."""
    found = file_named(wanted, file_id)
    if found.status == "absent" or not _theirs(wanted, found):
        raise _refused("unknown", f"there is no file {show('file', file_id)}")
    if found.status != "stored":
        words = f"the contents of {show('file', file_id)} never arrived; upload the file"
        raise _refused("not_stored", words)
    known = Attached(
        file_id=file_id, sha256=found.sha256, size=found.size, mime_type=found.mime_type
    )
    return known, found.filename


def file_named(wanted: Wanted, file_id: UUID) -> File:
    """The id of something else names no file."""
    first = wanted.streams.first(file_id, wanted.workspace_id)
    if not isinstance(first, FileStored | FileNotFetched):
        return file.initial
    found: File = wanted.streams.look(file, file_id, wanted.workspace_id)
    return found


def _theirs(wanted: Wanted, found: File) -> bool:
    """One's own, or one of a conversation that one may see; to some people all are."""
    principal = wanted.principal
    if not principal.only_shared or found.user_id == principal.user_id is not None:
        return True
    numbers = found.shown if found.account_id is None else found.shown | {found.account_id}
    return any(sees(wanted, number) for number in numbers)


def _refused(code: str, detail: str) -> Problem:
    error = FieldError(pointer=POINTER, code=code, detail=detail)
    return Problem(422, "invalid", f"not acceptable: {POINTER}: {detail}", errors=[error])
