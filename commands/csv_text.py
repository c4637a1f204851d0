"""Bytes of a delimited text file, as they arrive, to records: in memory only one record at a time.

Knows encodings, delimiters, quotes and line ends; knows nothing of contacts.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from typing import Final, NamedTuple

DELIMITERS: Final = ",;\t|"
RECORD_LIMIT: Final = 64 * 1024
_BOMS: Final = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class FileRefused(ValueError):
    """The file cannot be read on from here. `code` is part of the API."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Record(NamedTuple):
    """One row, with the line of the file it starts on, counted from 1."""

    line: int
    cells: list[str]


class Records:
    """Feed it bytes, take records; the first record decides the delimiter.

    When the bytes stop making sense, `refused` says why, after all records before that place.
    """

    def __init__(self) -> None:
        self.refused: FileRefused | None = None
        self.delimiter = ""
        self._broken: FileRefused | None = None
        self._decoder: io.IncrementalNewlineDecoder | None = None
        self._head = b""
        self._text = ""
        self._open: list[str] = []
        self._open_length = 0
        self._line = self._start = 0

    def feed(self, data: bytes, *, last: bool = False) -> Iterator[Record]:
        """The records that are complete with these bytes."""
        if self.refused is None:
            self._text += self._decoded(data, last)
            yield from self._taken(last and self._broken is None)
            self.refused = self.refused or self._broken

    def _decoded(self, data: bytes, last: bool) -> str:
        if self._decoder is None:
            self._head += data
            if len(self._head) < len(codecs.BOM_UTF8) and not last:
                return ""
            data, self._head = self._head, b""
            encoding = next((e for bom, e in _BOMS.items() if data.startswith(bom)), "utf-8")
            incremental = codecs.getincrementaldecoder(encoding)()
            self._decoder = io.IncrementalNewlineDecoder(incremental, translate=True)
        try:
            return str(self._decoder.decode(data, final=last))
        except UnicodeDecodeError as error:
            good = error.object[: error.start].decode(error.encoding)
            good = good.replace("\r\n", "\n").replace("\r", "\n")
            line = 1 + self._line + (self._text + good).count("\n")
            self._broken = FileRefused(
                "encoding",
                f"line {line} is not text in {error.encoding.upper()}; "
                "export the file as CSV UTF-8",
            )
            return good

    def _taken(self, last: bool) -> Iterator[Record]:
        lines = self._text.split("\n")
        self._text = "" if last else lines.pop()
        if last and not lines[-1]:
            lines.pop()
        for line in lines:
            self._line += 1
            record = self._with_line(line)
            if record is not None and any(cell.strip() for cell in record.cells):
                yield record
            if self.refused is not None:
                return
        if self._open and last:
            self._refuse_quote("never closed")
        elif len(self._text) > RECORD_LIMIT:
            self._refuse_length(self._line + 1)

    def _with_line(self, line: str) -> Record | None:
        if "\0" in line:
            self.refused = FileRefused("encoding", f"line {self._line} holds binary data")
            return None
        if len(line) > RECORD_LIMIT:
            self._refuse_length(self._line)
            return None
        if not self.delimiter:
            if not line.strip() or self._declares(line):
                return None
            self.delimiter = _delimiter(line)
        if not self._open:
            self._start = self._line
        self._open.append(line)
        self._open_length += len(line)
        if _in_quotes(line, self.delimiter, started=len(self._open) > 1):
            if self._open_length > RECORD_LIMIT:
                self._refuse_quote(f"not closed within {RECORD_LIMIT} characters")
            return None
        text, self._open, self._open_length = "\n".join(self._open), [], 0
        return Record(self._start, _cells(text, self.delimiter))

    def _declares(self, line: str) -> bool:
        """Excel's own first line, `sep=;`."""
        if self._line == 1 and line[:4].lower() == "sep=" and line[4:] in set(DELIMITERS):
            self.delimiter = line[4:]
            return True
        return False

    def _refuse_length(self, line: int) -> None:
        message = f"line {line} is longer than {RECORD_LIMIT} characters"
        self.refused = FileRefused("row_too_long", message)

    def _refuse_quote(self, how: str) -> None:
        self._open = []
        message = f"the quotation mark opened in the row of line {self._start} is {how}"
        self.refused = FileRefused("quote_open", message)


def _delimiter(header: str) -> str:
    """The one that splits the header most; a comma if nothing does."""
    outside = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def _in_quotes(line: str, delimiter: str, *, started: bool) -> bool:
    """Whether a quoted cell is still open at the end of the line."""
    if '"' not in line:
        return started
    at, quoted = 0, started
    while at < len(line):
        if quoted:
            close = line.find('"', at)
            if close < 0:
                return True
            doubled = line.startswith('"', close + 1)
            at, quoted = (close + 2, True) if doubled else (close + 1, False)
            continue
        if at == 0 or line[at - 1] == delimiter:
            while line.startswith(" ", at):
                at += 1
            if line.startswith('"', at):
                at, quoted = at + 1, True
                continue
        following = line.find(delimiter, at)
        if following < 0:
            return False
        at = following + 1
    return quoted


def _cells(text: str, delimiter: str) -> list[str]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    return next(reader, [])
