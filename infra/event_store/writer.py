"""Group commit: one writer for all threads of the process, which stores together what came in
while it was storing. Nobody waits for company: a flush begins as soon as the last one is over.
"""

import threading
import time
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from commands.store import StoreUnavailable
from infra.bell import Bell
from infra.event_store.batch import Batch
from infra.event_store.flush import Flush
from infra.event_store.pending import Pending

FLUSH_EVENTS: Final = 500
"""Events of one commit. An append that is larger has a commit to itself."""
QUEUE_EVENTS: Final = 20_000
"""Events that may wait. What comes on top is refused, unless nothing waits."""
IDLE_S: Final = 2.0

BATCHES: Final = Counter("blazz_append_batches", "Commits of the event store's writer")
EVENTS: Final = Counter("blazz_append_events", "Events stored")
SECONDS: Final = Histogram(
    "blazz_append_seconds",
    "From taking appends out of the queue to having answered them",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 20),
)
QUEUE: Final = Gauge("blazz_append_queue", "Appends waiting for the writer")
REFUSED: Final = Counter(
    "blazz_append_refused",
    "Appends that were not stored, though nothing was wrong with them",
    ["reason"],
)


class Writer:
    """The one door through which rows get into `events`. Its thread lives while there is work."""

    def __init__(self, flush: Flush, bell: Bell) -> None:
        self._flush, self._bell = flush, bell
        self._prepare = flush.database.prepare
        self._queue: SimpleQueue[Pending | None] = SimpleQueue()
        self._waiting = 0
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._held: Pending | None = None
        self._closed = False

    def write(self, batch: Batch) -> int:
        """The position of the batch's first row, once it is stored for good."""
        append = Pending(batch, self._prepare(batch))
        if not self._alone(append):
            self._put(append)
            if not append.wait():
                REFUSED.labels("waited").inc()
                raise StoreUnavailable("the event store's writer was busy with others for too long")
        try:
            return append.result()
        except StoreUnavailable:
            REFUSED.labels("away").inc()
            raise

    def close(self) -> None:
        """Stores what has been handed in; later appends are refused."""
        self._closed = True
        with self._lock:
            thread = self._thread
            self._queue.put(None)
        if thread is not None:
            thread.join()
        # Whoever writes without the queue finishes, too.
        with self._turn:
            pass

    def _alone(self, append: Pending) -> bool:
        """Stores it in the caller's thread if nobody else is at it: two changes of thread less."""
        if self._waiting or self._closed or not self._turn.acquire(blocking=False):
            return False
        try:
            self._store([append])
        finally:
            self._turn.release()
        return True

    def _put(self, append: Pending) -> None:
        with self._lock:
            if self._closed:
                raise StoreUnavailable("the event store is closed here")
            if self._waiting and self._waiting + append.events > QUEUE_EVENTS:
                REFUSED.labels("full").inc()
                raise StoreUnavailable(f"{self._waiting} events wait for the event store already")
            self._waiting += append.events
            self._queue.put(append)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="appends", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            first = self._next(IDLE_S)
            if first is not None:
                with self._turn:
                    appends = self._company(first)
                    self._store(appends)
                self._leave(appends)
            elif self._done():
                return

    def _done(self) -> bool:
        """Nothing waits: whoever comes next starts a new thread."""
        with self._lock:
            if self._held is None and self._queue.empty():
                self._thread = None
            return self._thread is None

    def _company(self, first: Pending) -> list[Pending]:
        """What is stored together with it: all that waits, up to the size of one commit."""
        appends, events = [first], first.events
        while events < FLUSH_EVENTS and not first.batch.tracked:
            append = self._next()
            if append is None:
                break
            events += append.events
            if events > FLUSH_EVENTS or append.batch.tracked:
                self._held = append
                break
            appends.append(append)
        return appends

    def _next(self, patience: float = 0) -> Pending | None:
        if self._held is not None:
            held, self._held = self._held, None
            return held
        while True:
            try:
                append = self._queue.get(patience > 0, patience or None)
            except Empty:
                return None
            if append is None:
                return None
            if append.take():
                return append
            self._leave([append])

    def _leave(self, appends: Sequence[Pending]) -> None:
        with self._lock:
            self._waiting -= sum(append.events for append in appends)

    def _store(self, appends: Sequence[Pending]) -> None:
        began = time.monotonic()
        QUEUE.set(self._queue.qsize())
        try:
            self._flush(appends)
        except BaseException as error:  # noqa: BLE001 (raised again where it is waited for)
            for append in appends:
                if append.open:
                    append.refused(error)
        stored = sum(append.events for append in appends if append.accepted)
        BATCHES.inc()
        EVENTS.inc(stored)
        SECONDS.observe(time.monotonic() - began)
        if stored:
            self._bell.ring()
