"""The log into shadow tables in bulk: the next pieces are read and folded while one is written."""

import gc
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, NamedTuple

from projections.entries import Log
from projections.faults import fault_of
from projections.folding import Filler
from projections.pieces import Folded, Piece, Positions, reached
from projections.team import Team

CHUNK: Final = 20_000
"""Large, because rows in the order of their key are written faster, and each is written once."""
FIRST: Final = 4_000
"""Of a team's: the sooner the first piece is folded, the sooner there is something to write."""


class _Writing(NamedTuple):
    piece: Piece
    folded: Folded
    done: "Future[None]"


def fill(log: Log, filler: Filler, upto: Positions, team: Team | None = None) -> Iterator[int]:
    """How many records were folded, piece by piece, until the shadow tables stand at `upto`.

    `filler.positions` follow what is committed. May be left at any piece.
    """
    writing: _Writing | None = None
    with _uncollected(), ThreadPoolExecutor(2, thread_name_prefix="rebuild") as pool:
        for piece, found in _folded(log, filler, upto, team, pool):
            folded = found
            if writing is not None:
                if not _settled(log, filler, writing, upto):
                    records = log.read(piece.position, piece.size)
                    folded = filler.fold(records, upto, piece.before)
                yield writing.folded.records
                gc.collect(0)
            writing = _Writing(piece, folded, pool.submit(filler.write, folded))
        if writing is not None:
            _settled(log, filler, writing, upto)
            yield writing.folded.records


def _pieces(at: Positions, upto: Positions, first: int = CHUNK) -> Iterator[Piece]:
    """All of the log that leads from the one place to the other; the `first` may be smaller, and
    each is a fourth larger than the one before it then.
    """
    position, end, most = min(at), max(upto), min(first, CHUNK)
    while position < end:
        size = min(most, end - position)
        after = reached(at, upto, position + size)
        yield Piece(position, size, at, after)
        position, at, most = position + size, after, min(CHUNK, most + most // 4)


def _folded(
    log: Log, filler: Filler, upto: Positions, team: Team | None, pool: ThreadPoolExecutor
) -> Iterator[tuple[Piece, Folded]]:
    """By the team, which is asked anew when more streams are held than it was told."""
    at, held = filler.positions, None
    while team is not None and held is not filler.held:
        held = filler.held
        for piece, folded in team.folded(_pieces(at, upto, FIRST), upto, held):
            filler.learn(folded)
            yield piece, folded
            at = folded.after
            if folded.after != piece.after:
                return  # the log ended there a moment ago
            if held is not filler.held:
                break
    yield from _here(log, filler, at, upto, pool)


def _here(
    log: Log, filler: Filler, at: Positions, upto: Positions, pool: ThreadPoolExecutor
) -> Iterator[tuple[Piece, Folded]]:
    ahead = _pieces(at, upto)
    following = next(ahead, None)
    coming = pool.submit(log.read, following.position, following.size) if following else None
    while following is not None and coming is not None and (records := coming.result()):
        piece, following = following, next(ahead, None)
        coming = pool.submit(log.read, following.position, following.size) if following else None
        folded = filler.fold(records, upto, piece.before)
        yield piece, folded
        if folded.after != piece.after:
            return  # the log ended there a moment ago


@contextmanager
def _uncollected() -> Iterator[None]:
    """Facts and rows hold no cycles, so looking for some is wasted on them.

    What errors and connections leave behind is collected once a piece.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _settled(log: Log, filler: Filler, writing: _Writing, upto: Positions) -> bool:
    """False if it had to be written in parts, so that more streams are held than was known."""
    try:
        writing.done.result()
    except Exception as error:
        if fault_of(error) != "data":
            raise
        filler.recall()
        position, size, before, _ = writing.piece
        filler.positions = filler.apart(log.read(position, size), upto, before)
        return False
    filler.positions = writing.folded.after
    filler.parked += writing.folded.parked
    return True
