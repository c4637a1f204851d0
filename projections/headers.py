"""The headers of a log record: CloudEvents binary mode, with Blazz's own place in the log.

Whatever stands in a header, reading gives an entry: a bad record is said to be bad, with its
position if that much is readable.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

import msgspec

from domain.wire import LogRecord
from projections.entries import LogEntry

WATERMARK: Final = "blazz.watermark"
ID_DIGITS: Final = 32
LARGEST: Final = 2**63 - 1
DIGITS: Final = len(str(LARGEST))

Header = tuple[str, bytes | None]


class Unreadable(ValueError):
    """A header is missing or is not what it must be."""


def entry_of(offset: int, headers: Iterable[Header], value: bytes | None) -> LogEntry:
    """The entry that a Kafka record stands for."""
    position = 0
    found = dict(headers)
    try:
        position = _number(found, "ce_position")
        chained = found.get("ce_prevposition") is not None
        previous = _number(found, "ce_prevposition", least=0) if chained else None
        if found.get("ce_type") == _WATERMARK:
            return LogEntry(None, offset, position, previous)
        return LogEntry(_record(found, position, value), offset, position, previous)
    except Unreadable as error:
        return LogEntry(None, offset, position, None, str(error))


Found = dict[str, bytes | None]


def _record(found: Found, position: int, value: bytes | None) -> LogRecord:
    if not value:
        raise Unreadable("the record has no value")
    return LogRecord(
        position,
        _workspace(found.get("ce_workspaceid") or _needed(found, "ce_workspaceid")),
        _id(found.get("ce_subject") or _needed(found, "ce_subject"), "ce_subject"),
        _number(found, "ce_streamversion"),
        _text(found.get("ce_type") or _needed(found, "ce_type"), "ce_type"),
        _instant(found),
        found.get("ce_metadata") or b"",
        value,
    )


def _needed(found: Found, name: str) -> bytes:
    content = found.get(name)
    if content is None:
        raise Unreadable(f"header {name} is missing")
    return content


def _number(found: Found, name: str, least: int = 1) -> int:
    digits = found.get(name)
    if digits is None:
        raise Unreadable(f"header {name} is missing")
    if digits.isdigit() and len(digits) <= DIGITS and least <= (number := int(digits)) <= LARGEST:
        return number
    raise Unreadable(f"header {name} must be a whole number from {least}, not {digits[:40]!r}")


@lru_cache(maxsize=1000)
def _text(content: bytes, name: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Unreadable(f"header {name} is not UTF-8: {content[:40]!r}") from None


def _id(digits: bytes, name: str) -> UUID:
    if len(digits) == ID_DIGITS:
        # Written in C, it takes a third of the time of Python's own.
        try:
            return msgspec.convert(digits.decode(), UUID)
        except (UnicodeDecodeError, msgspec.ValidationError):
            pass
    raise Unreadable(f"header {name} must be {ID_DIGITS} hexadecimal digits, not {digits[:40]!r}")


@lru_cache(maxsize=10_000)
def _workspace(digits: bytes) -> UUID:
    return _id(digits, "ce_workspaceid")


def _instant(found: Found) -> datetime:
    text = _needed(found, "ce_time")
    try:
        instant = datetime.fromisoformat(text.decode())
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise Unreadable(f"header ce_time must be an RFC 3339 instant, not {text[:40]!r}")
    return instant


_WATERMARK: Final = WATERMARK.encode()
