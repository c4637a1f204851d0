"""How far a workspace's read models have come, and waiting until they have come far enough."""

import re
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from starlette.requests import Request

from domain.access import Problem
from projections.checkpoints import partition_of
from projections.projection import Projection
from read_api.arrivals import Arrivals, Place
from read_api.lookout import Ear
from read_api.source import Rows, Source

LONGEST_WAIT_S = 10.0
_WAIT = re.compile(r"(?:^|,)\s*wait=(\d{1,4})(?:\.\d+)?\s*(?:,|;|$)")
_POSITION = re.compile(r"[0-9]{1,18}")


class Reached(NamedTuple):
    """The position applied; when its fact was recorded (UTC), how long that took; last sign."""

    position: int
    as_of: datetime | None
    lag_ms: int
    checked_at: datetime | None

    def meta(self) -> dict[str, object]:
        """The `meta` object of every answer."""
        return self._asdict()


class Freshness:
    """Asks the checkpoints of the partition in which a workspace's history runs."""

    def __init__(self, source: Source, partitions: int, ear: Ear | None) -> None:
        self._arrivals, self._partitions = Arrivals(source, ear), partitions

    def asked(self, workspace_id: UUID, of: Projection) -> tuple[Any, dict[str, Any]]:
        """Where the workspace stands, to be asked before its rows: they are at least as new."""
        return self._arrivals.asked(self._place(workspace_id, of))

    async def wait(self, request: Request, workspace_id: UUID, of: Projection) -> None:
        """Honour `Blazz-Min-Position` and `Prefer: wait=SECONDS`. Problem 503 if not reached."""
        wanted = _wanted(request)
        if wanted == 0:
            return
        asked = _WAIT.search(request.headers.get("prefer", ""))
        within_s = min(float(asked[1]) if asked else 0.0, LONGEST_WAIT_S)
        position = await self._arrivals.reach(self._place(workspace_id, of), wanted, within_s)
        if position < wanted:
            raise Problem(
                503,
                "projection_behind",
                f"asked for position {wanted}, reached {position}; ask again, or send "
                f"`Prefer: wait=SECONDS` (at most {LONGEST_WAIT_S:.0f})",
                headers={"Retry-After": "1"},
            )

    def _place(self, workspace_id: UUID, of: Projection) -> Place:
        return Place(of.name, of.version, partition_of(workspace_id, self._partitions))


def reached(found: Rows) -> Reached:
    """What the checkpoint's row says; without one nothing has been applied."""
    if not found:
        return Reached(0, None, 0, None)
    position, recorded_at, applied_at = found[0]
    lag = (applied_at - recorded_at).total_seconds() if recorded_at and applied_at else 0.0
    return Reached(position, recorded_at, max(0, round(lag * 1000)), applied_at)


def _wanted(request: Request) -> int:
    given = request.headers.getlist("blazz-min-position")
    if not given:
        return 0
    if len(given) > 1 or not _POSITION.fullmatch(given[0]):
        raise Problem(
            400,
            "invalid_position",
            f"Blazz-Min-Position: {', '.join(given)[:40]!r} is not a position; send the "
            "Blazz-Position of the answer to your write",
        )
    return int(given[0])
