"""A contact file on its way in: bytes to rows, rows to chunks."""

from typing import Final

from commands.contact_csv import Column, Row, columns, read_row
from commands.csv_text import FileRefused, Record, Records
from commands.import_run import Run
from domain.access import FieldError, Problem
from domain.contact_import import RowOutcome

CHUNK: Final = 500
ROWS: Final = 500_000


class Upload:
    """A file on its way in: bytes to rows to chunks. Everything here blocks; it runs in a thread."""

    def __init__(self, run: Run, country: str) -> None:
        self._run, self._country = run, country
        self._records = Records()
        self._columns: list[Column] | None = None
        self._rows: list[Row | RowOutcome] = []
        self._count = 0
        self.reason = ""
        """Why the file could not be read to its end."""

    def feed(self, data: bytes, *, last: bool = False) -> None:
        """Takes the next bytes. Problem 422 if it cannot be a contact file at all."""
        if self.reason:
            return
        for record in self._records.feed(data, last=last):
            self._record(record)
        if refused := self._records.refused:
            self._refuse(refused)
        elif last and not self._count:
            self._refuse(FileRefused("file_empty", "the file has no rows below its first line"))
        elif self._count > ROWS:
            self.reason = f"a file may have {ROWS} rows; the others were not read"
        if (last or self.reason) and self._rows:
            self._flush()

    def _record(self, record: Record) -> None:
        if self._columns is None:
            try:
                self._columns = columns(record)
            except FileRefused as refused:
                self._refuse(refused)
            return
        self._count += 1
        if self._count <= ROWS:
            self._rows.append(read_row(record, self._columns, self._country))
        if len(self._rows) == CHUNK:
            self._flush()

    def _flush(self) -> None:
        rows, self._rows = self._rows, []
        self._run.take(rows)

    def _refuse(self, refused: FileRefused) -> None:
        if self._count:
            self.reason = str(refused)
            return
        error = FieldError(pointer="", code=refused.code, detail=str(refused))
        raise Problem(422, "invalid", f"not a contact file: {refused}", errors=[error])
