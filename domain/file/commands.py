"""What may be asked of a file."""

from typing import Literal
from uuid import UUID

from domain.kernel import Command


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
    gone: bool = False


class FetchAgain(Command, kw_only=True):
    file_id: UUID
    by: UUID | None = None


class ShowFile(Command):
    """Goes with the message that takes it along."""

    file_id: UUID
    account_id: UUID


FileCommand = StoreFile | GiveUpFile | FetchAgain | ShowFile
