"""What is known of one file, as far as the next decision needs it."""

from typing import Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.file.events import (
    FileEvent,
    FileNotFetched,
    FileShown,
    FileStored,
    FileWantedAgain,
)


class File(msgspec.Struct, frozen=True, kw_only=True):
    """`workspace_id` and what is needed to send it; None and empty until it is stored."""

    status: Literal["absent", "stored", "not_fetched", "wanted_again"] = "absent"
    workspace_id: UUID | None = None
    sha256: str = ""
    size: int = 0
    mime_type: str = ""
    filename: str = ""
    account_id: UUID | None = None
    user_id: UUID | None = None
    shown: frozenset[UUID] = frozenset()
    """The numbers in whose conversations it stands, besides the one it came to."""
    given_up: FileNotFetched | None = None
    """The last time, while it is not stored."""


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
            return replace(
                file,
                status="not_fetched",
                workspace_id=event.workspace_id,
                account_id=event.account_id,
                given_up=event,
            )
        case FileWantedAgain():
            return replace(file, status="wanted_again")
        case FileShown():
            return replace(file, shown=file.shown | {event.account_id})
        case _:
            assert_never(event)
