"""Who listens to one workspace, and what waits to be sent to each of them: never more than so much."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable, Sequence
from typing import Final
from uuid import UUID

from domain.access import Principal
from domain.notices import notification_id
from read_api.live.items import END, Item, framed
from read_api.live.marks import Mark
from read_api.live.topics import View

WAITING: Final = 1000
"""Events for one that does not take them; more than this, and it is cut."""
CALM_S: Final = 0.2
"""Between two rounds of progress: a campaign moves at most five times a second on a screen."""
GOING_ON: Final = frozenset({"", "slow"})
"""Who is slow still gets what waits."""
PING: Final = b": ping\r\n\r\n"


class Uncounted(Exception):
    """Nobody knows how often a notification has been sent, so it is not sent now."""


Claim = Callable[[Principal, Sequence[UUID]], Coroutine[None, None, Collection[UUID]]]
"""Which of these notifications they may be sent once more. Uncounted."""


class Listener:
    """One stream: what it shows, how far it has been told, and what waits to be sent."""

    def __init__(self, view: View, claim: Claim) -> None:
        self.view, self.mark, self._claim = view, Mark(0, 0), claim
        self.over = ""
        """Why it ends."""
        self._waiting: list[tuple[Item, int]] = []
        self._said = b""
        self._idle: asyncio.Future[None] | None = None
        self._ping = False

    def offer(self, item: Item, moved: int) -> None:
        """To be sent if it is theirs. `moved`: campaigns' moves up to there come before it."""
        if self.over or not self.view.shows(item):
            return
        if len(self._waiting) >= WAITING:
            self.cut("slow")
            return
        self._waiting.append((item, moved))
        self._wake()

    def cut(self, why: str) -> None:
        """What waits is still sent if it is about being slow; after that it ends."""
        if self.over in GOING_ON:
            self.over = why
        if why != "slow":
            self._waiting.clear()
        self._wake()

    def ping(self) -> None:
        """Something is sent, so that nobody on the way takes the connection for dead."""
        self._ping = True
        self._wake()

    def begin_anew(self, at: "Mark", **said: object) -> None:
        """Goes on from there, and is told so."""
        self._waiting.clear()
        self.mark = at
        self._said = self.control("reset", **said)
        self._wake()

    def _wake(self) -> None:
        if self._idle is not None and not self._idle.done():
            self._idle.set_result(None)

    async def taken(self) -> bytes | None:
        """The next events in one piece, as soon as there are any; None when it is over."""
        out = b""
        while not out:
            if not (self._waiting or self._ping or self._said):
                if self.over:
                    return None
                self._idle = asyncio.get_running_loop().create_future()
                await self._idle
            waiting, self._waiting = self._waiting, []
            granted = await self.granted([item for item, _ in waiting])
            if self.over not in GOING_ON:
                return None
            # What they may see may have changed since it was offered.
            shown = [(item, moved) for item, moved in waiting if self.view.shows(item)]
            told = [self.framed(item, moved, granted) for item, moved in shown]
            out, self._said = b"".join([self._said, *told]), b""
            if self._ping:
                out, self._ping = out or PING, False
        return out

    async def granted(self, items: Iterable[Item]) -> Collection[UUID]:
        """Those of the notifications among these items that are sent. It is cut if nobody knows."""
        view, told = self.view, self.mark.items
        new = [item for item in items if item.notice and item.position > told]
        ids = [notification_id(one.position) for one in new if view.shows(one) and view.tells(one)]
        try:
            return await self._claim(view.principal, ids) if ids else ()
        except Uncounted:
            self.cut("unavailable")
            return ()

    def framed(self, item: Item, moved: int, granted: Collection[UUID]) -> bytes:
        """The item's event with its id; nothing if it has been told, or was to be a notification
        only and is none that is granted.
        """
        behind = self.mark.moved if item.moved else self.mark.items
        if item.position <= behind:
            return b""
        self.mark = self.mark.after(item, moved)
        event = item.plain
        if item.notice and notification_id(item.position) in granted:
            event = item.told
        elif not self.view.asks(item):
            return b""
        return b"id: " + str(self.mark).encode() + END + event

    def control(self, event: str, **said: object) -> bytes:
        """An event of the stream itself, with the id from which it goes on."""
        return b"id: " + str(self.mark).encode() + END + framed(said, event)


class Room:
    """The listeners of a workspace. `through`: all items up to there were offered to them."""

    def __init__(self, workspace_id: UUID, partition: int) -> None:
        self.workspace_id, self.partition = workspace_id, partition
        self.through: int | None = None
        self.open = asyncio.Event()
        """Set when `through` is known."""
        self.listeners: set[Listener] = set()
        self._moves: dict[UUID | None, Item] = {}
        self._told = 0
        self._calm_until = 0.0

    def begin(self, position: int) -> None:
        """What is above that position will be offered."""
        self.through = self._told = position
        self.open.set()

    def take(self, items: Iterable[Item], moves: Sequence[Item], through: int, now: float) -> bool:
        """All there is above what was taken before, up to `through`. False as in `calm`."""
        self._moves |= {move.campaign_id: move for move in moves}
        if not self._moves:
            self._told = through
        for item in items:
            for listener in self.listeners:
                listener.offer(item, self._told)
        self.through = max(self.through or 0, through)
        return self.calm(now)

    def calm(self, now: float) -> bool:
        """Tells how campaigns have moved, if it is time again. False if that has to wait."""
        if not self._moves or self.through is None:
            return True
        if now < self._calm_until:
            return False
        self._calm_until = now + CALM_S
        moves = sorted(self._moves.values(), key=lambda move: move.position)
        self._moves = {}
        for move in moves:
            moved = self.through if move is moves[-1] else move.position
            for listener in self.listeners:
                listener.offer(move, moved)
        self._told = self.through
        return True
