"""One import of a contact file: what became of each of its rows.

Absent -> running -> finished | failed. Rows are recorded chunk by chunk together with the
contacts they made, in one commit, so an import that was cut off goes on where it stood.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.kernel import Command, Decider, Event, PersonalText, Rejected
from domain.refusals import exists, not_found, wrong_state

Outcome = Literal["created", "updated", "duplicate", "invalid"]


class RowOutcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`line` is the line of the file on which the row starts, counted from 1.

    `duplicate`: nothing to change, or the same number again in this file. `invalid` names the
    column, the value found there, a code and the reason in words, which may quote the value.
    """

    line: int
    outcome: Outcome
    contact_id: UUID | None = None
    column: str = ""
    value: PersonalText = ""
    code: str = ""
    reason: PersonalText = ""


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


class ContactImport(msgspec.Struct, frozen=True, kw_only=True):
    status: Literal["absent", "running", "finished", "failed"] = "absent"
    filename: str = ""
    chunks: int = 0
    rows: int = 0


def evolve(run: ContactImport, event: ImportEvent) -> ContactImport:
    """The import after that fact."""
    match event:
        case ImportStarted():
            return ContactImport(status="running", filename=event.filename)
        case ImportChunkRecorded():
            return replace(run, chunks=event.chunk, rows=run.rows + len(event.rows))
        case ImportFinished():
            return replace(run, status="finished")
        case ImportFailed():
            return replace(run, status="failed")
        case _:
            assert_never(event)


def decide(run: ContactImport, command: ImportCommand, now: datetime) -> Sequence[ImportEvent]:
    """What follows from the request; nothing if it is so already."""
    del now  # no rule of an import depends on the time
    ids = {"workspace_id": command.workspace_id, "import_id": command.import_id}
    match command:
        case StartImport() if run.status == "absent":
            return [ImportStarted(**ids, filename=command.filename)]
        case StartImport():
            if run.filename != command.filename:
                raise exists("import", command.import_id)
            return []
        case _ if run.status == "absent":
            raise not_found("import", command.import_id)
        case RecordImportChunk():
            return _record(run, command)
        case FinishImport():
            if run.status == "failed":
                raise wrong_state("import", run.status, "finish", "running")
            return [] if run.status == "finished" else [ImportFinished(**ids, rows=run.rows)]
        case FailImport():
            if run.status == "finished":
                raise wrong_state("import", run.status, "fail", "running")
            return [] if run.status == "failed" else [ImportFailed(**ids, reason=command.reason)]
        case _:
            assert_never(command)


def _record(run: ContactImport, command: RecordImportChunk) -> Sequence[ImportEvent]:
    if 1 <= command.chunk <= run.chunks:
        return []
    if run.status != "running":
        raise wrong_state("import", run.status, "record rows", "running")
    if command.chunk != run.chunks + 1:
        raise Rejected(
            "wrong_chunk",
            f"chunk {command.chunk} cannot be recorded; the next one is {run.chunks + 1}",
        )
    outcomes = Counter(row.outcome for row in command.rows)
    return [
        ImportChunkRecorded(
            workspace_id=command.workspace_id,
            import_id=command.import_id,
            chunk=command.chunk,
            rows=command.rows,
            created=outcomes["created"],
            updated=outcomes["updated"],
            duplicate=outcomes["duplicate"],
            invalid=outcomes["invalid"],
        )
    ]


contact_import: Decider[ContactImport, ImportCommand, ImportEvent] = Decider(
    "import", ContactImport(), decide, evolve
)
