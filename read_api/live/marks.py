"""How far a stream has been told, which is what its ids say: `120`, or `120-100` if of the campaigns
that moved after position 100 not all have been told yet. Going on from there nothing is lost or
repeated.
"""

import re
from typing import Final, NamedTuple

from domain.access import Problem
from read_api.live.items import Item

_MARK: Final = re.compile(r"([0-9]{1,18})(?:-([0-9]{1,18}))?", re.ASCII)


class Mark(NamedTuple):
    """Items up to `items` have been told, and how campaigns stood at `moved`."""

    items: int
    moved: int

    def __str__(self) -> str:
        return str(self.items) if self.moved >= self.items else f"{self.items}-{self.moved}"

    def beyond(self, position: int) -> "Mark":
        """Nothing is left to be told up to that position."""
        return Mark(max(self.items, position), max(self.moved, position))

    def after(self, item: Item, moved: int) -> "Mark":
        """What has been told with that item, and all campaigns' moves up to `moved`."""
        return Mark(max(self.items, item.position), max(self.moved, moved))


def mark_of(text: str) -> Mark:
    """The mark in a Last-Event-ID. Problem 400 if it is none."""
    found = _MARK.fullmatch(text)
    if not found:
        detail = f"Last-Event-ID: {text[:40]!r} is not the id of an event of this stream"
        raise Problem(400, "event_id_invalid", detail)
    items = int(found[1])
    return Mark(items, int(found[2]) if found[2] else items)
