"""What a stream that goes on has missed: read page by page, in the order of positions."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from projections.streams import stream_trims
from read_api.live.items import PAGE, Item, own_campaigns, own_items, progress_of
from read_api.live.notices import Worded
from read_api.live.room import GOING_ON, Listener
from read_api.query import in_workspace
from read_api.source import Source

AT_ONCE: Final = 4
"""Pages being read for all streams together: a thousand that come back take their turns."""

_trimmed: Final = select(stream_trims.c.position).where(in_workspace(stream_trims))


class Backlog:
    """Reads what is kept of one workspace."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._items, self._campaigns = source.prepare(own_items), source.prepare(own_campaigns)
        self._trimmed, self._worded = source.prepare(_trimmed), Worded(source)
        self._room = asyncio.Semaphore(AT_ONCE)

    async def kept_from(self, workspace_id: UUID) -> int:
        """Items above that position are all there."""
        (found,) = await self._source.ask((self._trimmed, {"workspace_id": workspace_id}))
        return found[0][0] if found else 0

    async def missed(
        self, workspace_id: UUID, listener: Listener, through: int
    ) -> AsyncIterator[bytes]:
        """Events from the listener's mark up to `through`, and campaigns as they stand now."""
        binds: dict[str, Any] = {"workspace_id": workspace_id, "upto": through}
        async with self._room:
            (rows,) = await self._source.ask(
                (self._campaigns, {**binds, "behind": listener.mark.moved})
            )
        moves, behind = [progress_of(row) for row in rows], listener.mark.items
        while moves or behind < through:
            items: list[Item] = []
            if behind < through:
                async with self._room:
                    (rows,) = await self._source.ask((self._items, {**binds, "behind": behind}))
                    items = await self._worded.items(rows)
                behind = items[-1].position if len(items) == PAGE else through
            page = sorted([*items, *(m for m in moves if m.position <= behind)], key=_place)
            moves = [move for move in moves if move.position > behind]
            granted = await listener.granted(page)
            if listener.over not in GOING_ON:
                return  # and whoever comes back goes on from the mark as it is
            shown = [item for item in page if listener.view.shows(item)]
            if text := b"".join([listener.framed(item, item.position, granted) for item in shown]):
                yield text
        listener.mark = listener.mark.beyond(through)


def _place(item: Item) -> int:
    return item.position
