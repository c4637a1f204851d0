"""The log into shadow tables in bulk: the next piece is read and folded while one is written."""

import gc
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, NamedTuple

from domain.wire import LogRecord
from projections.entries import Log
from projections.faults import fault_of
from projections.folding import Filler, Folded, Positions

CHUNK: Final = 10_000


class _Writing(NamedTuple):
    records: Sequence[LogRecord]
    folded: Folded
    done: "Future[None]"


def fill(log: Log, filler: Filler, upto: Positions) -> Iterator[int]:
    """How many records were folded, piece by piece, until the shadow tables stand at `upto`.

    `filler.positions` follow what is committed. May be left at any piece.
    """
    at, position, end = filler.positions, min(filler.positions), max(upto)
    writing: _Writing | None = None
    with _uncollected(), ThreadPoolExecutor(2, thread_name_prefix="rebuild") as pool:
        coming = pool.submit(log.read, position, _size(position, end))
        while position < end and (records := coming.result()):
            position = records[-1].position
            coming = pool.submit(log.read, position, _size(position, end))
            folded = filler.fold(records, upto, at)
            if writing is not None:
                if not _settled(filler, writing, upto):
                    folded = filler.fold(records, upto, at)
                yield writing.folded.records
                gc.collect(0)
            writing = _Writing(records, folded, pool.submit(filler.write, folded))
            at = folded.after
        if writing is not None:
            _settled(filler, writing, upto)
            yield writing.folded.records


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


def _size(position: int, end: int) -> int:
    return max(0, min(CHUNK, end - position))


def _settled(filler: Filler, writing: _Writing, upto: Positions) -> bool:
    """False if it had to be written in parts, so that more streams are held than was known."""
    try:
        writing.done.result()
    except Exception as error:
        if fault_of(error) != "data":
            raise
        filler.recall()
        filler.positions = filler.apart(writing.records, upto, writing.folded.before)
        return False
    filler.positions = writing.folded.after
    filler.parked += writing.folded.parked
    return True
