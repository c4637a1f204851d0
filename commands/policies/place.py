"""Where reading a lane goes on, and when it is worth looking again."""

from datetime import datetime
from typing import Final
from uuid import UUID

SHORTEST_REST_S: Final = 0.05
LONGEST_REST_S: Final = 0.8
"""A lane in which nothing is due is looked at less and less often."""


class Place:
    """Where reading a lane goes on."""

    __slots__ = ("after", "rest_s", "rest_until", "rewound_at")

    def __init__(self) -> None:
        self.after: tuple[datetime, UUID] | None = None
        self.rewound_at, self.rest_until, self.rest_s = 0.0, 0.0, SHORTEST_REST_S

    def at_end(self) -> None:
        """Something was found: reading starts over at once."""
        self.after, self.rest_s = None, SHORTEST_REST_S

    def rest(self, clock: float, due_in_s: float) -> None:
        """Nothing was found: reading starts over after a rest, or when a retry becomes due."""
        self.after = None
        self.rest_until = clock + min(self.rest_s, due_in_s)
        self.rest_s = min(self.rest_s * 2, LONGEST_REST_S)
