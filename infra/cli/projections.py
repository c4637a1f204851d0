"""`blazz projections`: where the read models stand, what they hold, and making them anew."""

import sys
import time

import orjson
from sqlalchemy import func, select

from infra.services.parts import ReadSide, WriteSide
from infra.settings import Settings
from projections.all import ALL
from projections.checkpoints import PARTITIONS, checkpoints, parked
from projections.digest import digest
from projections.rebuild import ProjectorRuns, rebuild


def show_digest(settings: Settings, *, as_json: bool) -> int:
    """One line a table, or one JSON object."""
    found = digest(ReadSide(settings).engine)
    if as_json:
        sys.stdout.write(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        for table, value in found.items():
            sys.stdout.write(f"{value}  {table}\n")
    return 0


def show_status(settings: Settings, *, as_json: bool) -> int:
    """One line a projection: its lowest and highest position, the store's head, parked records."""
    head = WriteSide(settings).store.head()
    c, p = checkpoints.c, parked.c
    with ReadSide(settings).engine.connect() as connection:
        stands = {
            (name, version): (lowest, highest)
            for name, version, lowest, highest in connection.execute(
                select(
                    c.projection, c.version, func.min(c.position), func.max(c.position)
                ).group_by(c.projection, c.version)
            )
        }
        counting = select(p.projection, func.count()).group_by(p.projection)
        counts: dict[str, int] = dict(connection.execute(counting).tuples().all())
    for projection in ALL:
        lowest, highest = stands.get((projection.name, projection.version), (0, 0))
        row = {
            "projection": projection.name,
            "version": projection.version,
            "position": lowest,
            "newest_position": highest,
            "head_position": head,
            "parked": counts.get(projection.name, 0),
        }
        if as_json:
            line = orjson.dumps(row).decode()
        else:
            line = "  ".join(f"{key} {value}" for key, value in row.items())
        sys.stdout.write(line + "\n")
    return 0


def rebuild_projections(settings: Settings, names: list[str]) -> int:
    """2 for a name that is none, 1 while a projector works on them, else 0."""
    known = {projection.name: projection for projection in ALL}
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.stderr.write(f"no projection {', '.join(unknown)}; known: {', '.join(known)}\n")
        return 2
    chosen = [known[name] for name in names] or list(ALL)
    started = time.monotonic()

    def progress(position: int, head: int) -> None:
        sys.stderr.write(f"\rposition {position} of {head}")

    store, tables = WriteSide(settings).store, ReadSide(settings).engine
    try:
        done = rebuild(store, tables, chosen, PARTITIONS, progress)
    except ProjectorRuns as error:
        sys.stderr.write(f"{error}\n")
        return 1
    seconds = time.monotonic() - started
    sys.stderr.write(
        f"\r{len(chosen)} projections rebuilt from {done.records} records up to position "
        f"{done.position} in {seconds:.1f} s, {done.parked} parked\n"
    )
    return 0
