"""The store's rows as log records, a column at a time.

Ids and instants are made by the JSON library, which takes a twentieth of what Python does.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from domain.wire import LogRecord


def records(rows: Sequence[tuple[Any, ...]]) -> list[LogRecord]:
    """Each row has the columns of a record in their order: ids as bytes, the instant as text."""
    if not rows:
        return []
    positions, workspaces, streams, versions, types, instants, around, data = zip(
        *rows, strict=True
    )
    ids = msgspec.convert(workspaces, list[UUID]), msgspec.convert(streams, list[UUID])
    at = msgspec.convert([f"{text}Z" for text in instants], list[datetime])
    return list(map(LogRecord, positions, *ids, versions, types, at, around, data))


@lru_cache(maxsize=1024)
def instant(text: str) -> datetime:
    """Facts of one commit have the same, and stand side by side."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
