"""`/-/metrics`: the process's own counters, and gauges read from the databases."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from prometheus_client import REGISTRY, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import Engine, func, select

from infra.event_store.inbox import OPEN, Inbox
from infra.metrics.standing import age_s, head, projected, recorded_after, relayed, wanted_files
from projections.projection import Projection
from projections.queue import send_queue
from projections.work import audience_work

FRESH_S: Final = 1.0
MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

log = logging.getLogger("blazz.metrics")

Reading = Callable[[], Iterable[Metric]]


class Gauges:
    """Readings of databases, taken at most once a second however often they are asked for.

    It is no collector of the default registry: several may live in one process, as in tests.
    """

    def __init__(self, *readings: Reading) -> None:
        self._readings = readings
        self._taken: list[Metric] = []
        self._at = -FRESH_S
        self._guard = threading.Lock()

    def collect(self) -> Iterator[Metric]:
        """What prometheus_client asks of a registry. One database that is away hides no other."""
        with self._guard:
            if time.monotonic() - self._at >= FRESH_S:
                self._taken = list(self._read())
                self._at = time.monotonic()
            yield from self._taken

    def _read(self) -> Iterator[Metric]:
        missed = 0
        for reading in self._readings:
            try:
                yield from list(reading())
            except Exception as error:  # noqa: BLE001 - said in the log, counted in the answer
                log.warning("figures cannot be read: %s", type(error).__name__)
                missed += 1
        yield GaugeMetricFamily(
            "blazz_unread_figures", "Groups of figures whose database did not answer.", missed
        )


def exposed(gauges: Gauges) -> bytes:
    """Everything this process has to tell, in Prometheus's text format."""
    registry: Any = gauges
    return bytes(generate_latest(REGISTRY) + generate_latest(registry))


def of_projections(
    store: Engine, read: Engine, projections: Sequence[Projection], partitions: int
) -> Reading:
    """How far behind each projection is, and what it set aside."""

    def read_them() -> Iterator[Metric]:
        newest = head(store)
        position, lag, late, parked, oldest = (
            GaugeMetricFamily(f"blazz_projection_{name}", text, labels=("projection", "version"))
            for name, text in (
                ("position", "All facts up to here are in the projection's tables."),
                ("lag_events", "Facts of the store that are not yet in its tables."),
                ("lag_seconds", "Age of the oldest of them."),
                ("parked_events", "Records that it set aside."),
                ("oldest_parked_seconds", "Age of the oldest of them."),
            )
        )
        ages: dict[int, float] = {}
        for one in projected(read, projections):
            labels, at = (one.name, str(one.version)), one.lowest(partitions)
            if at not in ages:
                ages[at] = age_s(recorded_after(store, at)) if at < newest else 0.0
            position.add_metric(labels, at)
            lag.add_metric(labels, max(0, newest - at))
            late.add_metric(labels, ages[at])
            parked.add_metric(labels, one.parked)
            oldest.add_metric(labels, age_s(one.oldest_parked_at))
        yield from (position, lag, late, parked, oldest)
        yield GaugeMetricFamily(
            "blazz_projection_head_position", "Where the projections should stand.", newest
        )

    return read_them


def of_relay(store: Engine) -> Reading:
    """How far behind the store the log is."""

    def read_it() -> Iterator[Metric]:
        newest, at = head(store), relayed(store).position
        yield GaugeMetricFamily("blazz_store_head_position", "Position of the newest fact.", newest)
        yield GaugeMetricFamily(
            "blazz_relay_checkpoint_position", "All up to here is in the log.", at
        )
        yield GaugeMetricFamily(
            "blazz_relay_lag_events", "Facts that are not known to be there.", max(0, newest - at)
        )
        late = age_s(recorded_after(store, at)) if at < newest else 0.0
        yield GaugeMetricFamily("blazz_relay_lag_seconds", "Age of the oldest of them.", late)

    return read_it


def of_inbox(store: Engine) -> Reading:
    """Webhook bodies that are not done."""
    inbox = Inbox(store)

    def read_it() -> Iterator[Metric]:
        counts = inbox.counts()
        bodies = GaugeMetricFamily(
            "blazz_inbox_bodies", "Webhook bodies that are not done.", labels=("state",)
        )
        for state in OPEN:
            bodies.add_metric((state,), counts.get(state, 0))
        yield bodies

    return read_it


def of_queue(read: Engine) -> Reading:
    """Messages that have no outcome yet."""
    per_state = select(send_queue.c.state, func.count()).group_by(send_queue.c.state)

    def read_it() -> Iterator[Metric]:
        with read.connect() as connection:
            counts = {row[0]: int(row[1]) for row in connection.execute(per_state)}
        messages = GaugeMetricFamily(
            "blazz_send_queue_messages", "Messages without an outcome.", labels=("state",)
        )
        for state in sorted({"queued", "sending", "unknown"} | counts.keys()):
            messages.add_metric((state,), counts.get(state, 0))
        yield messages

    return read_it


def of_audiences(read: Engine) -> Reading:
    """Campaigns whose audience is still being turned into messages."""
    c = audience_work.c
    waiting = select(func.count()).where(c.active == 1, c.done == 0)

    def read_it() -> Iterator[Metric]:
        with read.connect() as connection:
            count = connection.scalar(waiting) or 0
        yield GaugeMetricFamily(
            "blazz_audience_campaigns", "Campaigns with an audience yet to be queued.", count
        )

    return read_it


def of_files(read: Engine) -> Reading:
    """Customers' files that are not here."""

    def read_it() -> Iterator[Metric]:
        found = wanted_files(read)
        for name, words, value in (
            ("waiting", "Files to be fetched.", found.waiting),
            ("oldest_waiting_seconds", "Age of the oldest of them.", age_s(found.oldest_at)),
            ("given_up", "Files that are fetched no more unless asked for.", found.given_up),
        ):
            yield GaugeMetricFamily(f"blazz_files_{name}", words, value)

    return read_it
