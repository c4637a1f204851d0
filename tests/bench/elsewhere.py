"""A load that comes from a process of its own: what it computes delays nobody who measures."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, Final

_SPAWN: Final = get_context("spawn")
PATIENCE_S: Final = 30.0


class Going:
    """What the two processes share: how much has been done, ever, and whether to go on."""

    def __init__(self) -> None:
        self._done, self._stop = _SPAWN.Value("q", 0), _SPAWN.Event()

    def __bool__(self) -> bool:
        """Still wanted."""
        return not self._stop.is_set()

    @property
    def done(self) -> int:
        """By all processes that have gone on with it, one after the other."""
        return int(self._done.value)

    def did(self, number: int) -> None:
        """So many more."""
        self._done.value += number

    def go(self, *, on: bool) -> None:
        """Whether it is wanted from now on."""
        (self._stop.clear if on else self._stop.set)()


@contextmanager
def elsewhere(
    going: Going, load: Callable[..., None], *about: Any
) -> Iterator[Callable[[], float]]:
    """`load(going, *about)` in a new process, until the block ends; yields how much it did in a
    second since it began. RuntimeError if it ended before.
    """
    going.go(on=True)
    before, process = going.done, _SPAWN.Process(target=load, args=(going, *about), daemon=True)
    process.start()
    while going.done == before and process.is_alive():
        time.sleep(0.01)
    began, first = time.perf_counter(), going.done
    try:
        yield lambda: (going.done - first) / (time.perf_counter() - began)
        if not process.is_alive():
            raise RuntimeError(f"the load ended by itself, with exit status {process.exitcode}")
    finally:
        going.go(on=False)
        process.join(PATIENCE_S)
        process.kill()
