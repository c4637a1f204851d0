"""Moves the stored mark behind what the log has, now and then rather than after every chunk.

Facts sent since its last move are sent again after a crash, so it never falls far behind.
"""

import asyncio
import sys
from typing import Final

from prometheus_client import Gauge

from infra.log.mark import Mark, Marks

BETWEEN_S: Final = 0.05
"""Moves are commits: with a chunk every few milliseconds they would cost more than the sending."""
AHEAD: Final = 20_000
"""How many facts the log may have above the mark; then sending waits for it."""

_position = Gauge("blazz_relay_position", "Last position that is in the log and marked as sent.")


class Keeper:
    """`sent` is what the log has; `stored` is where the next relay would begin."""

    def __init__(self, marks: Marks, epoch: int, mark: Mark) -> None:
        self._marks, self._epoch = marks, epoch
        self.sent = self.stored = mark
        self._news, self._moved, self._moving = asyncio.Event(), asyncio.Event(), asyncio.Lock()
        _position.set(mark.position)

    async def delivered(self, mark: Mark) -> None:
        """The log has all up to `mark`. Waits while the stored mark is too far behind."""
        self.sent = mark
        self._news.set()
        while self.sent.position - self.stored.position > AHEAD:
            self._moved.clear()
            await self._moved.wait()

    async def run(self) -> None:
        """Until cancelled. Raises FencedOff when another relay leads."""
        while True:
            await self._news.wait()
            self._news.clear()
            await self.settle()
            await asyncio.sleep(BETWEEN_S)

    async def settle(self) -> None:
        """Moves the stored mark to what is sent."""
        async with self._moving:
            new = self.sent
            if new == self.stored:
                return
            await asyncio.to_thread(self._marks.move, self._epoch, self.stored, new)
            sys.audit("blazz.relay.after_checkpoint")
            self.stored = new
        _position.set(new.position)
        self._moved.set()
