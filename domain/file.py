"""A file of a conversation: its bytes are in the storage, here is what is known of them.

Absent -> stored, or absent -> not fetched -> stored. One that came with a message has an id derived
from it; one that a user uploaded has its own.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.kernel import Command, Decider, Event, PersonalText

LONGEST_WHY = 500


class FileStored(Event, kw_only=True):
    """Its bytes are kept under `sha256` (hexadecimal). `user_id`: who uploaded it."""

    file_id: UUID
    sha256: str
    size: int
    mime_type: str
    filename: PersonalText = ""
    origin: Literal["inbound", "upload"]
    account_id: UUID | None = None
    message_id: UUID | None = None
    conversation_id: UUID | None = None
    user_id: UUID | None = None


class FileNotFetched(Event):
    """Given up. It may be stored later all the same."""

    file_id: UUID
    message_id: UUID
    conversation_id: UUID
    account_id: UUID
    why: str


FileEvent = FileStored | FileNotFetched


class StoreFile(Command, kw_only=True):
    """For bytes that are in the storage already."""

    file_id: UUID
    sha256: str
    size: int
    mime_type: str
    filename: str = ""
    origin: Literal["inbound", "upload"]
    account_id: UUID | None = None
    message_id: UUID | None = None
    conversation_id: UUID | None = None
    user_id: UUID | None = None


class GiveUpFile(Command):
    file_id: UUID
    message_id: UUID
    conversation_id: UUID
    account_id: UUID
    why: str


FileCommand = StoreFile | GiveUpFile


class File(msgspec.Struct, frozen=True, kw_only=True):
    """`workspace_id` and what is needed to send it; None and empty until it is stored."""

    status: Literal["absent", "stored", "not_fetched"] = "absent"
    workspace_id: UUID | None = None
    sha256: str = ""
    size: int = 0
    mime_type: str = ""
    filename: str = ""
    account_id: UUID | None = None
    user_id: UUID | None = None


def evolve(file: File, event: FileEvent) -> File:
    """The file after that fact."""
    match event:
        case FileStored():
            return File(
                status="stored",
                workspace_id=event.workspace_id,
                sha256=event.sha256,
                size=event.size,
                mime_type=event.mime_type,
                filename=event.filename,
                account_id=event.account_id,
                user_id=event.user_id,
            )
        case FileNotFetched():
            return replace(file, status="not_fetched", workspace_id=event.workspace_id)
        case _:
            assert_never(event)


def decide(file: File, command: FileCommand, now: datetime) -> Sequence[FileEvent]:
    """The first time it is stored counts; what was fetched twice is the same."""
    del now  # no rule of a file depends on the time
    match command:
        case StoreFile():
            if file.status == "stored":
                return []
            return [
                FileStored(
                    workspace_id=command.workspace_id,
                    file_id=command.file_id,
                    sha256=command.sha256,
                    size=command.size,
                    mime_type=command.mime_type,
                    filename=command.filename,
                    origin=command.origin,
                    account_id=command.account_id,
                    message_id=command.message_id,
                    conversation_id=command.conversation_id,
                    user_id=command.user_id,
                )
            ]
        case GiveUpFile():
            if file.status != "absent":
                return []
            return [
                FileNotFetched(
                    workspace_id=command.workspace_id,
                    file_id=command.file_id,
                    message_id=command.message_id,
                    conversation_id=command.conversation_id,
                    account_id=command.account_id,
                    why=command.why[:LONGEST_WHY],
                )
            ]
        case _:
            assert_never(command)


file: Decider[File, FileCommand, FileEvent] = Decider("file", File(), decide, evolve)
