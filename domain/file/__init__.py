"""A file of a conversation: its bytes are in the storage, here is what is known of them.

Absent -> stored, or absent -> not fetched -> stored; what was not fetched may be wanted again. One
that came with a message has an id derived from it; one that a user uploaded has its own.
"""

from domain.file.commands import FetchAgain, FileCommand, GiveUpFile, ShowFile, StoreFile
from domain.file.decider import file
from domain.file.events import (
    FileEvent,
    FileNotFetched,
    FileShown,
    FileStored,
    FileWantedAgain,
)
from domain.file.state import File

__all__ = [
    "FetchAgain",
    "File",
    "FileCommand",
    "FileEvent",
    "FileNotFetched",
    "FileShown",
    "FileStored",
    "FileWantedAgain",
    "GiveUpFile",
    "ShowFile",
    "StoreFile",
    "file",
]
