"""The words that people are told with an item that is a notification."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from domain.notices import notification_id
from projections.notifications import notifications
from read_api.live.items import Item, item_of
from read_api.query import in_workspace
from read_api.source import Rows, Source

_words = select(
    notifications.c.title,
    notifications.c.reason,
    notifications.c.priority,
    notifications.c.expires_at,
).where(
    in_workspace(notifications),
    notifications.c.notification_id == bindparam("notification_id"),
)


class Worded:
    """Turns stored items into those that are sent; one in thousands needs words."""

    def __init__(self, source: Source) -> None:
        self._source, self._words = source, source.prepare(_words)

    async def items(self, rows: Rows) -> list[Item]:
        """The items in the rows of one of the statements of items."""
        return [await self._item(row) if row[-2] else item_of(row) for row in rows]

    async def _item(self, row: Sequence[Any]) -> Item:
        binds = {"workspace_id": UUID(bytes=row[0]), "notification_id": notification_id(row[1])}
        (found,) = await self._source.ask((self._words, binds))
        if not found:
            return item_of(row)
        *about, expires_at = found[0]
        if expires_at.replace(tzinfo=UTC) <= datetime.now(UTC):
            return item_of([*row[:-2], "", ""])  # what happened, and no notification any more
        return item_of(row, about)
