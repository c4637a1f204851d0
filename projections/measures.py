"""What the sink's process shows of its work: how much of it there was and how long it took."""

from typing import Final

from prometheus_client import Counter, Histogram

from projections.batch import Applied

SECONDS: Final = Histogram(
    "blazz_sink_seconds",
    "Length of the transactions that write to read models",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0),
)
_events = Counter("blazz_sink_events", "Log entries that were new to a read model")
_duplicates = Counter("blazz_sink_duplicates", "Log entries that had been applied before")
_parked = Counter("blazz_sink_parked", "Records set aside, counted for each read model")


def count(done: Applied) -> Applied:
    """What has been applied, once it is committed."""
    _events.inc(done.applied)
    _duplicates.inc(done.repeated)
    _parked.inc(done.parked)
    return done
