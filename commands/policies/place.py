"""Where reading a lane goes on, and when it is worth looking again."""

from datetime import datetime
from typing import Final

SHORTEST_REST_S: Final = 0.05
LONGEST_REST_S: Final = 0.8
"""A lane in which nothing is due is looked at less and less often."""
SOON_S: Final = 1.0
SWEEP_S: Final = 5.0
"""Reading starts over: soon while something may become due behind it, and now and then anyway."""


Due = tuple[datetime | str, bytes]
"""A message's turn in its lane: when it is due and its id, both as the database gives them."""


class Place:
    """Where reading a lane goes on."""

    __slots__ = ("_behind_until", "_rest_s", "_started_at", "after", "rest_until")

    def __init__(self) -> None:
        self.after: Due | None = None
        self.rest_until, self._rest_s = 0.0, SHORTEST_REST_S
        self._started_at = self._behind_until = 0.0

    def look_behind(self, clock: float) -> None:
        """A message is going to be due there: put off, or refused and to be tried again."""
        self._behind_until = clock + SWEEP_S

    def begin(self, clock: float) -> None:
        """It is going to be read; what was passed over is read again when it is time."""
        every_s = SOON_S if clock < self._behind_until else SWEEP_S
        if clock - self._started_at > every_s:
            self.after, self._started_at = None, clock

    def found(self, *, in_order: bool) -> None:
        """The end was reached, and there was something on the way.

        Whatever comes next stands behind that end, unless several processes put it there.
        """
        self._rest_s = SHORTEST_REST_S
        if not in_order:
            self.after = None

    def rest(self, clock: float, due_in_s: float) -> None:
        """Nothing was found: reading starts over after a rest, or when a retry becomes due."""
        self.after = None
        self.rest_until = clock + min(self._rest_s, due_in_s)
        self._rest_s = min(self._rest_s * 2, LONGEST_REST_S)
