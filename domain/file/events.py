"""What can become of a file."""

from typing import Literal
from uuid import UUID

from domain.kernel import Event, PersonalText


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
    """Given up; `gone`: asking again would lead to the same. It may be stored later all the same."""

    file_id: UUID
    message_id: UUID
    conversation_id: UUID
    account_id: UUID
    why: str
    gone: bool = False


class FileWantedAgain(Event, kw_only=True):
    """Somebody asked for what was given up: the provider is asked as often as at first."""

    file_id: UUID
    message_id: UUID
    conversation_id: UUID
    account_id: UUID
    by: UUID | None = None


class FileShown(Event):
    """From now on it stands in a conversation of that number too: who sees those may send it."""

    file_id: UUID
    account_id: UUID


FileEvent = FileStored | FileNotFetched | FileWantedAgain | FileShown
