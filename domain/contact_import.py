"""One import of a contact file: what became of each of its rows.

Absent -> running -> finished | failed. Rows are recorded chunk by chunk together with the
contacts they made, in one commit, so an import that was cut off goes on where it stood.
"""

from typing import Literal
from uuid import UUID

import msgspec

from domain.kernel import Command, Event, PersonalText

Outcome = Literal["created", "updated", "duplicate", "invalid"]


class RowOutcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`line` is the line of the file on which the row starts, counted from 1.

    `duplicate`: nothing to change, or the same number again in this file. `invalid` names the
    column, the value found there, a code and the reason in words.
    """

    line: int
    outcome: Outcome
    contact_id: UUID | None = None
    column: str = ""
    value: PersonalText = ""
    code: str = ""
    reason: str = ""


class ImportStarted(Event):
    import_id: UUID
    filename: str


class ImportChunkRecorded(Event):
    """Chunks count from 1. The counts are those of this chunk."""

    import_id: UUID
    chunk: int
    rows: tuple[RowOutcome, ...]
    created: int
    updated: int
    duplicate: int
    invalid: int


class ImportFinished(Event):
    import_id: UUID
    rows: int


class ImportFailed(Event):
    """The file could not be read to its end; what was recorded before stays."""

    import_id: UUID
    reason: str


ImportEvent = ImportStarted | ImportChunkRecorded | ImportFinished | ImportFailed


class StartImport(Command):
    import_id: UUID
    filename: str = ""


class RecordImportChunk(Command):
    import_id: UUID
    chunk: int
    rows: tuple[RowOutcome, ...]


class FinishImport(Command):
    import_id: UUID


class FailImport(Command):
    import_id: UUID
    reason: str


ImportCommand = StartImport | RecordImportChunk | FinishImport | FailImport
