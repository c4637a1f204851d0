"""Read models kept up to date inside one process, straight from the store: the embedded way.

Same sink, one partition; it may run in a thread of its own or be stepped by hand.
"""

from threading import Event as Signal
from typing import Final

from projections.entries import Log, gapless
from projections.sink import Sink

PARTITION: Final = 0
BATCH: Final = 1000
SHORTEST_IDLE_S: Final = 0.001
LONGEST_IDLE_S: Final = 0.02


class Runner:
    """A sink over exactly one partition, fed from `log`."""

    def __init__(self, log: Log, sink: Sink) -> None:
        assert sink.partitions == 1, "the runner knows one partition only"
        self.log, self.sink = log, sink
        self._position: int | None = None

    def step(self) -> int:
        """Apply the next records, if there are any; how many there were."""
        if self._position is None:
            self._position = min(self.sink.positions(PARTITION).values(), default=0)
        records = self.log.read(self._position, BATCH)
        if not records:
            return 0
        try:
            self.sink.apply(PARTITION, gapless(records))
        except Exception:
            self._position = None
            raise
        self._position = records[-1].position
        return len(records)

    def run(self, stopping: Signal) -> None:
        """Step until told to stop, idling longer while nothing comes."""
        idle = SHORTEST_IDLE_S
        while not stopping.is_set():
            if self.step():
                idle = SHORTEST_IDLE_S
            else:
                stopping.wait(idle)
                idle = min(idle * 2, LONGEST_IDLE_S)
