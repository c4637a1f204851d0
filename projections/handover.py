"""The end of a rebuild: live and new tables brought to the same place, compared, exchanged."""

import time
from typing import Final, NamedTuple

from sqlalchemy.exc import DBAPIError

from projections.comparing import comparable, differences, snapshot
from projections.faults import fault_of
from projections.pieces import Positions
from projections.rebuilding import Rebuilding
from projections.seam import standing, standstill, swap
from projections.transaction import transaction

PATIENCE_S: Final = 3.0
"""For a live projector to reach what was in the log before; longer than that, and it is not one."""
ATTEMPTS: Final = 30
PAUSE_S: Final = 0.2
LOOK_S: Final = 0.02


class NotExchanged(Exception):
    """The live tables would not stand still for a moment; what is done is kept."""


class Comparison(NamedTuple):
    """Whether live and rebuilt tables could be compared, and a line for each that differed."""

    compared: bool = False
    differing: tuple[str, ...] = ()


def keeps_up(work: Rebuilding) -> bool:
    """Whether the live tables reach what is in the shadows, so that both meet at one place.

    If not, because a gap stops them, or nobody moves them, or they were never built, the new ones
    take their place at the end of the log.
    """
    deadline = time.monotonic() + PATIENCE_S
    while work.live() is None:
        with work.engine.connect() as connection:
            known = standing(connection, work.projections, work.partitions).positions
        if known is None or time.monotonic() > deadline:
            return False
        time.sleep(LOOK_S)
    return True


def compare(work: Rebuilding) -> Comparison:
    """In one snapshot, taken when both have been brought to the same place."""
    work.tell("comparing")
    for _ in range(ATTEMPTS):
        if (live := work.live()) is None:
            break
        work.fill(live)
        try:
            with transaction(work.engine) as connection:
                found = standing(connection, work.projections, work.partitions, lock=True)
                joined = work.join(connection, work.not_behind(found))
        except DBAPIError as error:
            _insist_on_passing(error)
            joined = None
        if joined is None:
            work.reread()
            continue
        work.filler.positions = joined
        with snapshot(work.engine) as seen:
            if comparable(seen, work.projections, work.partitions):
                return Comparison(True, tuple(differences(seen, work.projections)))
    return Comparison()


def exchange(work: Rebuilding, *, exact: bool) -> None:
    """The new tables take the live ones' place: at their position, or at the end of the log."""
    work.tell("exchanging")
    for _ in range(ATTEMPTS):
        work.fill(_target(work, exact=exact))
        try:
            joined = _exchanged(work, exact=exact)
        except DBAPIError as error:
            _insist_on_passing(error)
            if not work.shadows.exist():
                return  # they were exchanged, only the answer was lost
            joined = None
            time.sleep(PAUSE_S)
        if joined is not None:
            work.filler.positions = joined
            return
        work.reread()
    raise NotExchanged(
        "the tables could not be exchanged, because the live ones moved too fast or were read for"
        " too long at a time; the new ones are kept: rebuild again, and it goes on from here"
    )


def _exchanged(work: Rebuilding, *, exact: bool) -> Positions | None:
    with standstill(work.engine, work.projections) as connection:
        found = standing(connection, work.projections, work.partitions)
        end = (work.end(found.highest),) * work.partitions
        joined = work.join(connection, work.not_behind(found) if exact else end)
        if joined is not None:
            swap(connection, work.projections, joined)
    return joined


def _target(work: Rebuilding, *, exact: bool) -> Positions:
    if exact:
        return work.live() or work.filler.positions
    return (work.end(),) * work.partitions


def _insist_on_passing(error: DBAPIError) -> None:
    """A value that is refused will be parked when it is written alone."""
    if fault_of(error) == "other":
        raise error
