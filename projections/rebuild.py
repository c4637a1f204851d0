"""Read models made anew from the store, beside the live ones, which are read and go on meanwhile.

Shadow tables are filled in bulk, brought to where the live tables stand, compared, and put in their
place at one stroke. Whatever it is broken off at, the live tables are right and it can be resumed.
"""

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, delete, insert, select

from projections.alone import alone
from projections.checkpoints import PAUSED, checkpoints, rebuilds
from projections.entries import Log
from projections.folding import stored
from projections.handover import Comparison, compare, exchange, keeps_up
from projections.pieces import Positions
from projections.projection import Projection
from projections.rebuilding import Progress, Rebuilding
from projections.seam import standing, swept
from projections.shadow import Shadows
from projections.team import Opened, Team, worth_it
from projections.transaction import transaction


class Refused(Exception):
    """The rebuild cannot begin or go on as things are; the message says why and what to do."""


class Rebuilt(NamedTuple):
    """Records folded by this run, records parked by it, and the position the tables got to."""

    records: int
    parked: int
    position: int
    comparison: Comparison


def rebuild(
    log: Log,
    engine: Engine,
    projections: Sequence[Projection],
    partitions: int,
    told: Callable[[Progress], None] = lambda _: None,
    opened: Opened | None = None,
) -> Rebuilt:
    """Exchange the tables of `projections` for new ones; goes on with those begun before. With
    `opened`, which opens the same log once more, several processes read and fold a long one.

    RebuildRuns if another one is under way, Refused if other projections are half rebuilt or one
    of these is paused, NotExchanged if the live tables would not stand still, MemberLost if one of
    the processes was.
    """
    chosen = tuple(projections)
    with alone(engine):
        _refuse_other_store(log, engine, chosen, partitions)
        at = _begun(engine, chosen, partitions)
        work = Rebuilding(log, engine, chosen, at or (0,) * partitions, told)
        _fill(work, opened, begun=bool(at))
        sys.audit("blazz.rebuild.indexed")
        work.catch_up()
        exact = keeps_up(work)
        comparison = compare(work) if exact else Comparison()
        exchange(work, exact=exact)
        sys.audit("blazz.rebuild.after_swap")
        swept(engine, chosen)
    return Rebuilt(work.records, work.filler.parked, max(work.filler.positions), comparison)


def _fill(work: Rebuilding, opened: Opened | None, *, begun: bool) -> None:
    """Nearly all of the log. The first of it is read and folded while the tables are made."""
    with ExitStack() as ends:
        if opened is not None and worth_it(work.head - min(work.filler.positions)):
            work.team = ends.enter_context(Team(opened, work.filler.folder))
        ends.callback(setattr, work, "team", None)
        if begun:
            work.filler.recall()
        else:
            pool = ends.enter_context(ThreadPoolExecutor(1, thread_name_prefix="tables"))
            work.filler.made = pool.submit(_begin, work.engine, work.projections, work.partitions)
        work.catch_up()
        work.filler.wait()
    work.tell("indexing")
    work.shadows.index()


def pending(engine: Engine) -> list[str]:
    """The projections whose new tables are half filled, and wait to be resumed or dropped."""
    with engine.connect() as connection:
        return sorted(connection.scalars(select(rebuilds.c.projection)))


def cancel(engine: Engine, projections: Sequence[Projection]) -> list[str]:
    """Drop the half-filled tables of all these; for which projections there were any. RebuildRuns
    while they are being filled.
    """
    with alone(engine):
        names = pending(engine)
        swept(engine, projections)
    return names


def _begun(engine: Engine, chosen: tuple[Projection, ...], partitions: int) -> Positions:
    """Where the shadow tables stand; nothing if there are none, or they were exchanged already."""
    shadows = Shadows(engine, chosen)
    with engine.connect() as connection:
        _refuse_paused(connection, chosen)
        asked = select(rebuilds.c.projection, rebuilds.c.version)
        there = {(name, version) for name, version in connection.execute(asked)}
        at = stored(connection, lock=False)
    mine = {(p.name, p.version) for p in chosen}
    if there and there == mine and not shadows.exist():
        swept(engine, chosen)
        return ()
    names = ", ".join(sorted(name for name, _ in there))
    if there and (there != mine or len(at) != partitions):
        raise Refused(
            f"a rebuild of {names} has begun and not ended: resume it with `blazz projections"
            f" rebuild {names.replace(',', '')}`, or drop it with `blazz projections cancel`"
        )
    if there and (changed := shadows.differing()):
        raise Refused(
            f"{', '.join(changed)} got other columns since the rebuild of {names} began:"
            " drop it with `blazz projections cancel` and rebuild again"
        )
    return at


def _refuse_other_store(
    log: Log, engine: Engine, chosen: tuple[Projection, ...], partitions: int
) -> None:
    with engine.connect() as connection:
        highest = standing(connection, chosen, partitions).highest
    if highest > (head := log.head()):
        raise Refused(
            f"the read models hold facts up to position {highest}, but the event store ends at"
            f" {head}: it is not the store they were made from, or it has lost facts"
        )


def _refuse_paused(connection: Connection, chosen: tuple[Projection, ...]) -> None:
    c = checkpoints.c
    asked = select(c.projection, c.version).where(c.state == PAUSED)
    paused = {(name, version) for name, version in connection.execute(asked)}
    if names := [p.name for p in chosen if (p.name, p.version) in paused]:
        raise Refused(f"{', '.join(names)}: paused; `blazz projections resume` comes first")


def _begin(engine: Engine, chosen: tuple[Projection, ...], partitions: int) -> None:
    zeros, now = str([0] * partitions), datetime.now(UTC)
    Shadows(engine, chosen).create()
    sys.audit("blazz.rebuild.created")
    about = {"positions": zeros, "records": zeros, "started_at": now, "moved_at": now}
    rows = [{"projection": p.name, "version": p.version, **about} for p in chosen]
    with transaction(engine) as connection:
        connection.execute(delete(rebuilds))
        connection.execute(insert(rebuilds), rows)
