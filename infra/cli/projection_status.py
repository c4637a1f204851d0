"""`blazz projections status`: position, lag and state of each read model."""

import sys
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, func, select

from infra.services.parts import ReadSide, WriteSide
from infra.settings import Settings
from projections.all import ALL
from projections.checkpoints import LIVE, checkpoints, parked, rebuilds
from projections.entries import Log
from projections.folding import counted, stored
from projections.projection import Projection


class Stands(NamedTuple):
    """Over the partitions of one projection."""

    lowest: int = 0
    highest: int = 0
    state: str = LIVE


def show_status(settings: Settings, *, as_json: bool) -> int:
    """One line a projection, or one JSON object a line."""
    log = WriteSide(settings).store
    with ReadSide(settings).engine.connect() as connection:
        stands, rebuilding = _stands(connection), _rebuilding(connection)
        counting = select(parked.c.projection, func.count()).group_by(parked.c.projection)
        counts: dict[str, int] = dict(connection.execute(counting).all())
    head, ages = log.head(), dict[int, float]()
    for projection in ALL:
        at = stands.get((projection.name, projection.version), Stands())
        if at.lowest not in ages:
            ages[at.lowest] = _age(log, at.lowest)
        row = _row(projection, at, head, ages[at.lowest], counts.get(projection.name, 0))
        if projection.name in rebuilding:
            row |= {"state": "rebuilding", "rebuild": rebuilding[projection.name]}
        sys.stdout.write((orjson.dumps(row).decode() if as_json else _line(row)) + "\n")
    return 0


def _row(
    projection: Projection, at: Stands, head: int, age: float, parked_count: int
) -> dict[str, Any]:
    return {
        "projection": projection.name,
        "version": projection.version,
        "state": at.state,
        "position": at.lowest,
        "newest_position": at.highest,
        "head_position": head,
        "lag_events": max(0, head - at.lowest),
        "lag_s": age,
        "parked": parked_count,
    }


def _line(row: dict[str, Any]) -> str:
    shown = dict(row)
    if found := shown.pop("rebuild", None):
        shown["state"] = (
            f"rebuilding {found['percent']:.0f} % at {found['records_per_s']:,} records a second,"
            f" last moved {found['moved_s_ago']:.0f} s ago"
        )
    return "  ".join(f"{key} {value}" for key, value in shown.items())


def _stands(connection: Connection) -> dict[tuple[str, int], Stands]:
    c = checkpoints.c
    asked = select(
        c.projection, c.version, func.min(c.position), func.max(c.position), func.max(c.state)
    )
    found = connection.execute(asked.group_by(c.projection, c.version))
    return {(name, version): Stands(*rest) for name, version, *rest in found}


def _age(log: Log, position: int) -> float:
    """How long ago the first fact that is missing was recorded; 0 if none is."""
    records = log.read(position, 1)
    if not records:
        return 0.0
    return round(max(0.0, (datetime.now(UTC) - records[0].recorded_at).total_seconds()), 3)


def _rebuilding(connection: Connection) -> dict[str, dict[str, Any]]:
    reached, now = min(stored(connection, lock=False), default=0), datetime.now(UTC)
    records = sum(counted(connection))
    return {
        row.projection: {
            "position": reached,
            "percent": round(100 * reached / row.head, 1) if row.head else 0.0,
            "records_per_s": round(1000 * records / max(row.worked_ms, 1)) if row.worked_ms else 0,
            "moved_s_ago": round((now - row.moved_at).total_seconds(), 1),
        }
        for row in connection.execute(select(rebuilds))
    }
